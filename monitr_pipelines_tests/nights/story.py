"""Nights of the product with its clock put forward in between: `make fourteen-nights`.

`python -m monitr_pipelines_tests.nights.story --nights 14 --seed 1`: a real `monitr up` with PostgreSQL and
Dagster lives through them from one hour that matters to the next; during imports time goes on as always. The
nights lie around a change of the clocks: of an odd seed to winter time, of an even one to summer time. People
edit the books, software fails for six hours, a deploy and a restore come in between, a subscription ends and
resumes. After each tick the figures are those of the software, all imports are counted, alerts are those that
the operations guide promises, and what was stored is held against its bound.
"""

import argparse
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "conformance"), str(HERE.parent / "defs")]

import clock_kit  # noqa: E402 - found by the line above
from clock_kit import Clock  # noqa: E402
from nights_kit import FOURTEEN, THREE, Nights, Plan, settings_of_story  # noqa: E402
from product_kit import Product  # noqa: E402
from town_kit import town  # noqa: E402

WINTER_TIME, SUMMER_TIME = date(2026, 10, 25), date(2026, 3, 29)
SOFTWARE = ("exact", "odoo", "yuki", "octopus", "twinfield", "xero", "quickbooks")
FEW = ("exact", "odoo")
LONGEST_SECONDS = 2 * 60 * 60


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nights", type=int, choices=[3, 14], default=14)
    parser.add_argument("--seed", type=int, default=1, help="stories of one seed have the same edits")
    parser.add_argument("--only", nargs="+", choices=SOFTWARE, help="fewer software: two at least")
    parser.add_argument("--companies", type=int, help="of each software, fewer than usual")
    said = parser.parse_args()
    if clock_kit.VARIABLE in os.environ:
        plan, names = (FOURTEEN, SOFTWARE) if said.nights == 14 else (THREE, FEW)
        tell(replace(plan, companies=said.companies or plan.companies), said.only or names, said.seed)
        return
    lacking = clock_kit.missing()
    if lacking:
        sys.exit(f"the clock cannot be moved without {lacking}")
    with clock_kit.environment() as moved:
        command = [sys.executable, "-m", "monitr_pipelines_tests.nights.story", *sys.argv[1:]]
        sys.exit(subprocess.run(command, env=moved, check=False, timeout=LONGEST_SECONDS).returncode)


def tell(plan: Plan, names: Sequence[str], seed: int) -> None:
    """Live through the nights of a plan; AssertionError where a promise is broken."""
    change = WINTER_TIME if seed % 2 else SUMMER_TIME
    began, clock = time.monotonic(), Clock()
    logging.disable()
    with tempfile.TemporaryDirectory(prefix="nights-") as folder, own_settings():
        nights = Nights(plan, clock, Product(clock, Path(folder)), change, seed, say)
        clock.begin(nights.moment(0, before=plan.first_look))
        with town(names, plan.companies, seed) as people:
            try:
                nights.live(people)
            finally:
                nights.product.clear()
    say(f"{plan.nights} nights of seed {seed} kept every promise, in {time.monotonic() - began:.0f} s")


@contextmanager
def own_settings() -> Iterator[None]:
    """Nothing of what this process was told, until the block ends."""
    before = {
        name: os.environ.pop(name) for name in list(os.environ) if name.startswith(("MONITR_", "DAGSTER_"))
    }
    os.environ |= settings_of_story()
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith(("MONITR_", "DAGSTER_"))]:
            del os.environ[name]
        os.environ |= before


def say(line: str) -> None:
    sys.stdout.write(f"{time.monotonic():.0f} {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
