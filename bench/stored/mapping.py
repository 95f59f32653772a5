"""A changed mapping: our marts beside mapping every line, on the same entity and to the same figures."""

import json
import time
from pathlib import Path

from bench import earlier, timed
from bench.imports import CALENDAR, claimed_import
from bench.results import Row, against, say
from bench.server import Server
from bench.stored.books import Books
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.shipped import ROOT
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server.database import Connection

SCRIPT = Path(__file__).parents[1] / "contestants" / "mapping_change.py"
TABLE = Path(__file__).with_name("map_each_line.sql").read_text().split(";\n")
LEAN = [
    TABLE[0]
    .replace("create table", "create temporary table")
    .replace("lines.*", "lines.account_code, lines.amount, lines.axis_combination")
    .replace("    accounts.name as account_name,\n", ""),
    *TABLE[1:],
]
# Costs of class 61 go to the line of 62, and back.
CHANGE = """
update app.account_mapping set line = case line when '61' then '62' else '61' end
where statement = 'profit_and_loss' and prefix = '61' and line in ('61', '62')
"""
FIGURES = {
    "trial_balance": "account_code, month, opening, debit, credit, closing",
    "profit_and_loss": "line, month, amount, year_to_date, prior_year",
    "balance_sheet": "line, month, amount, year_to_date, prior_year",
    "cash_flow": "line, month, amount, year_to_date, prior_year",
    "axis_report": "axis, axis_value, line, month, amount",
}


def measure_before(server: Server, file: Path, lines: int, rounds: int) -> Row:
    """The same beside the earlier build, each in a database of its own; without the marts that it has not."""
    seconds: dict[Path, list[float]] = {}
    figures = set()
    with earlier.checkout() as build:
        for code in (build, ROOT):
            address = server.create("mapped")
            earlier.migrate(code, address)
            server.settle()
            # The first change after a load is no different from others, and warms what is read.
            found = json.loads(earlier.python(code, [str(SCRIPT), str(file), str(rounds + 1)], address))
            server.drop("mapped")
            seconds[code] = found["seconds"][1:]
            figures.add(found["figures"])
        before, now = seconds[build], seconds[ROOT]
    if len(figures) > 1:
        raise RuntimeError("the trial balances differ")
    say(f"mapping changed: at best {min(now):.2f} s, before {min(before):.2f} s")
    name = f"the same marts after a mapping change on {lines:,} lines, times commit {earlier.COMMIT}"
    return against(name, "s", now, before, goal=3, upside_down=True)


def measure_mapping(books: Books, rounds: int) -> tuple[list[Row], dict[str, float]]:
    """Reports after a changed mapping; and where the time of ours goes."""
    ours, theirs, lean = [], [], []
    with timed.connect() as connection:
        for number in range(1, rounds + 1):
            connection.execute(CHANGE)
            with claimed_import(connection, books.key) as claim:
                connection.spent.clear()
                started = time.perf_counter()
                marts.regenerate(connection, claim, CALENDAR)
                ours.append(time.perf_counter() - started)
                statements = dict(connection.spent)
            theirs.append(_map_each_line(connection, claim.entity_id, TABLE))
            lean.append(_map_each_line(connection, claim.entity_id, LEAN))
            say(
                f"mapping changed, round {number} of {rounds}: marts {ours[-1]:.2f} s, "
                f"each line mapped {theirs[-1]:.2f} s, leanest {lean[-1]:.2f} s"
            )
    name = f"marts after a mapping change on {books.lines:,} lines, times mapping each line"
    rows = [
        against(name, "s", ours, theirs, goal=20, upside_down=True),
        against(f"{name}, leanest way", "s", ours, lean, goal=20, upside_down=True),
    ]
    return rows, statements


def _map_each_line(connection: Connection, entity_id: int, statements: list[str]) -> float:
    """Seconds of the peer's statements, in a transaction that is taken back; figures are compared."""
    with connection.transaction(force_rollback=True):
        started = time.perf_counter()
        for statement in statements:
            connection.execute(statement.encode(), {"entity_id": entity_id})
        seconds = time.perf_counter() - started
        for table, columns in FIGURES.items():
            _compare(connection, table, columns, entity_id)
    return seconds


def _compare(connection: Connection, table: str, columns: str, entity_id: int) -> None:
    ours = f"select {columns} from marts.{table} where entity_id = %(entity_id)s"  # noqa: S608 - our own names
    theirs = f"select {columns} from line_{table}"  # noqa: S608 - our own names
    query = f"(({ours}) except ({theirs})) union all (({theirs}) except ({ours})) limit 3"
    rows = connection.execute(query.encode(), {"entity_id": entity_id}).fetchall()
    if rows:
        raise OurFault(f"{table} differs between the marts and each line mapped: {rows}")
