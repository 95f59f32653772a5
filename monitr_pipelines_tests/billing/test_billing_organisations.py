"""Organisations from the command line, and the first import of their entities."""

import itertools
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from monitr_pipelines.lifecycle.errors import Refused, SubscriptionInactive
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.registry import entities, organisations, vault
from monitr_pipelines.warehouse.server.database import Connection

_numbers = itertools.count(1)
Monitr = Callable[..., Any]


@pytest.fixture
def organisation(monitr: Monitr) -> str:
    name = f"Kantoor {os.getpid()}-{next(_numbers)}"
    assert monitr("org", "add", name).code == 0
    return name


def listed(monitr: Monitr, name: str) -> dict[str, Any]:
    (found,) = [row for row in monitr("org", "list", "--json").json if row["name"] == name]
    return dict(found)


def import_rows(connection: Connection, key: str) -> list[dict[str, Any]]:
    return connection.execute(
        "select i.* from app.import as i inner join app.entity as e on i.entity_id = e.id where e.key = %s",
        [key],
    ).fetchall()


def test_a_new_organisation_is_in_line_with_its_subscription(
    monitr: Monitr, organisation: str, connection: Connection
) -> None:
    row = listed(monitr, organisation)
    assert row["subscription"] == "active"
    assert row["subscription_read_at"] is None
    applied = connection.execute(
        "select subscription_applied from app.organisation where name = %s", [organisation]
    ).fetchone()
    assert applied == {"subscription_applied": "active"}
    shown = monitr("org", "list").out
    assert organisation in shown


def test_a_changed_subscription_works_at_once_at_the_gate(
    monitr: Monitr, organisation: str, connection: Connection
) -> None:
    key = entities.add_entity(connection, organisation, "file", {"name": "Bakkerij"})
    assert monitr("org", "set", organisation, "--subscription", "past_due").code == 0
    with pytest.raises(SubscriptionInactive, match="past due"):
        requests.request(connection, key, trigger="manual", requested_by="jan")
    assert monitr("org", "set", str(listed(monitr, organisation)["id"]), "--subscription", "active").code == 0
    requests.request(connection, key, trigger="manual", requested_by="jan")


def test_a_state_set_by_hand_counts_as_verified_now(
    monitr: Monitr, organisation: str, connection: Connection
) -> None:
    connection.execute(
        "update app.organisation set subscription_read_at = now() - interval '4 days' where name = %s",
        [organisation],
    )
    key = entities.add_entity(connection, organisation, "file", {"name": "Bakkerij"})
    with pytest.raises(SubscriptionInactive, match="verified"):
        requests.request(connection, key, trigger="manual", requested_by="jan")
    monitr("org", "set", organisation, "--subscription", "active")
    requests.request(connection, key, trigger="manual", requested_by="jan")


def test_customer_and_alerts_are_set_alone_and_cleared_empty(monitr: Monitr, organisation: str) -> None:
    customer = f"cus_{organisation}"
    monitr("org", "set", organisation, "--billing-customer", customer)
    monitr("org", "set", organisation, "--alert-email", "jan@example.com")
    row = listed(monitr, organisation)
    assert (row["billing_customer"], row["alert_email"], row["subscription"]) == (
        customer,
        "jan@example.com",
        "active",
    )
    monitr("org", "set", organisation, "--billing-customer", "", "--alert-email", "")
    row = listed(monitr, organisation)
    assert (row["billing_customer"], row["alert_email"]) == (None, None)


def test_the_secret_of_an_alert_address_is_shown_once_and_kept_encrypted(
    monitr: Monitr, organisation: str, connection: Connection
) -> None:
    def stored() -> bytes | None:
        row = connection.execute("select alert_secret from app.organisation where name = %s", [organisation])
        return (row.fetchone() or {})["alert_secret"]

    said = monitr("org", "set", organisation, "--alert-url", "https://example.com/monitr")
    secret = said.out.strip()
    assert secret.startswith("whsec_")
    kept = stored()
    assert kept is not None
    assert secret.encode() not in kept
    assert vault.decrypt(kept) == secret
    assert secret not in monitr("org", "list", "--json").out
    assert (
        monitr("org", "set", organisation, "--alert-url", "https://example.com/other").out.strip() != secret
    )
    assert monitr("org", "set", organisation, "--alert-url", "").out == ""
    assert stored() is None


@pytest.mark.parametrize(
    "options",
    [
        ["--subscription", "dormant"],
        ["--subscription", ""],
        ["--alert-email", "jan"],
        ["--alert-email", "jan@example.com\nBcc: all@example.com"],
        ["--alert-url", "http://example.com/monitr"],
        ["--alert-url", "example.com"],
        ["--alert-url", "https://[::1"],
        ["--alert-url", "https://example.com:99999/"],
        ["--alert-url", "https://user:pw@example.com/"],
        ["--alert-url", "https://example.com/x y"],
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    monitr: Monitr, organisation: str, options: list[str]
) -> None:
    before = listed(monitr, organisation)
    said = monitr("org", "set", organisation, *options)
    assert (said.code, said.out) == (1, "")
    assert "Traceback" not in said.err
    assert " is not a" in " ".join(said.err.split())
    assert "pw" not in said.err
    assert listed(monitr, organisation) == before


def test_a_customer_belongs_to_one_organisation(monitr: Monitr, organisation: str) -> None:
    other = f"{organisation} other"
    monitr("org", "add", other)
    monitr("org", "set", organisation, "--billing-customer", f"cus_{organisation}")
    said = monitr("org", "set", other, "--billing-customer", f"cus_{organisation}")
    monitr("org", "set", organisation, "--billing-customer", "")
    assert said.code == 1
    assert "another organisation" in said.err


def test_an_unknown_organisation_is_told(monitr: Monitr, home: object) -> None:
    said = monitr("org", "set", "nobody's", "--subscription", "active")
    assert said.code == 1
    assert "There is no organisation" in said.err


def test_an_entity_of_a_connected_provider_gets_its_first_import_with_it(
    connection: Connection, organisation: str
) -> None:
    key = entities.add_entity(connection, organisation, "exact", {"name": "Bakkerij"})
    (row,) = import_rows(connection, key)
    assert (row["trigger"], row["started_at"], row["finished_at"]) == ("first", None, None)
    assert isinstance(row["requested_at"], datetime)


def test_an_entity_of_files_waits_for_its_file(connection: Connection, organisation: str) -> None:
    key = entities.add_entity(connection, organisation, "file", {"name": "Bakkerij"})
    assert not import_rows(connection, key)


def test_an_entity_can_be_added_to_an_organisation_that_does_not_pay(
    connection: Connection, organisation: str
) -> None:
    organisations.change(connection, organisation, {"subscription": "canceled"})
    key = entities.add_entity(connection, organisation, "exact", {"name": "Bakkerij"})
    assert entities.find(connection, key).provider == "exact"
    assert not import_rows(connection, key)


def test_an_entity_that_could_not_be_added_asked_for_nothing(
    connection: Connection, organisation: str
) -> None:
    with pytest.raises(Refused, match="currency"):
        entities.add_entity(connection, organisation, "exact", {"name": "Bakkerij", "currency": "euro"})
    count = "select count(*) as entities from app.entity where organisation_id = %s"
    owner = organisations.find(connection, organisation)
    assert connection.execute(count, [owner]).fetchone() == {"entities": 0}
