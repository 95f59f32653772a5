"""Our loader: `python -m bench.contestants.ours ENTITY PAGES`; the database is MONITR_DATABASE_URL.

PAGES is a file of JSON, or the number of a spool in MONITR_SPOOL_DIR.
"""

import json
import sys
import time
from pathlib import Path

from bench.contestants.memory import peak_mb, resident_mb
from bench.imports import claimed_import, load
from bench.pages import PageDelivery, SpoolDelivery, take_up_spool
from monitr_pipelines.emulators.volume import VOLUME_AXES, volume_accounts
from monitr_pipelines.warehouse.server import database


def main(entity_key: str, pages: str) -> None:
    """Load the whole ledger of an entity, and print what that took."""
    accounts = {account.code: account for account in volume_accounts()}
    delivery = PageDelivery(Path(pages), whole=True, accounts=accounts, axes=set(VOLUME_AXES))
    if pages.isdecimal():
        delivery = SpoolDelivery(**vars(delivery), spool=take_up_spool(int(pages)))
    with database.connect(autocommit=True) as connection, claimed_import(connection, entity_key) as claim:
        idle = resident_mb()
        started, busy = time.perf_counter(), time.process_time()
        result = load(connection, claim, delivery)
        seconds, cpu = time.perf_counter() - started, time.process_time() - busy
    answer = {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "rows": result.counts["new"],
        "idle_mb": idle,
        "peak_mb": peak_mb(),
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
