"""No statement of an import handles many more rows than it reads and writes, whatever statistics say."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest
from plans_kit import explained
from warehouse_kit import Given, id_of, load

from monitr_pipelines.emulators.volume import VOLUME_AXES, generate_lines, volume_accounts
from monitr_pipelines.ledger.changes import Bookings, Dates, Delete, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

SIZES = (2_000, 16_000)
ACCOUNTS = {account.code: account for account in volume_accounts(420)}
OF_ENTITIES = {"account", "axis_value", "axis_combination", "account_line", "fiscal_month", "trial_balance"}
OF_ENTITIES |= {"gl_transaction", "month_balance", "balance_month", "profit_and_loss", "balance_sheet"}
LEDGER = {"gl_transaction", "month_balance", "balance_month"}  # they held more in between
TABLES = """
select
    format('%I.%I', nspname, relname) as name,
    relname,
    exists (
        select from pg_attribute where attrelid = pg_class.oid and attname = 'entity_id' and not attisdropped
    ) as of_entity
from pg_class
inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
where relkind = 'r' and nspname in ('app', 'raw', 'mapped', 'marts')
"""


@pytest.fixture
def stale(connection: Connection, make_entity: Callable[..., str]) -> Iterator[None]:
    """Statistics of a time when one small entity was all that there was, and nothing renews them."""
    load(connection, make_entity(), _whole(list(generate_lines(300, 1))))
    with psycopg.connect(database.owner_url(), autocommit=True) as owner:
        tables = [name for (name, _, of_entity) in owner.execute(TABLES).fetchall() if of_entity]
        for table in tables:
            owner.execute(f"alter table {table} set (autovacuum_enabled = false)")
        owner.execute("analyze")
        yield
        for table in tables:
            owner.execute(f"alter table {table} reset (autovacuum_enabled)")


@pytest.mark.parametrize("size", SIZES)
def test_every_statement_of_imports_costs_what_its_rows_cost(
    home: Path, connection: Connection, make_entity: Callable[..., str], stale: None, size: int
) -> None:
    lines = [line._replace(version=1) for line in generate_lines(size, 7, accounts=420, months=60)]
    entity = make_entity()
    with explained(home, database.IMPORTER) as statements, database.connect(autocommit=True) as importer:
        for delivery in _deliveries(lines):
            load(importer, entity, delivery, allow_shrink=True, allow_unbalanced=True)
    assert {statement.name for statement in statements} >= {
        "books/insert_lines.sql",
        "books/upsert_lines.sql",
        "books/delete_rest_of_dates.sql",
        "books/delete_rest_of_bookings.sql",
        "books/delete_keys.sql",
        "books/unbalanced_bookings.sql",
        "books/count_months.sql",
        "books/equal_rows.sql",
        "reports/proof.sql",
    }
    scanned = {table for statement in statements for table in statement.scanned_whole}
    assert not scanned & OF_ENTITIES, "rows of other entities were read too"
    stored = _rows_of(connection, entity)
    most = {table: max(rows, size * (table in LEDGER)) for table, rows in stored.items()}
    excesses = [told for statement in statements if (told := statement.excess(most.__getitem__))]
    assert not excesses, "\n".join(excesses)


def _deliveries(lines: list[LedgerLine]) -> Iterator[Given]:
    """A first load by way of the stage, all of it again, all of it changed, and every small change."""
    few = [line for line in lines if line.booking_date == lines[len(lines) // 2].booking_date]
    keys = frozenset(line.booking for line in few if line.booking)
    yield replace(_whole(lines), keys_by_content=True)
    yield _whole(lines)
    yield Given([Upsert([line._replace(version=2, description="again") for line in lines])], ACCOUNTS)
    yield Given([Upsert([line._replace(version=3, description="few") for line in few])], ACCOUNTS)
    yield Given([Replace(Bookings(keys), [line._replace(version=4) for line in few[2:]])], ACCOUNTS)
    yield Given([Replace(Dates(date(2023, 6, 5), date(2024, 2, 9)), [])], ACCOUNTS)
    yield Given([Delete([line.external_id for line in lines[:20]])], ACCOUNTS)
    added = [_added(line, number) for number, line in enumerate(lines[100:160])]
    yield Given([Upsert([*added, *added])], ACCOUNTS, keys_by_content=True, appended=True)
    yield _whole(lines)


def _added(line: LedgerLine, number: int) -> LedgerLine:
    return line._replace(external_id=f"added-{number}")


def _whole(lines: list[LedgerLine]) -> Given:
    return Given([Replace(WholeLedger(), lines)], ACCOUNTS, frozenset(VOLUME_AXES), lists_are_whole=True)


def _rows_of(connection: Connection, entity: str) -> dict[str, int]:
    """Rows of the entity in each table that has any of an entity; of the others, all rows."""
    number = id_of(connection, entity)
    counted = {}
    for row in connection.execute(TABLES).fetchall():
        wanted = "where entity_id = %s" if row["of_entity"] else "where %s is not null"
        found = connection.execute(
            f"select count(*) as rows from {row['name']} {wanted}",  # noqa: S608 - our own names
            [number],
        ).fetchone()
        counted[row["relname"]] = found["rows"] if found else 0
    return counted
