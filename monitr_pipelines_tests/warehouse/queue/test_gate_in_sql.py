"""The gate is one function, and statements that decide about many at once repeat it: here they agree.

Every combination of facts is an entity, in a transaction that is taken back.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from monitr_pipelines.alerts.watching import GLANCED_AT, LOOKED_AT
from monitr_pipelines.billing.apply import apply_changes
from monitr_pipelines.lifecycle.eligibility import BILLING_HOLDS, PAYING, Facts, refusal
from monitr_pipelines.warehouse.queue import nightly
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)
READ_AT = (None, NOW, NOW - BILLING_HOLDS, NOW - BILLING_HOLDS - MOMENT)
FAILED_AT = (None, NOW - HOUR / 2, NOW - 48 * HOUR)
LEASES = (None, NOW - HOUR, NOW + HOUR)

POPULATE = """
with cases as (
    select * from unnest(
        %(keys)s::text[], %(statuses)s::text[], %(subscriptions)s::text[], %(read_at)s::timestamptz[],
        %(connections)s::text[], %(leases)s::timestamptz[], %(waiting)s::boolean[],
        %(failed_at)s::timestamptz[]
    ) as cases (key, status, subscription, read_at, connection, lease_until, waiting, failed_at)
),

organisations as (
    insert into app.organisation (name, subscription, subscription_read_at)
    select distinct concat_ws(' ', 'gate', subscription, read_at), subscription, read_at from cases
    returning id, subscription, subscription_read_at
),

integrations as (
    insert into app.integration (organisation_id, provider, state)
    select organisations.id, 'an accounting software', states.connection
    from organisations cross join (select distinct connection from cases) as states
    returning id, organisation_id, state
),

entities as (
    insert into app.entity (key, organisation_id, integration_id, name, status)
    select cases.key, organisations.id, integrations.id, cases.key, cases.status
    from cases
    inner join organisations
        on cases.subscription = organisations.subscription
        and cases.read_at is not distinct from organisations.subscription_read_at
    inner join integrations
        on organisations.id = integrations.organisation_id and cases.connection = integrations.state
    returning id, key
)

insert into app.import (entity_id, trigger, run_id, started_at, lease_until, finished_at, outcome)
select entities.id, 'cli', imports.run_id, started_at, imports.lease_until, finished_at, outcome
from cases
inner join entities using (key)
cross join lateral (
    values
    (lease_until is not null, 'runs ' || key, lease_until, lease_until, null::timestamptz, null),
    (failed_at is not null, 'failed ' || key, failed_at, now() + interval '1 hour', failed_at, 'failed'),
    (true, null, null, null, now() - interval '1 hour', 'canceled'),
    (waiting, null, null, null, null, null)
) as imports (recorded, run_id, started_at, lease_until, finished_at, outcome)
where imports.recorded
"""


@dataclass(frozen=True)
class Case:
    """An entity: the facts that the gate looks at, and what they are recorded as."""

    facts: Facts
    lease: datetime | None
    waiting: bool

    def refused(self) -> str | None:
        """The gate's code once what runs now has ended, which is when an import that waits may start."""
        problem = refusal(replace(self.facts, running=False), trigger="scheduled", now=NOW)
        return problem and problem.code


Cases = Mapping[str, Case]


def allowed(connection: Connection, column: str) -> list[str]:
    """The values that the database lets a column have."""
    row = connection.execute(
        "select pg_get_constraintdef(oid) as rule from pg_constraint where conname = %s", [f"{column}_check"]
    ).fetchone()
    assert row is not None
    return re.findall(r"'([^']+)'::text", row["rule"])


@pytest.fixture
def connection(home: object) -> Iterator[Connection]:
    with database.connect() as opened, opened.transaction(force_rollback=True):
        yield opened


@pytest.fixture
def cases(connection: Connection) -> Cases:
    combinations = product(
        allowed(connection, "entity_status"),
        allowed(connection, "organisation_subscription"),
        allowed(connection, "integration_state"),
        READ_AT,
        FAILED_AT,
        LEASES,
        (False, True),
    )
    made = {
        f"gate-{number}": Case(
            Facts(status, subscription, state, bool(lease and lease > NOW), read_at, failed_at),
            lease,
            waiting,
        )
        for number, (status, subscription, state, read_at, failed_at, lease, waiting) in enumerate(
            combinations
        )
    }
    assert len(made) >= 3 * 8 * 2 * 4 * 3 * 3 * 2
    connection.execute(POPULATE, columns_of(made))
    return made


