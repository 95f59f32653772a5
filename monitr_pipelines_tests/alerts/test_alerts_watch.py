"""Alerts as they are written: one a cause, with their messages or not at all."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from alerts_kit import NOW, Company, killed_child

from monitr_pipelines import alerts
from monitr_pipelines.alerts import watching
from monitr_pipelines.lifecycle.codes import LATE, UNEXPECTED
from monitr_pipelines.warehouse.server import database, turns
from monitr_pipelines.warehouse.server.database import Connection

MakeCompany = Callable[..., Company]
HOUR = timedelta(hours=1)


def test_a_known_cause_is_told_at_once_and_once(connection: Connection, make_company: MakeCompany) -> None:
    company = make_company()
    company.ends("reconnect_needed")
    alerts.watch(connection, NOW)
    company.ends("reconnect_needed", NOW + HOUR)
    alerts.watch(connection, NOW + HOUR)
    alerts.watch(connection, NOW + HOUR)
    assert company.open_causes == ["reconnect_needed"]
    assert company.messages == [("opened", "email", "reconnect_needed")]


def test_an_unforeseen_cause_is_told_after_three_in_a_row(
    connection: Connection, make_company: MakeCompany
) -> None:
    company = make_company()
    for nth in (1, 2):
        company.ends("our_fault", NOW + nth * HOUR)
    alerts.watch(connection, NOW + 2 * HOUR)
    assert company.open_causes == []
    company.ends("worker_lost", NOW + 3 * HOUR)
    alerts.watch(connection, NOW + 3 * HOUR)
    assert company.open_causes == [UNEXPECTED]


def test_the_next_success_closes_it_and_tells_who_may_have_heard(
    connection: Connection, make_company: MakeCompany
) -> None:
    company = make_company()
    company.ends("shrunken")
    alerts.watch(connection, NOW)
    connection.execute("update app.alert_message set attempts = 1, sent_at = now()")
    company.ends(None, NOW + HOUR)
    alerts.watch(connection, NOW + HOUR)
    assert company.open_causes == []
    assert company.messages == [("opened", "email", "shrunken"), ("recovered", "email", "shrunken")]


def test_another_cause_takes_its_place_without_a_recovery(
    connection: Connection, make_company: MakeCompany
) -> None:
    company = make_company()
    company.ends("shrunken")
    alerts.watch(connection, NOW)
    connection.execute("update app.alert_message set attempts = 1, sent_at = now()")
    company.ends("reconnect_needed", NOW + HOUR)
    alerts.watch(connection, NOW + HOUR)
    assert company.open_causes == ["reconnect_needed"]
    assert [kind for kind, _, _ in company.messages] == ["opened", "opened"]


def test_an_import_canceled_by_the_gate_counts_and_one_that_someone_canceled_does_not(
    connection: Connection, make_company: MakeCompany
) -> None:
    lapsed, changed_mind = make_company(), make_company()
    lapsed.ends("subscription_inactive", outcome="canceled")
    for nth in range(4):
        changed_mind.ends(None, NOW + nth * HOUR, outcome="canceled")
    alerts.watch(connection, NOW + 4 * HOUR)
    assert lapsed.open_causes == ["subscription_inactive"]
    assert changed_mind.open_causes == []


def test_an_import_that_waited_and_failed_last_counts_though_later_requests_succeeded_before(
    connection: Connection, make_company: MakeCompany
) -> None:
    company = make_company()
    company.ends("reconnect_needed", NOW + 9 * HOUR)
    for nth in range(watching.LOOKED_AT):
        company.ends(None, NOW + nth * HOUR / 5)
    alerts.watch(connection, NOW + 9 * HOUR)
    assert company.open_causes == ["reconnect_needed"]


def test_a_failure_without_a_code_is_no_success(connection: Connection, make_company: MakeCompany) -> None:
    company = make_company()
    company.ends("shrunken")
    alerts.watch(connection, NOW)
    company.ends(None, NOW + HOUR, outcome="failed")
    alerts.watch(connection, NOW + HOUR)
    assert company.open_causes == ["shrunken"]


def test_many_unforeseen_failures_later_the_known_cause_is_still_open(
    connection: Connection, make_company: MakeCompany
) -> None:
    company = make_company()
    company.ends("reconnect_needed")
    alerts.watch(connection, NOW)
    for nth in range(1, watching.LOOKED_AT + 3):
        company.ends("failed_recently", NOW + nth * HOUR)
    alerts.watch(connection, NOW + 30 * HOUR)
    assert company.open_causes == ["reconnect_needed"]


@pytest.mark.parametrize(
    ("options", "change", "late"),
    [
        ({"provider": "odoo"}, "", True),
        ({"provider": "odoo", "subscription": "trialing"}, "", True),
        ({"provider": "file"}, "", False),
        ({"provider": "odoo", "subscription": "canceled"}, "", False),
        ({"provider": "odoo"}, "update app.entity set status = 'Not found' where id = %(entity)s", False),
        (
            {"provider": "odoo"},
            "update app.integration set state = 'reconnect needed' where organisation_id = %(organisation)s",
            False,
        ),
        (
            {"provider": "odoo"},
            "update app.organisation set subscription_applied = 'canceled' where id = %(organisation)s",
            False,
        ),
        (
            {"provider": "odoo"},
            "insert into app.import (entity_id, trigger, requested_at) select %(entity)s, 'cli', %(lately)s",
            False,
        ),
        (
            {"provider": "odoo"},
            "insert into app.import (entity_id, trigger, requested_at) select %(entity)s, 'cli', %(before)s",
            True,
        ),
        (
            {"provider": "odoo"},
            "update app.entity set figures_at = null, created_at = %(long_ago)s where id = %(entity)s",
            True,
        ),
        (
            {"provider": "odoo"},
            "update app.entity set figures_at = null, created_at = %(lately)s where id = %(entity)s",
            False,
        ),
    ],
)
def test_figures_older_than_26_hours_are_late_where_they_should_come(
    connection: Connection, make_company: MakeCompany, options: dict[str, str], change: str, *, late: bool
) -> None:
    company = make_company(**options)
    company.has_figures_of(NOW - 27 * HOUR)
    if change:
        connection.execute(
            change,
            {
                "entity": company.entity_id,
                "organisation": company.organisation_id,
                "lately": NOW - HOUR / 2,
                "before": NOW - 2 * HOUR,
                "long_ago": NOW - 27 * HOUR,
            },
        )
    alerts.watch(connection, NOW)
    assert company.open_causes == ([LATE] if late else [])


def test_figures_of_25_hours_are_not_late_and_fresh_ones_end_it(
    connection: Connection, make_company: MakeCompany
) -> None:
    company = make_company(provider="odoo")
    company.has_figures_of(NOW)
    alerts.watch(connection, NOW + 25 * HOUR)
    assert company.open_causes == []
    alerts.watch(connection, NOW + 27 * HOUR)
    assert company.open_causes == [LATE]
    connection.execute("update app.alert_message set attempts = 1, sent_at = now()")
    company.ends(None, NOW + 28 * HOUR)
    alerts.watch(connection, NOW + 28 * HOUR)
    assert company.open_causes == []
    assert [kind for kind, _, _ in company.messages] == ["opened", "recovered"]


def test_late_figures_for_which_an_import_was_asked_are_told_as_recovered_once_it_brings_them(
    connection: Connection, make_company: MakeCompany
) -> None:
    company = make_company(provider="odoo")
    company.has_figures_of(NOW)
    alerts.watch(connection, NOW + 27 * HOUR)
    connection.execute("update app.alert_message set attempts = 1, sent_at = now()")
    connection.execute(
        "insert into app.import (entity_id, trigger, requested_at) values (%s, 'scheduled', %s)",
        [company.entity_id, NOW + 28 * HOUR],
    )
    alerts.watch(connection, NOW + 28 * HOUR)
    assert company.open_causes == [LATE]
    company.ends(None, NOW + 28 * HOUR)
    alerts.watch(connection, NOW + 28 * HOUR)
    assert company.open_causes == []
    assert [kind for kind, _, _ in company.messages] == ["opened", "recovered"]


def test_operations_hear_of_what_they_must_act_upon(
    connection: Connection, make_company: MakeCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITR_OPERATIONS_EMAIL", "operations@monitr.example")
    ours, theirs = make_company(email=None), make_company(email=None)
    ours.ends("vault")
    theirs.ends("reconnect_needed")
    alerts.watch(connection, NOW)
    assert ours.messages == [("opened", "email", "vault")]
    assert theirs.messages == []
    assert theirs.open_causes == ["reconnect_needed"]


def test_one_recipient_by_both_ways_hears_once_each(
    connection: Connection,
    make_company: MakeCompany,
    monkeypatch: pytest.MonkeyPatch,
    listens: Callable[[Company], None],
) -> None:
    monkeypatch.setenv("MONITR_OPERATIONS_EMAIL", "books@customer.example")
    company = make_company()
    listens(company)
    company.ends("vault")
    alerts.watch(connection, NOW)
    assert sorted(company.messages) == [("opened", "email", "vault"), ("opened", "hook", "vault")]


def test_two_who_watch_at_once_write_it_once(connection: Connection, make_company: MakeCompany) -> None:
    company = make_company()
    company.ends("shrunken")
    with database.connect(autocommit=True) as other, other.transaction():
        alerts.watch(other, NOW)
        alerts.watch(connection, NOW)
        assert company.open_causes == []
    alerts.watch(connection, NOW)
    assert company.messages == [("opened", "email", "shrunken")]


def test_killed_before_the_commit_writes_nothing_and_the_next_look_all(
    connection: Connection, make_company: MakeCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    company, another = make_company(), make_company()
    company.ends("shrunken")
    another.ends("shrunken")
    write = watching.outbox.open_alert
    written = []

    def die_at_the_second(*given: object, **named: object) -> None:
        write(*given, **named)
        written.append(1)
        if len(written) == 2:
            os._exit(9)

    def work() -> None:
        monkeypatch.setattr(watching.outbox, "open_alert", die_at_the_second)
        with database.connect(autocommit=True) as own:
            alerts.watch(own, NOW)

    assert killed_child(work) == 9
    assert company.open_causes == another.open_causes == []
    with connection.transaction():
        # The session of the dead has the turn until PostgreSQL sees that nobody is there.
        turns.wait(connection, watching.ALERTS_TURN)
    alerts.watch(connection, NOW)
    assert company.messages == another.messages == [("opened", "email", "shrunken")]
