"""Old imports that say no more than the one before them are deleted; nothing that is asked changes by it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb
from warehouse_kit import booking, id_of, load, often, whole

from monitr_pipelines.warehouse.queue import history
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

NOW = datetime.now(UTC)
BEFORE = NOW - timedelta(days=90)
BRUSSELS = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True)
class End:
    """An import as it ended, so many hours after the one before it."""

    hours: int
    trigger: str
    outcome: str
    code: str | None
    cures: bool
    fetched: bool
    new: int


ends = st.builds(
    End,
    hours=st.sampled_from([1, 5, 19, 24, 24 * 30]),
    trigger=st.sampled_from(["scheduled", "scheduled", "scheduled", "hook", "manual"]),
    outcome=st.sampled_from(["succeeded", "succeeded", "failed", "canceled"]),
    code=st.just(None),
    cures=st.sampled_from([True, True, True, False]),
    fetched=st.booleans(),
    new=st.sampled_from([0, 0, 0, 2]),
).map(lambda end: end if end.outcome == "succeeded" else replace(end, code="x"))


def write(connection: Connection, entity: int, told: list[End]) -> list[int]:
    """The imports of a history whose last one ended a hundred days ago."""
    moment = NOW - timedelta(days=100) - timedelta(hours=sum(end.hours for end in told))
    written = []
    for number, end in enumerate(told):
        moment += timedelta(hours=end.hours)
        row = connection.execute(
            """
            insert into app.import (
                entity_id, trigger, requested_by, run_id, started_at, lease_until, finished_at, outcome,
                error_code, cures, raw_committed_at, counts
            )
            values (%s, %s, 'jan', %s, %s, %s, %s, %s, %s, %s, %s, %s) returning id
            """,
            [
                entity,
                end.trigger,
                f"{entity} {number} {NOW.timestamp()}",
                moment,
                moment,
                moment,
                end.outcome,
                end.code,
                end.cures,
                moment if end.fetched else None,
                Jsonb({"fetched": 9, "new": end.new, "changed": 0, "deleted": 0}),
            ],
        ).fetchone()
        assert row is not None
        written.append(int(row["id"]))
    return written


def expected(rows: list[dict[str, Any]], latest: int) -> list[int]:
    """The ids that stay, told from all rows of a history at once."""
    stays = set()
    books_at = max((row["raw_committed_at"] for row in rows if row["raw_committed_at"]), default=None)
    for earlier, row in pairwise([None, *rows]):
        assert row is not None
        same = earlier is not None and all(
            row[name] == earlier[name] for name in ("outcome", "error_code", "cures")
        )
        alike = [each for each in rows if (each["outcome"], each["cures"]) == (row["outcome"], row["cures"])]
        day = [each for each in rows if day_of(each) == day_of(row)]
        if (
            not same
            or row["trigger"] not in ("scheduled", "hook")
            or row is day[-1]
            or row in alike[-latest:]
            or (row["raw_committed_at"] and row["counts"]["new"])
            or (books_at is not None and row["raw_committed_at"] == books_at)
        ):
            stays.add(row["id"])
    return [row["id"] for row in rows if row["id"] in stays]


def day_of(row: dict[str, Any]) -> Any:  # noqa: ANN401 - a day
    return row["finished_at"].astimezone(BRUSSELS).date()


def rows_of(connection: Connection, entity: int) -> list[dict[str, Any]]:
    return connection.execute(
        "select * from app.import where entity_id = %s order by finished_at, id", [entity]
    ).fetchall()


def facts(connection: Connection, entity: int) -> dict[str, Any]:
    """What gate, card, alerts and reports know of the history."""
    row = connection.execute(
        """
        select
            (select to_jsonb(last_end) from app.last_end(%(id)s) as last_end) as last_end,
            (select to_jsonb(listed) from app.listing as listed where entity_id = %(id)s) as listed,
            (select max(raw_committed_at) from app.import where entity_id = %(id)s) as lines_at,
            (
                select min(finished_at) from app.import
                where entity_id = %(id)s and outcome = 'succeeded'
            ) as first,
            (
                select array_agg((outcome, error_code) order by finished_at) from (
                    select outcome, error_code, finished_at from app.counted_end
                    where entity_id = %(id)s order by finished_at desc limit 3
                ) as latest
            ) as glanced
        """,
        {"id": entity},
    ).fetchone()
    assert row is not None
    return row


def thin(connection: Connection, entity: int) -> int:
    deleted, _ = history.thin(connection, before=BEFORE, after=entity - 1)
    return deleted


@often(40)
@given(told=st.lists(ends, min_size=1, max_size=30), most=st.integers(1, 8))
def test_what_says_no_more_than_the_one_before_goes(
    home: object, make_entity_once: Callable[[], int], told: list[End], most: int
) -> None:
    with (
        pytest.MonkeyPatch.context() as patched,
        database.connect(autocommit=True) as connection,
        connection.transaction(force_rollback=True),
    ):
        patched.setattr(history, "LATEST", 3)
        patched.setattr(history, "DELETED_A_LOOK", most)
        entity = make_entity_once()
        write(connection, entity, told)
        rows, known = rows_of(connection, entity), facts(connection, entity)
        looks = 0
        while thin(connection, entity):
            assert facts(connection, entity) == known
            looks += 1
            assert looks <= len(told)
        left = rows_of(connection, entity)
        assert [row["id"] for row in left] == expected(rows, 3)
        assert left == [row for row in rows if row in left], "what stays is as it was"


@pytest.fixture
def make_entity_once(connection: Connection, make_entity: Callable[..., str]) -> Callable[[], int]:
    """The one entity of a test of many examples."""
    entity = id_of(connection, make_entity())
    return lambda: entity


NIGHTS = [
    End(hours, "scheduled", "succeeded", None, cures=True, fetched=True, new=0) for hours in (5, 19) * 40
]


def test_young_imports_and_the_latest_stay(connection: Connection, make_entity: Callable[..., str]) -> None:
    entity = id_of(connection, make_entity())
    written = write(connection, entity, NIGHTS)
    deleted, _ = history.thin(connection, before=NOW - timedelta(days=1_000), after=entity - 1)
    assert deleted == 0
    assert thin(connection, entity) > 0
    assert thin(connection, entity) == 0
    left = [row["id"] for row in rows_of(connection, entity)]
    assert left[-history.LATEST :] == written[-history.LATEST :]
    assert left[0] == written[0]


def test_whatever_a_row_refers_to_stays(connection: Connection, make_entity: Callable[..., str]) -> None:
    """Every foreign key to an import is asked for: one that were not would fail the statement."""
    key = make_entity()
    entity = id_of(connection, key)
    written = write(connection, entity, NIGHTS)
    names = connection.execute(
        """
        select keys.conrelid::regclass::text as name, columns.attname as reference
        from pg_constraint as keys
        inner join pg_attribute as columns
            on keys.conrelid = columns.attrelid and keys.conkey[1] = columns.attnum
        where keys.confrelid = 'app.import'::regclass and keys.contype = 'f'
        """
    ).fetchall()
    statement = database.statement("queue/thin_history.sql")
    asked = {(row["name"], row["reference"]) for row in names} - {("app.finding", "import_id")}
    for table, reference in asked:
        assert f".{reference} = ends.id" in statement, table
    spare = [each for each in written[2:20] if each not in spared(connection, entity)][:4]
    assert len(spare) == 4
    connection.execute(
        "insert into app.cursor (entity_id, dataset, cursor, import_id) values (%s, 'x', '{}', %s)",
        [entity, spare[0]],
    )
    connection.execute(
        "insert into app.accepted_imbalance (entity_id, scope, amount, import_id) values (%s, 'x', 1, %s)",
        [entity, spare[1]],
    )
    connection.execute(
        """
        insert into app.alert (organisation_id, entity_id, cause, message, import_id)
        select organisation_id, id, 'x', 'x', %s from app.entity where id = %s
        """,
        [spare[2], entity],
    )
    connection.execute("update app.entity set figures_import_id = %s where id = %s", [spare[3], entity])
    connection.execute(
        "insert into app.finding (import_id, ordinal, severity, code, message) "
        "select unnest(%s::bigint[]), 1, 'warning', 'x', 'x'",
        [written],
    )
    assert thin(connection, entity) > 0
    left = {row["id"] for row in rows_of(connection, entity)}
    assert set(spare) <= left
    found = connection.execute("select import_id from app.finding where import_id = any(%s)", [written])
    assert {row["import_id"] for row in found} == left
    connection.execute("delete from app.alert where entity_id = %s", [entity])


def spared(connection: Connection, entity: int) -> set[int]:
    """What would stay anyway."""
    with connection.transaction(force_rollback=True):
        thin(connection, entity)
        return {row["id"] for row in rows_of(connection, entity)}


def test_lines_keep_the_import_that_brought_them(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    key = make_entity()
    entity = id_of(connection, key)
    lines = booking("a", "2025-01-05", ("400000", 10), ("700000", -10))
    load(connection, key, whole(lines))
    connection.execute(
        "update app.import set trigger = 'scheduled', finished_at = finished_at - interval '900 days', "
        "raw_committed_at = raw_committed_at - interval '900 days' where entity_id = %s",
        [entity],
    )
    write(connection, entity, NIGHTS)
    assert thin(connection, entity) > 0
    told = connection.execute(
        "select count(*) as lines, count(imports.id) as known from raw.gl_transaction as ledger "
        "left join app.import as imports on ledger.import_id = imports.id where ledger.entity_id = %s",
        [entity],
    ).fetchone()
    assert told == {"lines": 2, "known": 2}


def test_entities_have_their_turn(connection: Connection, make_entity: Callable[..., str]) -> None:
    entities = sorted(id_of(connection, make_entity()) for _ in range(5))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(history, "ENTITIES_A_LOOK", 2)
        after = entities[0] - 1
        seen = []
        for _ in range(3):
            _, after = history.thin(connection, before=BEFORE, after=after)
            seen.append(after)
    assert seen[:2] == [entities[1], entities[3]]
    assert seen[2] == 0
