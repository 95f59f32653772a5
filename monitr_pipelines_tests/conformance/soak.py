"""Many random histories of accounting software: books are edited, imported, and compared with a fresh import.

Run with `make conform`, or `python -m monitr_pipelines_tests.conformance.soak --stories 1000 --seed 1`; with
`--only odoo` over one provider. Each story is up to two hundred edits with imports among them.
"""

import argparse
import logging
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from conformance_kit import Case, cases  # noqa: E402 - found by the line above
from histories_kit import Story, hold, told_to  # noqa: E402

from monitr_pipelines.warehouse.server import database  # noqa: E402
from monitr_pipelines_tests.importing.soak import own_server, say  # noqa: E402

REPORT_EVERY = 100


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stories", type=int, default=1000, help="how many of each provider")
    parser.add_argument("--seed", type=int, default=1, help="stories of one seed are the same ones")
    parser.add_argument("--only", help="the name of one provider")
    said = parser.parse_args()
    logging.disable()
    database.SESSION_OPTIONS["synchronous_commit"] = "off"
    os.environ["MONITR_PROVIDER_NETWORKS"] = "127.0.0.0/8"
    with own_server():
        for case in cases():
            if case.emulated and said.only in (None, case.name):
                soak(case, said.stories, said.seed)


def soak(case: Case, count: int, seed: int) -> None:
    """So many stories of a provider on one variant; what breaks a promise is raised."""
    told = edits = 0
    began = time.monotonic()

    def tell(story: Story) -> None:
        nonlocal told, edits
        with database.connect(autocommit=True) as connection:
            told_to(connection, case, story, reports=told % 4 == 0)
        told, edits = told + 1, edits + len(story.edits)
        if told % REPORT_EVERY == 0:
            say(f"{case}: {told} stories, {time.monotonic() - began:.0f} s")

    hold(tell, case, count, of_seed=seed)
    say(f"{case}: {told} stories of seed {seed}, {edits} edits, kept every promise")


if __name__ == "__main__":
    main()
