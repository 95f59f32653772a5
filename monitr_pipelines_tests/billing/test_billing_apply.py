"""What a subscription does to the imports of its organisation."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from common_kit import organisation_of

from monitr_pipelines.billing.apply import apply_changes, hold_states, read_states
from monitr_pipelines.billing.choose import TableBilling
from monitr_pipelines.billing.contract import BillingUnreachable
from monitr_pipelines.lifecycle.errors import SubscriptionInactive
from monitr_pipelines.warehouse.queue import heartbeat, outcome, requests
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server.database import Connection

NOW = datetime.now(UTC)


class Told:
    """A billing system that says what a test wants; without states it does not answer."""

    def __init__(self, states: Mapping[str, str] | None) -> None:
        self.told = states

    def states(self, known: Mapping[str, str], *, now: datetime) -> Mapping[str, str]:
        if self.told is None:
            raise BillingUnreachable("it is down")
        return self.told


def add_to(connection: Connection, entity: str, name: str, **changed: str) -> str:
    """Another entity of the same organisation, with its own integration."""
    values = {"status": "Active", "state": "connected"} | changed
    row = connection.execute(
        """
        with integration as (
            insert into app.integration (organisation_id, provider, state)
            select organisation_id, 'tryton', %(state)s from app.entity where key = %(entity)s
            returning id, organisation_id
        )
        insert into app.entity (key, organisation_id, integration_id, name, status)
        select %(key)s, organisation_id, id, 'Test company', %(status)s from integration returning key
        """,
        {"entity": entity, "key": f"{entity}-{name}"} | values,
    ).fetchone()
    assert row is not None
    return str(row["key"])


def ask(connection: Connection, entity: str, trigger: str = "manual", **options: Any) -> int:  # noqa: ANN401
    return requests.request(connection, entity, trigger=trigger, requested_by="test", **options)


def import_row(connection: Connection, import_id: int) -> dict[str, Any]:
    row = connection.execute("select * from app.import where id = %s", [import_id]).fetchone()
    assert row is not None
    return row


def waiting(connection: Connection, entity: str) -> list[dict[str, Any]]:
    return connection.execute(
        "select i.* from app.import as i inner join app.entity as e on i.entity_id = e.id "
        "where e.key = %s and i.started_at is null and i.finished_at is null",
        [entity],
    ).fetchall()


def set_state(connection: Connection, entity: str, state: str) -> None:
    connection.execute(
        "update app.organisation set subscription = %s "
        "where id = (select organisation_id from app.entity where key = %s)",
        [state, entity],
    )


@pytest.fixture(autouse=True)
def in_line(connection: Connection) -> None:
    """Organisations of other tests are no concern of these."""
    connection.execute("update app.organisation set subscription_applied = subscription")


def test_what_billing_says_is_kept_with_the_moment(
    connection: Connection, make_customer: Callable[..., tuple[str, str]], make_entity: Callable[..., str]
) -> None:
    entity, customer = make_customer()
    of_the_table = make_entity(subscription="trialing")
    read_states(connection, Told({customer: "past_due"}), now=NOW)
    row = organisation_of(connection, entity)
    assert (row["subscription"], row["subscription_read_at"]) == ("past_due", NOW)
    row = organisation_of(connection, of_the_table)
    assert (row["subscription"], row["subscription_read_at"]) == ("trialing", None)
    assert hold_states(connection, now=NOW + timedelta(hours=1)) == NOW


def test_the_table_needs_no_verification(
    connection: Connection, make_customer: Callable[..., tuple[str, str]]
) -> None:
    entity, customer = make_customer()
    read_states(connection, Told({customer: "active"}), now=NOW - timedelta(days=30))
    with pytest.raises(SubscriptionInactive, match="could not be verified"):
        ask(connection, entity)
    read_states(connection, TableBilling(), now=NOW)
    assert organisation_of(connection, entity)["subscription_read_at"] is None
    ask(connection, entity)


def test_who_lapses_keeps_the_started_import_and_loses_the_waiting_one(
    connection: Connection,
    make_customer: Callable[..., tuple[str, str]],
    make_claim: Callable[..., Claim],
    make_entity: Callable[..., str],
) -> None:
    entity, customer = make_customer()
    other = make_entity()
    elsewhere = ask(connection, other)
    started = make_claim(entity)
    second = add_to(connection, entity, "second")
    waits = ask(connection, second)
    read_states(connection, Told({customer: "canceled"}), now=NOW)
    changes = apply_changes(connection, now=NOW)
    assert changes.canceled == 1
    canceled = import_row(connection, waits)
    assert (canceled["outcome"], canceled["error_code"]) == ("canceled", "subscription_inactive")
    with pytest.raises(SubscriptionInactive) as refused:
        ask(connection, second)
    assert canceled["error_message"] == refused.value.message
    assert import_row(connection, elsewhere)["finished_at"] is None
    assert heartbeat.renew(connection, started)
    assert outcome.finish(connection, started, None)
    assert str(apply_changes(connection, now=NOW)) == "no subscription changed"


def test_a_scheduled_import_that_waits_is_canceled_too(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(provider="tryton")
    set_applied = (
        "update app.organisation set subscription_applied = 'active' where subscription_applied is null"
    )
    connection.execute(set_applied)
    waits = ask(connection, entity, "scheduled")
    set_state(connection, entity, "unpaid")
    assert apply_changes(connection, now=NOW).canceled == 1
    assert import_row(connection, waits)["outcome"] == "canceled"


def test_who_comes_back_gets_an_import_of_each_entity_that_can(
    connection: Connection, make_customer: Callable[..., tuple[str, str]]
) -> None:
    entity, customer = make_customer("canceled")
    second = add_to(connection, entity, "second")
    deleted = add_to(connection, entity, "deleted", status="Deleted")
    broken = add_to(connection, entity, "broken", state="reconnect needed")
    read_states(connection, Told({customer: "active"}), now=NOW)
    changes = apply_changes(connection, now=NOW)
    assert (changes.requested, len(changes.came_back), changes.lapsed) == (2, 1, [])
    for key in (entity, second):
        (row,) = waiting(connection, key)
        assert (row["trigger"], row["requested_by"]) == ("reactivated", "billing")
    assert not waiting(connection, deleted)
    assert not waiting(connection, broken)
    assert apply_changes(connection, now=NOW).requested == 0
    assert len(waiting(connection, entity)) == 1


def test_from_one_paying_state_to_another_nothing_happens(
    connection: Connection, make_customer: Callable[..., tuple[str, str]]
) -> None:
    entity, customer = make_customer("trialing")
    waits = ask(connection, entity)
    read_states(connection, Told({customer: "active"}), now=NOW)
    changes = apply_changes(connection, now=NOW)
    assert (changes.canceled, changes.requested) == (0, 0)
    assert import_row(connection, waits)["finished_at"] is None
    assert organisation_of(connection, entity)["subscription_applied"] == "active"


def test_an_organisation_never_seen_before_did_not_come_back(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity()
    changes = apply_changes(connection, now=NOW)
    assert (changes.requested, changes.came_back) == (0, [])
    assert organisation_of(connection, entity)["subscription_applied"] == "active"


@pytest.mark.parametrize(
    ("age", "holds"),
    [(timedelta(hours=1), True), (timedelta(hours=71, minutes=59), True), (timedelta(days=4), False)],
)
def test_unreachable_billing_holds_for_72_hours(
    connection: Connection,
    make_customer: Callable[..., tuple[str, str]],
    age: timedelta,
    holds: bool,  # noqa: FBT001
) -> None:
    entity, customer = make_customer()
    read_states(connection, Told({customer: "active"}), now=NOW - age)
    apply_changes(connection, now=NOW - age)
    waits = ask(connection, entity, now=NOW - age)
    with pytest.raises(BillingUnreachable):
        read_states(connection, Told(None), now=NOW)
    assert hold_states(connection, now=NOW) == NOW - age
    apply_changes(connection, now=NOW)
    row = organisation_of(connection, entity)
    assert (row["subscription"], row["subscription_read_at"]) == ("active", NOW - age)
    if holds:
        assert import_row(connection, waits)["finished_at"] is None
        assert ask(connection, entity, now=NOW) == waits
        return
    assert import_row(connection, waits)["error_code"] == "subscription_unknown"
    with pytest.raises(SubscriptionInactive) as refused:
        ask(connection, entity, now=NOW)
    assert refused.value.code == "subscription_unknown"
    read_states(connection, Told({customer: "active"}), now=NOW)
    assert apply_changes(connection, now=NOW).requested == 1
    assert [row["trigger"] for row in waiting(connection, entity)] == ["reactivated"]


def test_a_state_that_could_never_be_verified_does_not_hold_for_ever(
    connection: Connection, make_customer: Callable[..., tuple[str, str]]
) -> None:
    entity, _ = make_customer()
    assert hold_states(connection, now=NOW) == NOW
    assert hold_states(connection, now=NOW + timedelta(days=1)) == NOW
    ask(connection, entity, now=NOW + timedelta(days=2))
    with pytest.raises(SubscriptionInactive):
        ask(connection, entity, now=NOW + timedelta(days=4))


def test_a_change_that_cannot_be_finished_leaves_nothing_of_it(
    connection: Connection, make_customer: Callable[..., tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    entity, customer = make_customer("canceled")
    add_to(connection, entity, "second")
    read_states(connection, Told({customer: "active"}), now=NOW)
    ask_for, asked = requests.request, []

    def fails_at_the_second(*arguments: Any, **options: Any) -> int:  # noqa: ANN401
        if asked:
            raise RuntimeError("the worker was killed")
        asked.append(ask_for(*arguments, **options))
        return asked[0]

    monkeypatch.setattr(requests, "request", fails_at_the_second)
    with pytest.raises(RuntimeError):
        apply_changes(connection, now=NOW)
    monkeypatch.undo()
    assert not waiting(connection, entity)
    assert apply_changes(connection, now=NOW).requested == 2