def columns_of(cases: Cases) -> dict[str, object]:
    facts = [case.facts for case in cases.values()]
    return {
        "keys": list(cases),
        "statuses": [each.status for each in facts],
        "subscriptions": [each.subscription for each in facts],
        "read_at": [each.subscription_read_at for each in facts],
        "connections": [each.connection for each in facts],
        "failed_at": [each.failed_at for each in facts],
        "leases": [case.lease for case in cases.values()],
        "waiting": [case.waiting for case in cases.values()],
    }


def facts_of(recorded: Mapping[str, Any]) -> Facts:
    return Facts(**{each.name: recorded[each.name] for each in fields(Facts)})


def code_of(reason: str, facts: Facts) -> str | None:
    """The gate's code for what the schedule tells of an entity that it skips."""
    return {
        f"subscription {facts.subscription.replace('_', ' ')}": "subscription_inactive",
        "subscription not verified": "subscription_unknown",
        f"entity {facts.status.lower()}": "entity_gone",
        facts.connection: "reconnect_needed",
        "waiting already": None,
    }[reason]


def test_the_schedule_asks_for_those_whom_the_gate_lets_through(connection: Connection, cases: Cases) -> None:
    """An import that it asks for waits for the one that runs; an entity that waits keeps its own."""
    asked_for = nightly.write_tick(connection, NOW, now=NOW).due
    for key, case in cases.items():
        assert (key in asked_for) == (case.refused() is None and not case.waiting), case


def test_the_schedule_tells_why_as_the_gate_does(connection: Connection, cases: Cases) -> None:
    rows = database.run(
        connection,
        "queue/schedule_tick",
        tick=NOW,
        paying=sorted(PAYING),
        verified_since=NOW - BILLING_HOLDS,
        priority=0,
    ).fetchall()
    skipped = {row["key"]: row["reason"] for row in rows if row["import_id"] is None}
    for key in skipped.keys() & cases.keys():
        assert code_of(skipped[key], cases[key].facts) == cases[key].refused(), cases[key]


def test_the_gate_is_asked_about_the_facts_that_are_recorded(connection: Connection, cases: Cases) -> None:
    ids = connection.execute("select id, key from app.entity where key = any(%s)", [list(cases)]).fetchall()
    for row in ids:
        recorded = database.run(connection, "queue/entity_facts", entity_id=row["id"]).fetchone()
        assert recorded is not None
        assert facts_of(recorded) == cases[row["key"]].facts


def test_billing_takes_back_what_waits_for_those_whom_the_gate_stops_for_it(
    connection: Connection, cases: Cases
) -> None:
    connection.execute(
        "update app.organisation set subscription_applied = subscription where name !~ '^gate'"
    )
    apply_changes(connection, now=NOW)
    rows = connection.execute(
        """
        select entities.key, organisations.subscription_applied as applied, canceled.error_code
        from app.entity as entities
        inner join app.organisation as organisations on entities.organisation_id = organisations.id
        left join app.import as canceled
            on entities.id = canceled.entity_id and canceled.error_code is not null
        where entities.key = any(%s)
        """,
        [list(cases)],
    ).fetchall()
    assert len(rows) == len(cases)
    for row in rows:
        case = cases[row["key"]]
        refused = case.refused()
        unpaid = refused if refused and refused.startswith("subscription_") else None
        assert row["error_code"] == (unpaid if case.waiting else None), case
        unknown = refused == "subscription_unknown"
        assert row["applied"] == ("unknown" if unknown else case.facts.subscription), case


def test_figures_are_late_where_the_gate_would_let_them_be_younger(
    connection: Connection, cases: Cases
) -> None:
    connection.execute(
        "update app.organisation set subscription_applied = subscription where name !~ '^gate'"
    )
    apply_changes(connection, now=NOW)
    long_ago = {"fresh_after": NOW + HOUR, "asked_after": NOW + HOUR, "paying": sorted(PAYING)}
    rows = database.run(
        connection, "alerts/situations", **long_ago, looked_at=LOOKED_AT, glanced_at=GLANCED_AT
    )
    ids = connection.execute("select id, key from app.entity where key = any(%s)", [list(cases)]).fetchall()
    late = {row["entity_id"] for row in rows.fetchall() if row["late"]}
    for row in ids:
        assert (row["id"] in late) == (cases[row["key"]].refused() is None), cases[row["key"]]
