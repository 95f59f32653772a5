"""The gate is one function, and statements that decide about many at once repeat it: here they agree.

Every combination of facts is an entity, in a transaction that is taken back: what a test changes behind it,
all of them when the last one has ended.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, product
from typing import Any

import pytest

from monitr_pipelines.alerts.watching import GLANCED_AT, LOOKED_AT
from monitr_pipelines.billing.apply import apply_changes
from monitr_pipelines.lifecycle.eligibility import BILLING_HOLDS, PAYING, Facts, Missing, refusal
from monitr_pipelines.warehouse.queue import nightly
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)
READ_AT = (None, NOW, NOW - BILLING_HOLDS, NOW - BILLING_HOLDS - MOMENT)
FAILED_AT = (None, NOW - HOUR / 2, NOW - 48 * HOUR)
LEASES = (None, NOW - HOUR, NOW + HOUR)
CONNECTED = "an accounting software"
IMPORTABLE = ("file", CONNECTED)
# What an entity is imported from, the states of its ledger files in their order, and what is missing.
SOURCES = (
    (CONNECTED, "", None),
    ("abacus", "", Missing.CONNECTOR),
    ("file", "", Missing.FILE),
    ("file", "waiting", None),
    ("file", "applied", None),
    ("file", "draft", Missing.FILE),
    ("file", "refused", Missing.FILE),
    ("file", "applied refused", Missing.FILE),
    ("file", "refused applied", None),
    ("file", "applied refused waiting", None),
)

POPULATE = """
with cases as (
    select * from unnest(
        %(keys)s::text[], %(statuses)s::text[], %(subscriptions)s::text[], %(read_at)s::timestamptz[],
        %(connections)s::text[], %(leases)s::timestamptz[], %(waiting)s::boolean[],
        %(failed_at)s::timestamptz[], %(providers)s::text[], %(files)s::text[]
    ) as cases (
        key, status, subscription, read_at, connection, lease_until, waiting, failed_at, provider, files
    )
),

organisations as (
    insert into app.organisation (name, subscription, subscription_read_at)
    select distinct concat_ws(' ', 'gate', subscription, read_at), subscription, read_at from cases
    returning id, subscription, subscription_read_at
),

integrations as (
    insert into app.integration (organisation_id, provider, state)
    select organisations.id, states.provider, states.connection
    from organisations cross join (select distinct provider, connection from cases) as states
    returning id, organisation_id, provider, state
),

entities as (
    insert into app.entity (key, organisation_id, integration_id, name, status)
    select cases.key, organisations.id, integrations.id, cases.key, cases.status
    from cases
    inner join organisations
        on cases.subscription = organisations.subscription
        and cases.read_at is not distinct from organisations.subscription_read_at
    inner join integrations
        on organisations.id = integrations.organisation_id
        and cases.provider = integrations.provider
        and cases.connection = integrations.state
    returning id, key
),

files as (
    select entities.id as entity_id, states.state, states.place
    from cases
    inner join entities using (key)
    cross join lateral string_to_table(nullif(files, ''), ' ') with ordinality as states (state, place)
),

imports_of_files as (
    insert into app.import
        (entity_id, trigger, requested_at, finished_at, outcome, run_id, marts_committed_at)
    select entity_id, 'file', now() - interval '1 day', now() - interval '1 day', 'canceled',
        concat_ws(' ', 'file', entity_id, place), now() - interval '1 day'
    from files
    where state in ('applied', 'refused')
    order by entity_id, place
    returning id, run_id
),

