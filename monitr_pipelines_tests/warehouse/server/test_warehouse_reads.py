"""What an import costs must not depend on how many other entities there are."""

from collections.abc import Callable

from warehouse_kit import BANK, SALES, booking, load, start, stored_rows, whole

from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.warehouse.queue import outcome
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

NEIGHBOURS = 5
BOOKS = [
    line for nth in range(1, 13) for line in booking(f"B{nth}", f"2025-{nth:02d}", (BANK, 1), (SALES, -1))
]


def rows_read(connection: Connection, entity: str) -> dict[str, int]:
    """Rows per table that regenerating the marts of an entity reads.

    In a session of its own, that counts nothing else. Whole scans are discouraged, as they are in a
    database of many entities, so that a statement that can use its index does.
    """
    claimed = start(connection, entity)
    with database.connect(autocommit=True) as own, own.transaction():
        own.execute("set local enable_seqscan = off")
        marts.regenerate(own, claimed, FiscalCalendar())
        rows = own.execute(
            """
            select schemaname || '.' || relname as name, seq_tup_read + coalesce(idx_tup_fetch, 0) as rows
            from pg_stat_xact_user_tables where schemaname in ('raw', 'mapped', 'marts')
            """
        ).fetchall()
    outcome.finish(connection, claimed, None)
    return {row["name"]: row["rows"] for row in rows}


def test_marts_read_no_rows_of_other_entities(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    """With other statistics an entity's own rows may be read once more, never those of all its neighbours."""
    entity = make_entity(country="LU")
    load(connection, entity, whole(BOOKS))
    before = rows_read(connection, entity)
    for _ in range(NEIGHBOURS):
        load(connection, make_entity(country="LU"), whole(BOOKS))
    after = rows_read(connection, entity)
    more = {table: rows - before.get(table, 0) for table, rows in after.items()}
    theirs = {table: NEIGHBOURS * len(stored_rows(connection, entity, table)) for table in after}
    assert {table: rows for table, rows in more.items() if rows >= max(theirs[table], 1)} == {}
