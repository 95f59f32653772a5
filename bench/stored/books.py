"""Ten entities with as many lines each; the first of them is imported again and again."""

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path

from psycopg import sql

from bench import timed
from bench.imports import CALENDAR, claimed_import, load, make_entity
from bench.pages import PageDelivery, write_pages
from bench.results import say
from bench.server import DATABASE_URL, Server
from monitr_pipelines.emulators.company.journal import euros
from monitr_pipelines.emulators.volume import VOLUME_AXES, generate_lines, volume_accounts
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.upkeep import migrations

SEED = 20_260_102
ENTITIES = 10
LINES_TABLE = "raw.gl_transaction"
TABLES = (
    "raw.account",
    "raw.axis_value",
    "raw.axis_combination",
    LINES_TABLE,
    "raw.month_balance",
    "mapped.account_line",
    "mapped.fiscal_month",
    "marts.balance_month",
    "marts.trial_balance",
    "marts.profit_and_loss",
    "marts.balance_sheet",
    "marts.cash_flow",
    "marts.axis_report",
)
# One pair of lines in so many: half of the entries are pairs, the other half triples.
LINES_PER_PAIR = 5


@dataclass(frozen=True)
class Books:
    """The entity that is imported, and how the first load and the first marts of it went."""

    key: str
    lines: int
    folder: Path
    load_seconds: float
    load_statements: Mapping[str, float]
    months: int = 36

    def pairs(self, count: int, offset: int) -> Iterator[list[LedgerLine]]:
        """So many entries of two lines, spread over the whole ledger."""
        bookings = (list(lines) for _, lines in groupby(self._lines(), attrgetter("booking")))
        pairs = (booking for booking in bookings if len(booking) == 2)
        step = max(1, int(self.lines * 0.95) // LINES_PER_PAIR // count)
        return islice(pairs, offset % step, offset % step + step * count, step)

    def write_changes(self, name: str, lines: Iterable[LedgerLine]) -> PageDelivery:
        """Lines as a provider tells what changed."""
        file = self.folder / name
        write_pages(lines, file)
        return PageDelivery(file, whole=False)

    def _lines(self) -> Iterator[LedgerLine]:
        return generate_lines(self.lines, SEED, months=self.months)


def changed(pair: list[LedgerLine], number: int) -> list[LedgerLine]:
    """The same entry with another amount and text, still balanced."""
    more, less = euros(number), euros(-number)
    return [
        line._replace(amount=line.amount + delta, description=f"{line.description} ({number})")
        for line, delta in zip(pair, (more, less), strict=True)
    ]


def added(pair: list[LedgerLine], number: int) -> list[LedgerLine]:
    """An entry that was not there."""
    booking = f"N{number}-{pair[0].booking}"
    return [line._replace(external_id=f"{booking}:{line.line_number}", booking=booking) for line in pair]


def prepare(server: Server, folder: Path, lines: int, others: int = ENTITIES - 1) -> Books:
    """Load one entity as a first import does, and fill nine others with copies of it."""
    os.environ[DATABASE_URL] = server.create("books")
    migrations.migrate()
    write_pages(generate_lines(lines, SEED), folder / "books")
    accounts = {account.code: account for account in volume_accounts()}
    delivery = PageDelivery(folder / "books", whole=True, accounts=accounts, axes=set(VOLUME_AXES))
    with timed.connect() as connection:
        key = make_entity(connection, "books")
        connection.spent.clear()
        with claimed_import(connection, key) as claim:
            server.settle()
            started = time.perf_counter()
            load(connection, claim, delivery)
            seconds = time.perf_counter() - started
            statements = defaultdict(float, connection.spent)
            marts.regenerate(connection, claim, CALENDAR)
    say(f"{lines:,} lines of one entity are in; copying them to {others} others")
    with database.connect(autocommit=True) as connection:
        keys = [make_entity(connection, f"books {number}") for number in range(2, others + 2)]
        _copy_entity(connection, key, keys)
    server.settle()
    return Books(key, lines, folder, seconds, statements)


def _copy_entity(connection: Connection, key: str, others: list[str]) -> None:
    rows = connection.execute(
        "select id, key from app.entity where key = any(%s) order by id", [[key, *others]]
    ).fetchall()
    ids = {row["key"]: row["id"] for row in rows}
    connection.execute("set maintenance_work_mem = '512MB'")
    indexes = drop_indexes(connection)
    for table in TABLES:
        schema, name = table.split(".")
        columns = connection.execute(
            """
            select column_name from information_schema.columns
            where table_schema = %s and table_name = %s and column_name <> 'entity_id'
            """,
            [schema, name],
        ).fetchall()
        statement = sql.SQL(
            "insert into {table} (entity_id, {columns}) select %(to)s, {columns} from {table} "
            "where entity_id = %(from)s"
        ).format(
            table=sql.Identifier(schema, name),
            columns=sql.SQL(", ").join(sql.Identifier(row["column_name"]) for row in columns),
        )
        for other in others:
            connection.execute(statement, {"to": ids[other], "from": ids[key]})
    for definition in indexes:
        connection.execute(definition)
    connection.execute("vacuum analyze")


def drop_indexes(connection: Connection) -> list[sql.SQL]:
    """Drop the indexes of the ledger lines; returns what makes them again."""
    rows = connection.execute(
        """
        select
            indexes.indexrelid::regclass::text as name,
            pg_get_indexdef(indexes.indexrelid) as definition,
            constraints.conname as constraint_name,
            pg_get_constraintdef(constraints.oid) as constraint_definition
        from pg_index as indexes
        left join pg_constraint as constraints
            on indexes.indexrelid = constraints.conindid and constraints.contype in ('p', 'u')
        where indexes.indrelid = %s::regclass
        """,
        [LINES_TABLE],
    ).fetchall()
    makers = []
    for row in rows:
        name = row["constraint_name"]
        if name:
            connection.execute(f"alter table {LINES_TABLE} drop constraint {name}")
            maker = f"alter table {LINES_TABLE} add constraint {name} {row['constraint_definition']}"
        else:
            connection.execute(f"drop index {row['name']}")
            maker = row["definition"]
        makers.append(sql.SQL(maker))
    return makers
