"""A first load by the short way: straight into the ledger, which has no line yet to compare with.

PostgreSQL keeps both indexes while the next lines are still being read. What the short way cannot
do (a key that comes twice, a line that does not fit, anything but lines) goes the usual way: what was
written is moved to the stage, and the rest follows it there.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

import psycopg

from monitr_pipelines.ledger.changes import Change
from monitr_pipelines.warehouse.books.stage import LINE, Delivered, Row
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.copying import copy_rows
from monitr_pipelines.warehouse.server.database import Connection

BATCH_ROWS = 20_000  # kept in memory until they are in, in case that they must go the usual way
AMOUNT, FOREIGN_AMOUNT, FIELDS = 4, 12, 18
EXACT = re.compile(r"-?\d+(?:\.\d{1,4})?").fullmatch


class _UsualWay(Exception):
    """A row that the short way cannot take."""


def write(
    connection: Connection, claimed: Claim, delivered: Delivered, changes: Iterable[Change]
) -> Iterator[Row]:
    """Write lines into the empty ledger; returns the rows that have to be staged, if any."""
    delivered.mark, delivered.behind = str(claimed.entity_id), (str(claimed.import_id),)
    rows = delivered.stream(changes)
    while True:
        batch: list[Row] = []
        try:
            with connection.transaction():
                _copy(connection, islice(rows, BATCH_ROWS), batch)
        except (_UsualWay, psycopg.IntegrityError, psycopg.DataError):
            move = database.statement("books/move_to_stage.sql")
            connection.execute(move, {"entity_id": claimed.entity_id})
            return map(_as_staged, chain(batch, rows))
        delivered.rows += len(batch)
        if len(batch) < BATCH_ROWS:
            delivered.straight = True
            return iter(())


def _copy(connection: Connection, rows: Iterable[Row], taken: list[Row]) -> None:
    """Stream lines into the ledger as they come, and keep each in `taken`."""
    copy_rows(connection, "books/copy_lines.sql", _kept(rows, taken))


def _kept(rows: Iterable[Row], taken: list[Row]) -> Iterator[Row]:
    keep = taken.append
    for row in rows:
        keep(row)
        if not _fits(row):
            raise _UsualWay
        yield row


def _fits(row: Row) -> bool:
    """Whether it is a line, with amounts that the ledger holds as they are: PostgreSQL would round them."""
    foreign = row[FOREIGN_AMOUNT]
    return EXACT(row[AMOUNT] or "") is not None and (foreign is None or EXACT(foreign) is not None)


def _as_staged(row: Row) -> Row:
    return (LINE, *row[1:-1]) if len(row) == FIELDS else row
