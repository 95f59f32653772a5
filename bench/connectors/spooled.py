"""Loading what was fetched into a spool, beside the same pages in a plain file: one loader, one process."""

import os
import time
from pathlib import Path

from bench.imports import claimed_import, load, make_entity
from bench.pages import PageDelivery, SpoolDelivery, read_lines, whole_ledger, write_pages
from bench.results import AT_MOST, Row, against, say
from bench.server import DATABASE_URL, Server
from monitr_pipelines.emulators.volume import VOLUME_AXES, generate_lines, volume_accounts
from monitr_pipelines.importing.spool.fetching import fetch_into
from monitr_pipelines.importing.spool.spool import Spool
from monitr_pipelines.warehouse.server import database

EMPTY, LOADED = "empty", "loaded"
GOAL = 1.05
SEED = 20_260_101


def measure(server: Server, folder: Path, lines: int, rounds: int) -> Row:
    """Loads in turn, each into an empty database."""
    file = folder / "pages"
    write_pages(generate_lines(lines, SEED), file)
    spool = Spool.of_increment(0, 0)
    fetch_into(spool, whole_ledger(read_lines(file)), lambda _: None)
    accounts = {account.code: account for account in volume_accounts()}
    plain = PageDelivery(file, True, accounts, set(VOLUME_AXES))  # noqa: FBT003 - the whole ledger
    from_spool = SpoolDelivery(file, True, accounts, set(VOLUME_AXES), spool=spool)  # noqa: FBT003
    try:
        seconds = [(_load(server, from_spool), _load(server, plain)) for _ in range(rounds + 1)][1:]
    finally:
        spool.discard()
    for ours, pages in seconds:
        say(f"{lines:,} lines from the spool {ours:.2f} s, from a plain file {pages:.2f} s")
    name = f"loading {lines:,} lines from the spool, of the same pages read from a file"
    return against(name, "s", *zip(*seconds, strict=True), goal=GOAL, sense=AT_MOST)


def _load(server: Server, delivery: PageDelivery) -> float:
    os.environ[DATABASE_URL] = server.create(LOADED, like=EMPTY)
    with database.connect(autocommit=True) as connection:
        key = make_entity(connection, "spooled")
        server.settle()
        with claimed_import(connection, key) as claim:
            started = time.perf_counter()
            load(connection, claim, delivery)
            return time.perf_counter() - started
