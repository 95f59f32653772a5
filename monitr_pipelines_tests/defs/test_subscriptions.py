"""Subscriptions under `monitr up`: who lapses, who comes back, and billing that does not answer."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from common_kit import entity_id, organisation_of, set_organisation
from dagster_kit import Dagster, import_rows
from process_kit import wait_for

from monitr_pipelines.emulators.stripe import Account, Fault
from monitr_pipelines.lifecycle.errors import SubscriptionInactive
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server.database import Connection

DOWN = 10_000
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def one_customer(connection: Connection, billing: Account) -> Iterator[None]:
    """No customers but those of the test; the account answers again afterwards."""
    forget = "update app.organisation set billing_customer = null, subscription_read_at = null"
    connection.execute(f"{forget} where billing_customer is not null")
    yield
    connection.execute(f"{forget} where billing_customer is not null")
    billing.subscriptions.clear()
    billing.faults.clear()


@pytest.fixture
def customer(make_known: Callable[..., str], connection: Connection, billing: Account) -> Callable[..., str]:
    """Makes an entity of a customer in a state that Stripe and the table agree upon."""

    def make(state: str) -> str:
        entity = make_known(subscription=state, provider="tryton")
        name = f"cus_{os.getpid()}_{next(_numbers)}"
        billing.subscriptions.append((name, state))
        set_organisation(connection, entity, f"billing_customer = '{name}', subscription_applied = '{state}'")
        return entity

    return make


def stripe_says(billing: Account, state: str) -> None:
    ((name, _),) = billing.subscriptions
    billing.subscriptions[:] = [(name, state)]


def waits_for_its_tick(connection: Connection, entity: str) -> int:
    """An import of the night that just began, and that someone else is launching."""
    row = connection.execute(
        "insert into app.import (entity_id, trigger, requested_by, priority, tick, launched_at) "
        "values (%s, 'scheduled', 'schedule', -10, now(), now() + interval '1 hour') returning id",
        [entity_id(connection, entity)],
    ).fetchone()
    assert row is not None
    return int(row["id"])


def canceled_with(connection: Connection, import_id: int) -> str | None:
    row = connection.execute(
        "select error_code from app.import where id = %s and outcome = 'canceled'", [import_id]
    ).fetchone()
    return row and row["error_code"]


@pytest.fixture
def said(home: Path, dagster: Dagster) -> Callable[[], str]:
    """What the log says of the looks at billing since the test began."""
    log = home / "reconciler.log"
    before = len(log.read_text())
    return lambda: log.read_text()[before:]


def reactivated(connection: Connection, entity: str) -> list[int]:
    return [row["id"] for row in import_rows(connection, entity) if row["trigger"] == "reactivated"]


def test_who_lapses_loses_what_waits_and_who_comes_back_gets_an_import(
    customer: Callable[..., str], connection: Connection, billing: Account, said: Callable[[], str]
) -> None:
    entity = customer("active")
    waits = waits_for_its_tick(connection, entity)
    wait_for(lambda: organisation_of(connection, entity)["subscription_read_at"], "the first reading")
    assert canceled_with(connection, waits) is None
    stripe_says(billing, "canceled")
    wait_for(lambda: canceled_with(connection, waits) == "subscription_inactive", "the canceled import")
    assert organisation_of(connection, entity)["subscription"] == "canceled"
    with pytest.raises(SubscriptionInactive):
        requests.request(connection, entity, trigger="manual", requested_by="jan")
    assert not reactivated(connection, entity)
    stripe_says(billing, "active")
    wait_for(lambda: reactivated(connection, entity), "the import of who came back")
    assert len(reactivated(connection, entity)) == 1
    wait_for(lambda: "came back" in said(), "the log to say so")
    assert "waiting imports canceled: 1" in said()


def test_billing_that_does_not_answer_holds_for_three_days(
    customer: Callable[..., str], connection: Connection, billing: Account, said: Callable[[], str]
) -> None:
    entity = customer("active")
    wait_for(lambda: organisation_of(connection, entity)["subscription_read_at"], "the first reading")
    billing.faults.extend([Fault(503)] * DOWN)
    set_organisation(connection, entity, "subscription_read_at = now() - interval '1 hour'")
    waits = waits_for_its_tick(connection, entity)

    wait_for(lambda: "cannot be reached" in said(), "the log to say so")
    assert "HTTP 503" in said()
    assert " hold until " in said()
    assert canceled_with(connection, waits) is None
    assert requests.request(connection, entity, trigger="scheduled", requested_by="test") == waits

    set_organisation(connection, entity, "subscription_read_at = now() - interval '4 days'")
    wait_for(lambda: canceled_with(connection, waits) == "subscription_unknown", "the canceled import")
    wait_for(lambda: " held until " in said(), "the log to say so")
    assert organisation_of(connection, entity)["subscription"] == "active"
    with pytest.raises(SubscriptionInactive, match="could not be verified"):
        requests.request(connection, entity, trigger="manual", requested_by="jan")

    billing.faults.clear()
    wait_for(lambda: reactivated(connection, entity), "the import once billing answers")