uploads as (
    insert into app.upload (
        entity_id, file_name, content_hash, size_bytes, mode, settings, state, import_id, applied_number,
        settled_at
    )
    select files.entity_id, 'books.csv', repeat('0', 64), 0, 'append', '{}', files.state, imports_of_files.id,
        case when files.state = 'applied' then files.place end, now() - interval '1 day'
    from files
    left join imports_of_files
        on imports_of_files.run_id = concat_ws(' ', 'file', files.entity_id, files.place)
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

# What came in is in the figures.
PUBLISH = """
update app.entity
set figures_import_id = uploads.import_id
from app.upload as uploads
where uploads.entity_id = entity.id and uploads.state = 'applied' and entity.key = any(%(keys)s)
"""


@dataclass(frozen=True)
class Case:
    """An entity: the facts that the gate looks at, and what they are recorded as."""

    facts: Facts
    lease: datetime | None
    waiting: bool
    provider: str
    files: str

    def refused(self) -> str | None:
        """The gate's code once what runs now has ended, which is when an import that waits may start."""
        problem = refusal(replace(self.facts, running=False), trigger="scheduled", now=NOW)
        return problem and problem.code

    def held_back(self) -> str | None:
        """The gate's code where there is something to import from."""
        return replace(self, facts=replace(self.facts, missing=None)).refused()


Cases = Mapping[str, Case]


def allowed(connection: Connection, column: str) -> list[str]:
    """The values that the database lets a column have."""
    row = connection.execute(
        "select pg_get_constraintdef(oid) as rule from pg_constraint where conname = %s", [f"{column}_check"]
    ).fetchone()
    assert row is not None
    return re.findall(r"'([^']+)'::text", row["rule"])


@pytest.fixture(scope="module")
def populated(home: object) -> Iterator[tuple[Connection, Cases]]:
    """Thousands of entities; they take longer to make than whatever a test asks about them."""
    with database.connect() as opened, opened.transaction(force_rollback=True):
        cases = every_case(opened)
        opened.execute(POPULATE, columns_of(cases))
        opened.execute(PUBLISH, {"keys": list(cases)})
        yield opened, cases


@pytest.fixture
def connection(populated: tuple[Connection, Cases]) -> Iterator[Connection]:
    opened, _ = populated
    with opened.transaction(force_rollback=True):
        yield opened


@pytest.fixture
def cases(populated: tuple[Connection, Cases]) -> Cases:
    return populated[1]


def every_case(connection: Connection) -> Cases:
    combinations = product(
        allowed(connection, "entity_status"),
        allowed(connection, "organisation_subscription"),
        allowed(connection, "integration_state"),
        READ_AT,
        FAILED_AT,
        LEASES,
        (False, True),
        SOURCES[:1],
    )
    sources = product(
        ("Active", "Deleted"),
        ("active", "canceled"),
        allowed(connection, "integration_state"),
        READ_AT[:1],
        FAILED_AT[:2],
        LEASES,
        (False, True),
        SOURCES,
    )
    made = {
        f"gate-{number}": Case(
            Facts(status, subscription, state, bool(lease and lease > NOW), read_at, failed_at, missing),
            lease,
            waiting,
            provider,
            files,
        )
        for number, (
            status,
            subscription,
            state,
            read_at,
            failed_at,
            lease,
            waiting,
            (provider, files, missing),
        ) in enumerate(chain(combinations, sources))
    }
    assert len(made) >= 3 * 8 * 2 * 4 * 3 * 3 * 2
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
        "providers": [case.provider for case in cases.values()],
        "files": [case.files for case in cases.values()],
    }


def facts_of(recorded: Mapping[str, Any]) -> Facts:
    return Facts(**{each.name: recorded[each.name] for each in fields(Facts)})


def code_of(reason: str, facts: Facts) -> str | None:
    """The gate's code for what the schedule tells of an entity that it skips."""
    return {
        f"subscription {facts.subscription.replace('_', ' ')}": "subscription_inactive",
        "subscription not verified": "subscription_unknown",
        "entity not found": "entity_gone",
        "entity not importing": "not_importing",
        "reconnect needed": "reconnect_needed",
        "removed": "connection_removed",
        "no connector": "no_connector",
        "no ledger file": "no_ledger_file",
        "asked for already": None,
    }[reason]


def test_the_schedule_asks_for_those_whom_the_gate_lets_through(connection: Connection, cases: Cases) -> None:
    """An import that it asks for waits for the one that runs; an entity that waits keeps its own."""
    night = nightly.write_night(connection, NOW, now=NOW, importable=IMPORTABLE)
    assert night is not None
    rows = connection.execute(
        "select key from app.import inner join app.entity on entity.id = entity_id where tick = %s", [NOW]
    ).fetchall()
    asked_for = {row["key"] for row in rows}
    assert asked_for == set(night.due)
    for key, case in cases.items():
        assert (key in asked_for) == (case.refused() is None and not case.waiting), case


def test_the_schedule_tells_why_as_the_gate_does(connection: Connection, cases: Cases) -> None:
    parameters = nightly.judged_by(NOW, now=NOW, importable=IMPORTABLE)
    rows = database.run(connection, "queue/night", **parameters).fetchall()
    skipped = {row["key"]: row["reason"] for row in rows if row["reason"] is not None}
    for key in skipped.keys() & cases.keys():
        assert code_of(skipped[key], cases[key].facts) == cases[key].refused(), cases[key]


def test_the_gate_is_asked_about_the_facts_that_are_recorded(connection: Connection, cases: Cases) -> None:
    ids = connection.execute("select id, key from app.entity where key = any(%s)", [list(cases)]).fetchall()
    for row in ids:
        recorded = database.run(connection, "queue/entity_facts", entity_id=row["id"]).fetchone()
        assert recorded is not None
        facts = cases[row["key"]].facts
        # Whether there is a connector is not recorded: who asks without one is told so by the import.
        known = replace(facts, missing=None) if facts.missing is Missing.CONNECTOR else facts
        assert facts_of(recorded) == known


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
        case = cases[row["key"]]
        by_itself = case.provider != "file"
        assert (row["id"] in late) == (by_itself and case.held_back() is None), case
