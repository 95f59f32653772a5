"""The largest ledger that fits half of the free disk: `python -m bench.stored.largest`.

A ledger of a million lines takes imports of a thousand changed lines. Then it grows to so many copies of
itself, its changes lie among all of them, and PostgreSQL gets half as much memory as the ledger takes on
disk, pages of files included, but a gigabyte at least. A quick look: `--lines 20000 --times 20`. `--write`
keeps the row.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import report
from bench.imports import CALENDAR, claimed_import
from bench.results import AT_MOST, Row, against, merge, say
from bench.server import Server, running
from bench.stored import books
from bench.stored.books import Books, added, changed
from bench.stored.increments import ADDED, CHANGED, publish
from bench.stored.memory_of_server import Group, group
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

GOAL = 1.5
GIGABYTE = 1 << 30
# In the table with its indexes, of these lines; told again by what was measured.
BYTES_A_LINE = 210
# Neighbouring changes lie so many copies apart.
STRIDE = 7919
SIZE = "select pg_total_relation_size('raw.gl_transaction') as bytes"
GROW = """
insert into raw.gl_transaction
select
    entity_id, external_id || '~' || copy, booking_date, account_code, amount, booking || '~' || copy,
    line_number, period, journal, document_number, relation, description, foreign_amount,
    foreign_currency, axis_combination, opening, version, import_id
from generate_series(1, %(copies)s) as copy, raw.gl_transaction
"""
GROW_BALANCES = """
update raw.month_balance
set debit = debit * %(times)s, credit = credit * %(times)s, lines = lines * %(times)s
"""


def measure(server: Server, group: Group, folder: Path, lines: int, times: int, *, rounds: int) -> Row:
    """Imports into the small ledger and into what it grew to."""
    stored = books.prepare(server, folder, lines, others=0)
    small = [_import(stored, number, 1) for number in range(1, rounds + 1)]
    group.take(server)
    began = time.perf_counter()
    with database.connect(autocommit=True) as connection:
        grow(connection, stored.key, times)
        size = (connection.execute(SIZE).fetchone() or {})["bytes"]
    server.settle()
    took = time.perf_counter() - began
    say(f"{lines * times:,} lines, {size / GIGABYTE:.1f} GB, made in {took:,.0f} s")
    memory = max(size // 2, GIGABYTE)
    group.limit(memory)
    large = [_import(stored, rounds + number, times) for number in range(1, rounds + 1)]
    name = (
        f"1,000 changed lines into a ledger of {lines * times:,} ({size / GIGABYTE:.1f} GB) "
        f"in {memory / GIGABYTE:.1f} GB of memory, times the same at {lines:,}"
    )
    return against(name, "s", large, small, goal=GOAL, sense=AT_MOST)


def grow(connection: Connection, key: str, times: int) -> None:
    """Copies of all lines under other keys, with their sums, as an import would have left them."""
    connection.execute("set maintenance_work_mem = '1GB'")
    indexes = books.drop_indexes(connection)
    connection.execute(GROW, {"copies": times - 1})
    connection.execute(GROW_BALANCES, {"times": times})
    for definition in indexes:
        connection.execute(definition)
    connection.execute("vacuum analyze")
    # What is missing is made again, from the balances.
    connection.execute("delete from marts.trial_balance")
    with claimed_import(connection, key) as claim:
        marts.regenerate(connection, claim, CALENDAR)


def _import(stored: Books, number: int, times: int) -> float:
    delivery = stored.write_changes(f"changes-{number}-{times}", _changes(stored, number, times))
    with database.connect(autocommit=True) as connection:
        began = time.perf_counter()
        publish(connection, stored.key, delivery)
    seconds = time.perf_counter() - began
    say(f"1,000 changed lines among {stored.lines * times:,}: {seconds:.2f} s")
    return seconds


def _changes(stored: Books, number: int, times: int) -> Iterator[LedgerLine]:
    for place, pair in enumerate(stored.pairs(CHANGED // 2, number)):
        yield from _copy(changed(pair, number), place * STRIDE % times)
    for pair in stored.pairs(ADDED // 2, number + 1):
        yield from added(pair, number)


def _copy(pair: list[LedgerLine], copy: int) -> list[LedgerLine]:
    """The same lines in one of the copies; 0 is the first."""
    if not copy:
        return pair
    return [
        line._replace(external_id=f"{line.external_id}~{copy}", booking=f"{line.booking}~{copy}")
        for line in pair
    ]


def main() -> None:
    """Measure, print, and keep what was measured where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.stored.largest", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of the small ledger")
    parser.add_argument("--times", type=int, help="copies; as many as fit half of the free disk")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="keep the row")
    chosen = parser.parse_args()
    with (
        group() as limited,
        running() as server,
        tempfile.TemporaryDirectory(prefix="monitr-bench-largest-") as folder,
    ):
        most = shutil.disk_usage(folder).free // 2 // (BYTES_A_LINE * chosen.lines)
        row = measure(server, limited, Path(folder), chosen.lines, chosen.times or most, rounds=chosen.rounds)
    say(f"the result\n\n{report.Report([row], report.machine()).table()}")
    if chosen.write:
        merge([row])
        report.renew_page()


if __name__ == "__main__":
    main()
