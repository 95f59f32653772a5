"""Books that are stored already: `python -m bench.stored`.

A quick look: `--lines 20000 --rounds 1`. `--write` puts the rows into bench/results.json and
docs/benchmarks.md in the place of the earlier ones.
"""

import argparse
import os
import tempfile
from pathlib import Path

from bench import report, server
from bench.results import Row, merge, say
from bench.stored import books, increments, mapping


def main() -> None:
    """Measure, print, and keep what was measured where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.stored", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of each entity")
    parser.add_argument("--unchanged", type=int, default=50_000, help="lines that come again")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds")
    parser.add_argument("--write", action="store_true", help="keep the rows")
    chosen = parser.parse_args()
    before = os.environ.get(server.DATABASE_URL)
    with (
        server.running() as running,
        tempfile.TemporaryDirectory(prefix="monitr-bench-stored-") as folder,
    ):
        rows = measure(running, Path(folder), chosen.lines, chosen.unchanged, chosen.rounds)
    if before:
        os.environ[server.DATABASE_URL] = before
    say(f"the results\n\n{report.Report(rows, report.machine()).table()}")
    if chosen.write:
        merge(rows)
        report.renew_page()


def measure(running: server.Server, folder: Path, lines: int, unchanged: int, rounds: int) -> list[Row]:
    """A changed mapping, a thousand changed lines, and lines that come again unchanged."""
    stored = books.prepare(running, folder, lines)
    rows, _ = mapping.measure_mapping(stored, rounds)
    thousand, _ = increments.measure_changes(stored, rounds)
    rows += [thousand, *increments.measure_unchanged(stored, unchanged, rounds)]
    running.drop("books")
    return [*rows, mapping.measure_before(running, folder / "books", lines, rounds)]


if __name__ == "__main__":
    main()
