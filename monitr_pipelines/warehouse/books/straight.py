"""A first load by the short way: straight into the ledger, which has no line yet to compare with.

PostgreSQL keeps both indexes while the next lines are still being read. What the short way cannot
do (a key that comes twice, a line that does not fit, anything but lines) goes the usual way: what was
written is moved to the stage, and the rest follows it there.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

import psycopg

from monitr_pipelines.ledger.changes import Change, Written
from monitr_pipelines.warehouse.books.stage import LINE, Delivered, Rows
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.copying import copy_text
from monitr_pipelines.warehouse.server.database import Connection

BATCH_ROWS = 20_000  # kept in memory until they are in, in case that they must go the usual way


class _UsualWay(Exception):
    """Rows that the short way cannot take."""


def write(
    connection: Connection, claimed: Claim, delivered: Delivered, changes: Iterable[Change | Written]
) -> Iterator[Rows]:
    """Write lines into the empty ledger; returns the rows that have to be staged, if any."""
    rows = delivered.stream(changes)
    ended = False
    while not ended:
        batch: list[Rows] = []
        try:
            with connection.transaction():
                texts = _texts(rows, batch, str(claimed.entity_id), str(claimed.import_id))
                copied = copy_text(connection, "books/copy_lines.sql", texts)
        except (_UsualWay, psycopg.IntegrityError, psycopg.DataError):
            move = database.statement("books/move_to_stage.sql")
            connection.execute(move, {"entity_id": claimed.entity_id})
            return chain(batch, rows)
        delivered.rows += copied
        ended = copied < BATCH_ROWS
    delivered.straight = True
    return iter(())


def _texts(rows: Iterator[Rows], taken: list[Rows], entity: str, import_: str) -> Iterator[bytes]:
    """A batch of lines for the ledger, each kept in `taken`; PostgreSQL would round what does not fit."""
    number = 0
    for some in rows:
        taken.append(some)
        if some.operation != LINE or not some.exact:
            raise _UsualWay
        yield some.between(entity, import_)
        number += some.number
        if number >= BATCH_ROWS:
            return
