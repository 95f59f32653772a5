"""A first load by the short way: straight into the ledger, which has no line yet to compare with.

PostgreSQL keeps both indexes while the next lines are still being read. What the short way cannot
do (a key that comes twice, a line that does not fit, anything but lines) goes the usual way: what was
written is moved to the stage, and the rest follows it there.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

import psycopg

from monitr_pipelines.ledger.changes import Change, Written
from monitr_pipelines.warehouse.books.repeats import Seen
from monitr_pipelines.warehouse.books.stage import LINE, Delivered, Rows, copy_rows
from monitr_pipelines.warehouse.books.sums import Sums
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.copying import copy_text
from monitr_pipelines.warehouse.server.database import Connection

# Of rows that are kept in memory until they are in, in case that they must go the usual way. Between two
# batches neither side has work: a smaller one costs a first load as much as a second a million lines.
BATCH_BYTES = 16 << 20


class _UsualWay(Exception):
    """Rows that the short way cannot take."""


def write(
    connection: Connection,
    claimed: Claim,
    delivered: Delivered,
    changes: Iterable[Change | Written],
    *,
    by_content: bool = False,
) -> Iterator[Rows]:
    """Write lines into the empty ledger; returns the rows that have to be staged, if any.

    `by_content`: keys that come twice are those of equal lines. What may be such a line waits in the stage
    until the others are in.
    """
    rows = delivered.stream(changes)
    sums, seen = Sums(), Seen() if by_content else None
    ended = False
    while not ended:
        batch: list[Rows] = []
        try:
            with connection.transaction():
                repeated: list[Rows] = []
                texts = _texts(
                    rows, batch, sums, seen, repeated, str(claimed.entity_id), str(claimed.import_id)
                )
                copied = copy_text(connection, "books/copy_lines.sql", texts)
                copied += copy_rows(connection, repeated)
                delivered.rows += copied
                ended = sum(len(some.text) for some in batch) < BATCH_BYTES
                if ended:
                    _add_repeated(connection, claimed)
        except (_UsualWay, psycopg.IntegrityError, psycopg.DataError):
            move = database.statement("books/move_to_stage.sql")
            connection.execute(move, {"entity_id": claimed.entity_id})
            return chain(batch, rows)
    delivered.straight = True
    delivered.sums = sums if sums.lines == delivered.rows else None
    return iter(())


def write_balances(connection: Connection, entity_id: int, sums: Sums) -> bool:
    """Write the month balances of lines that went straight in; False where the sums do not tell them."""
    balances = sums.balances(entity_id)
    if balances is None:
        return False
    copy_text(connection, "books/copy_balances.sql", balances)
    return True


def _texts(
    rows: Iterator[Rows],
    taken: list[Rows],
    sums: Sums,
    seen: Seen | None,
    repeated: list[Rows],
    *ids: str,
) -> Iterator[bytes]:
    """A batch of lines for the ledger, each kept in `taken`; PostgreSQL would round what does not fit.

    Lines are added up once they are on their way: PostgreSQL writes them meanwhile.
    """
    size = 0
    for some in rows:
        taken.append(some._replace(columns=None))
        if some.operation != LINE or not some.exact:
            raise _UsualWay
        new = some
        if seen:
            new, again = seen.divide(some)
            repeated.append(again)
        yield new.between(*ids)
        sums.add(some.text, some.number, some.columns)
        size += len(some.text)
        if size >= BATCH_BYTES:
            return


def _add_repeated(connection: Connection, claimed: Claim) -> None:
    """Lines that wait in the stage, if any, with keys that the ledger does not have yet."""
    names = {"entity_id": claimed.entity_id, "import_id": claimed.import_id}
    database.run(connection, "books/number_repeats", **names)
    database.run(connection, "books/insert_lines", **names)
    connection.execute("truncate stage")
