"""Run the benchmarks: `python -m bench`.

A quick look: `python -m bench --lines 20000 --rounds 1 --skip-peers --skip-plans --skip-services`.
"""

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

from bench import command_line, files, peers, plans, report, server
from bench.connectors import measure as connectors
from bench.first_load import LOGGED, OURS_OF_PEERS, PEERS, UNLOGGED, FirstLoad
from bench.results import say
from bench.services import entities_page, hook_load, live_status, schedule, small_runs
from bench.shares import measure_shares
from bench.stored import books, increments, mapping


def main() -> None:
    """Measure, and write bench/results.json, docs/benchmarks.md and docs/benchmarks.svg."""
    chosen = _arguments()
    started = time.perf_counter()
    about = report.machine() | {"commit": report.commit()}
    folder = Path(tempfile.mkdtemp(prefix="monitr-bench-"))
    given = os.environ.get(server.DATABASE_URL)
    try:
        with server.running() as running:
            about |= {
                "PostgreSQL": running.version(),
                "server": "the bench's own" if running.own else "given",
            }
            result = _measure(chosen, running, folder, about)
            if not chosen.skip_peers:
                rows, told = connectors.measure(running, min(chosen.lines, chosen.peer_lines), chosen.rounds)
                result.rows += rows
                result.about |= told
            if not chosen.skip_plans:
                result.rows += plans.measure(running, chosen.rounds)
                result.rows += files.measure(running, chosen.lines, chosen.rounds)
            if not chosen.skip_services:
                result.rows += entities_page.measure(running)
        if not chosen.skip_services:
            result.rows += [hook_load.measure(), live_status.measure(), *schedule.measure()]
            result.rows += [command_line.measure(), small_runs.measure()]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if given:
            os.environ[server.DATABASE_URL] = given
    result.about["took"] = f"{time.perf_counter() - started:,.0f} s"
    if chosen.write:
        result.write()
    say(f"the results\n\n{result.table()}")
    say(f"done in {result.about['took']}")


def _measure(
    chosen: argparse.Namespace, running: server.Server, folder: Path, about: dict[str, object]
) -> report.Report:
    rounds = chosen.rounds
    first = FirstLoad(
        running, folder, chosen.lines, min(chosen.lines, chosen.peer_lines), not chosen.skip_peers
    )
    first.prepare()
    first.run(rounds)
    if not chosen.skip_peers:
        about |= peers.versions()
        about["memory over idle, MB"] = ", ".join(
            f"{name} {mb:.0f}" for name, mb in first.peer_memory.items()
        )
    stored = books.prepare(running, folder, chosen.lines)
    shares = measure_shares(folder / "books", stored.load_seconds, stored.load_statements)
    mapped, mapped_statements = mapping.measure_mapping(stored, rounds)
    beside = mapping.measure_before(running, folder / "books", chosen.lines, rounds)
    thousand, thousand_statements = increments.measure_changes(stored, rounds)
    unchanged = increments.measure_unchanged(stored, chosen.unchanged, rounds)
    running.drop("books")
    about["rounds"] = rounds
    middle = {name: sorted(values)[len(values) // 2] for name, values in first.speeds.items()}
    again = unchanged[1]
    return report.Report(
        [*first.rows(), thousand, *unchanged, *mapped, beside],
        about,
        {
            f"First load of {chosen.lines:,} lines": shares,
            "1,000 changed lines, whole import, statements": _largest(thousand_statements),
            "Marts after a mapping change, statements": _largest(mapped_statements),
        },
        {
            f"First load of {chosen.lines:,} lines, lines a second": [
                ("COPY of a file, bare unlogged table", middle[UNLOGGED]),
                ("COPY of a file, same table and indexes", middle[LOGGED]),
                ("Monitr, from a spool, all checks", middle["ours"]),
            ],
            f"First load of {first.peer_lines:,} lines, lines a second": [
                (name.replace(OURS_OF_PEERS, "Monitr"), middle[name])
                for name in (OURS_OF_PEERS, *(peer for peer, *_ in PEERS))
                if name in middle
            ],
            f"Marts after a mapping change, {chosen.lines:,} lines, seconds": [
                ("Monitr", mapped[0].ours),
                ("mapping each line, kept as a table", mapped[0].peer or 0),
                ("mapping each line, leanest way", mapped[1].peer or 0),
            ],
            "The same lines again, seconds": [
                ("Monitr, nothing changed", again.ours),
                ("the same, all changed", again.peer or 0),
            ],
        },
    )


def _largest(statements: dict[str, float]) -> list[tuple[str, float]]:
    """Statements by time, the small ones together."""
    total = sum(statements.values())
    listed = sorted(statements.items(), key=lambda item: -item[1])
    shown = [(name, seconds) for name, seconds in listed if seconds >= total / 100]
    return [*shown, ("all others", total - sum(seconds for _, seconds in shown))]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of the large entity")
    parser.add_argument("--peer-lines", type=int, default=100_000, help="lines for the slow peers")
    parser.add_argument("--unchanged", type=int, default=50_000, help="lines that come again unchanged")
    parser.add_argument("--skip-services", action="store_true", help="no web hook, page and schedule")
    parser.add_argument("--skip-plans", action="store_true", help="no first imports beside statistics")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds")
    parser.add_argument(
        "--skip-peers", action="store_true", help="no dlt, Singer target, pandas; no connectors"
    )
    parser.add_argument("--dry", dest="write", action="store_false", help="print only, write no files")
    return parser.parse_args()


if __name__ == "__main__":
    main()
