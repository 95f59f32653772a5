"""Measure the connectors: `python -m bench.connectors`.

A quick look: `--lines 5000 --rounds 1`. `--write` puts the rows into bench/results.json and
docs/benchmarks.md in the place of the earlier ones.
"""

import argparse
import time

from bench import peers, report, server
from bench.connectors.measure import measure
from bench.results import merge, say


def main() -> None:
    """Measure, print, and keep what was measured where that is asked for."""
    chosen = _arguments()
    peers.install()
    started = time.perf_counter()
    about = report.machine() | {"commit": report.commit()} | peers.versions()
    with server.running() as running:
        about |= {"PostgreSQL": running.version()}
        rows, found = measure(running, chosen.lines, chosen.rounds)
    about |= {"rounds": chosen.rounds, **found, "took": f"{time.perf_counter() - started:,.0f} s"}
    say(f"the results\n\n{report.Report(rows, about).table()}")
    for name, value in about.items():
        say(f"{name}: {value}")
    if chosen.write:
        told = "; ".join(f"{name}: {value}" for name, value in about.items())
        merge(rows, about={"connectors": told})
        report.renew_page()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.connectors", description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000, help="lines of each software's company")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds")
    parser.add_argument("--write", action="store_true", help="keep the rows")
    return parser.parse_args()


if __name__ == "__main__":
    main()
