"""A table that repeats a query becomes what the query tells, and only what differs is written."""

from collections.abc import Callable

import pytest
from warehouse_kit import SALE, booking, id_of, load, stored_rows, whole

from monitr_pipelines.warehouse.books import loader
from monitr_pipelines.warehouse.reports import adjustments, marts, turns
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.mirror import Mirror

TOLD = [value for room in (loader, adjustments, marts, turns) for value in vars(room).values()]
SPOILED = (
    "update raw.month_balance set debit = 7 where entity_id = %s and month < '2025-02-01' and debit > 0",
    "delete from raw.month_balance where entity_id = %s and month > '2025-01-01' and debit > 0",
    "insert into raw.month_balance values (%s, 'gone', '2025-01-01', 0, false, 1, 0, 1)",
)
MIRRORS = {mirror.table: mirror for mirror in [*TOLD, *marts.STATEMENTS] if isinstance(mirror, Mirror)}
KEY = """
select array_agg(attname::text) as names
from pg_index
inner join pg_attribute on attrelid = indrelid and attnum = any(indkey)
where indrelid = %s::regclass and indisprimary
"""


@pytest.mark.parametrize("table", MIRRORS)
def test_keys_of_a_mirror_are_those_of_its_table(table: str, connection: Connection) -> None:
    """Else rows would be found anew by one key and written by another."""
    found = connection.execute(KEY, [table]).fetchone()
    assert found is not None
    assert set(found["names"]) == {"entity_id", *MIRRORS[table].keys}


def test_rows_that_differ_are_written_and_no_others(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity, other = make_entity(), make_entity()
    lines = [*SALE, *booking("S2", "2025-02", ("550000", 5), ("700000", -5))]
    for each in (entity, other):
        load(connection, each, whole(lines))
    table, ids = loader.MONTH_BALANCE.table, {"entity_id": id_of(connection, entity)}
    before = stored_rows(connection, entity, table)
    elsewhere = stored_rows(connection, other, table)
    for statement in SPOILED:
        connection.execute(statement, [ids["entity_id"]])
    loader.MONTH_BALANCE.refresh(connection, ids)
    after = stored_rows(connection, entity, table)
    assert sorted(repr(row["to_jsonb"]) for row in after) == sorted(repr(row["to_jsonb"]) for row in before)
    assert len([row for row in after if row not in before]) == 2
    loader.MONTH_BALANCE.refresh(connection, ids)
    assert stored_rows(connection, entity, table) == after
    assert stored_rows(connection, other, table) == elsewhere
