"""Whole imports of large ledger files: `python -m bench.files`.

The same CSV and FEC by the build of before and by the present one, in databases of their own; the ledgers
must be the same, key by key. `--write` puts the rows into bench/results.json and docs/benchmarks.md.
"""

import argparse
import json
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import psycopg

from bench import earlier, report
from bench.plans import SCRIPT, write_fec
from bench.results import Row, against, merge, say, single
from bench.server import Server, running
from monitr_pipelines.emulators.company.journal import DEPARTMENT, PROJECT
from monitr_pipelines.emulators.volume import generate_lines, volume_accounts
from monitr_pipelines.emulators.writers.write_csv import HEADER
from monitr_pipelines.shipped import ROOT

LINES, ACCOUNTS, MONTHS = 1_000_000, 300, 12
# How many times the lines a second of the earlier build.
GOALS = {"CSV": 2.5, "FEC": 1.6}
GOAL_MB = 150
LEDGER = """
select
    count(*),
    sum(amount) filter (where amount > 0),
    md5(string_agg(
        concat_ws(
            '|', external_id, booking_date, account_code, amount, booking, document_number, description,
            axis_combination
        ), ',' order by external_id collate "C"
    ))
from raw.gl_transaction
"""


def measure(server: Server, lines: int, rounds: int) -> list[Row]:
    """Rows of both formats: how fast, and how much memory."""
    speeds: defaultdict[tuple[str, Path], list[float]] = defaultdict(list)
    memory: defaultdict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="monitr-files-") as folder, earlier.checkout() as build:
        files = {
            "CSV": write_csv(Path(folder) / "ledger.csv", lines),
            "FEC": write_fec(Path(folder) / "ledger.txt", lines, ACCOUNTS, MONTHS),
        }
        for number in range(1, rounds + 1):
            for kind, file in files.items():
                ledgers = []
                for code in (build, ROOT):
                    ledger, seconds, megabytes = _import(server, code, file)
                    ledgers.append(ledger)
                    speeds[kind, code].append(lines / seconds)
                    if code == ROOT:
                        memory[kind].append(megabytes)
                if ledgers[0] != ledgers[1] or ledgers[1][0] != lines:
                    raise RuntimeError(f"{kind}: the ledgers differ: {ledgers}")
                before, now = speeds[kind, build][-1], speeds[kind, ROOT][-1]
                say(f"{kind}, round {number} of {rounds}: {before:,.0f} lines/s before, {now:,.0f} now")
        rows = []
        for kind, goal in GOALS.items():
            name = f"whole import of {lines:,} {kind} lines"
            now_and_before = speeds[kind, ROOT], speeds[kind, build]
            rows += [
                against(f"{name}, times commit {earlier.COMMIT}", "lines/s", *now_and_before, goal=goal),
                single(f"{name}, memory over idle", "MB", memory[kind], goal=GOAL_MB),
            ]
        return rows


def write_csv(path: Path, lines: int) -> Path:
    """A CSV in the standard layout as a Belgian program writes it, a few lines at a time."""
    names = {account.code: account.name for account in volume_accounts(ACCOUNTS)}
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(";".join(HEADER) + "\n")
        for line in generate_lines(lines, 1, accounts=ACCOUNTS):
            amount = str(abs(line.amount)).replace(".", ",")
            sides = (amount, "") if line.amount > 0 else ("", amount)
            axes = dict(line.axes)
            text = (names[line.account_code], f"{line.description} {line.booking}")
            values = (axes.get(DEPARTMENT, ""), axes.get(PROJECT, ""))
            day = line.booking_date.isoformat()
            file.write(";".join((day, line.account_code, *text, *sides, *values)) + "\n")
    return path


def _import(server: Server, build: Path, file: Path) -> tuple[tuple[object, ...], float, float]:
    """The ledger of a first import, its seconds, and the megabytes over those of the idle process."""
    address = server.create("files")
    earlier.migrate(build, address)
    server.settle()
    told = json.loads(earlier.python(build, [str(SCRIPT), str(file), "large"], address))
    with psycopg.connect(address) as connection:
        ledger = connection.execute(LEDGER).fetchone()
    server.drop("files")
    return ledger or (), told["seconds"][0], told["peak_mb"] - told["idle_mb"]


def main() -> None:
    """Measure, print, and keep what was measured where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.files", description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES, help="lines of each file")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds")
    parser.add_argument("--write", action="store_true", help="keep the rows")
    chosen = parser.parse_args()
    started = time.perf_counter()
    about = report.machine() | {"commit": report.commit(), "rounds": chosen.rounds}
    with running() as server:
        about |= {"PostgreSQL": server.version()}
        rows = measure(server, chosen.lines, chosen.rounds)
    about |= {"took": f"{time.perf_counter() - started:,.0f} s"}
    say(f"the results\n\n{report.Report(rows, about).table()}")
    if chosen.write:
        merge(rows, about={"ledger files": "; ".join(f"{name}: {value}" for name, value in about.items())})
        report.renew_page()


if __name__ == "__main__":
    main()
