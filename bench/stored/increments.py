"""What changed since the last import, and what did not: two ways of importing a little into much."""

import time
from itertools import chain

from bench import timed
from bench.imports import CALENDAR, claimed_import, load
from bench.pages import PageDelivery
from bench.results import AT_MOST, Row, against, say, single
from bench.stored.books import Books, added, changed
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

CHANGED, ADDED = 800, 200
REWRITTEN = """
select coalesce(sum(n_tup_upd + n_tup_del), 0) as rows from pg_stat_user_tables
where schemaname in ('raw', 'mapped', 'marts')
"""


def measure_changes(books: Books, rounds: int) -> tuple[Row, dict[str, float]]:
    """Whole imports of a thousand changed lines; and where the time of the last one goes."""
    seconds = []
    for number in range(1, rounds + 1):
        delivery = _thousand(books, number)
        started = time.perf_counter()
        with database.connect(autocommit=True) as connection:
            publish(connection, books.key, delivery)
        seconds.append(time.perf_counter() - started)
        say(f"1,000 changed lines, round {number} of {rounds}: {seconds[-1]:.2f} s")
    with timed.connect() as connection:
        publish(connection, books.key, _thousand(books, rounds + 1))
        statements = dict(connection.spent)
    name = f"1,000 changed lines into {books.lines:,} of {10 * books.lines:,}, whole import"
    return single(name, "s", seconds, goal=1.0), statements


def measure_unchanged(books: Books, lines: int, rounds: int) -> list[Row]:
    """Lines that are written, and then the very same lines again."""
    lines = min(lines, books.lines // 4)
    writing, again, dead = [], [], []
    for number in range(1, rounds + 1):
        pairs = (changed(pair, 100 + number) for pair in books.pairs(lines // 2, 0))
        delivery = books.write_changes("unchanged", chain.from_iterable(pairs))
        writing.append(_load(books, delivery, expected="changed")[0])
        seconds, rewritten = _load(books, delivery, expected="unchanged")
        again.append(seconds)
        dead.append(rewritten)
        say(
            f"{lines:,} lines, round {number} of {rounds}: written in {writing[-1]:.2f} s, "
            f"again in {again[-1]:.2f} s, dead rows {rewritten}"
        )
    name = f"{lines:,} unchanged lines again"
    return [
        single(f"{name}, dead rows", "rows", dead, goal=0),
        against(f"{name}, of the time of writing them", "s", again, writing, goal=0.4, sense=AT_MOST),
    ]


def _thousand(books: Books, number: int) -> PageDelivery:
    old = (changed(pair, number) for pair in books.pairs(CHANGED // 2, number))
    new = (added(pair, number) for pair in books.pairs(ADDED // 2, number + 1))
    return books.write_changes(f"changes-{number}", chain.from_iterable(chain(old, new)))


def publish(connection: Connection, entity_key: str, delivery: PageDelivery) -> None:
    """An import of a thousand changed lines, marts included; OurFault where it was none."""
    with claimed_import(connection, entity_key) as claim:
        result = load(connection, claim, delivery)
        marts.regenerate(connection, claim, CALENDAR)
    if (result.counts["changed"], result.counts["new"]) != (CHANGED, ADDED):
        raise OurFault(f"{CHANGED} changed and {ADDED} new lines became {result.counts}")


def _load(books: Books, delivery: PageDelivery, *, expected: str) -> tuple[float, int]:
    """Seconds of the load, and rows that it and the marts after it left dead."""
    with database.connect(autocommit=True) as connection, claimed_import(connection, books.key) as claim:
        before = _rewritten(connection)
        started = time.perf_counter()
        counts = load(connection, claim, delivery).counts
        seconds = time.perf_counter() - started
        marts.regenerate(connection, claim, CALENDAR)
        if counts[expected] != counts["fetched"]:
            raise OurFault(f"all lines should be {expected}, not {counts}")
        return seconds, _rewritten(connection) - before


def _rewritten(connection: Connection) -> int:
    """Rows that were updated or deleted so far, in the tables of the books."""
    connection.execute("select pg_stat_force_next_flush()")
    row = connection.execute(REWRITTEN).fetchone()
    return int(row["rows"]) if row else 0
