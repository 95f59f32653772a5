"""Reports of one large entity: `python -m bench.services.reports_page`.

A quick look: `--lines 100000 --seconds 10`. `--write` puts the rows into bench/results.json in the place of
the earlier ones.

Three things are measured, on a server of the bench's own, of one entity with sixty months of books. How long
the server takes to read a statement of all of them, month by month. How long it takes to read five hundred
lines of an account. And how long pages take to reach a hundred people who each ask every five seconds, while
one import after the other changes lines and publishes. A request counts from the moment that it is due.
"""

import argparse
import asyncio
import gc
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from multiprocessing.synchronize import Event as Stop
from pathlib import Path
from statistics import quantiles

import httpx2

from bench import report, server
from bench.imports import CALENDAR, claimed_import, load, make_entity
from bench.pages import PageDelivery, write_pages
from bench.results import AT_MOST, Row, merge, say
from bench.services.load import Build, Timed, at_their_times, percentile_row, sign_in
from bench.stored.books import SEED, Books, changed
from monitr_pipelines.emulators.volume import VOLUME_AXES, generate_lines, volume_accounts
from monitr_pipelines.reports.columns import By, Span
from monitr_pipelines.reports.drill import transactions_of
from monitr_pipelines.reports.standing import Published, Standing, read_standing
from monitr_pipelines.reports.statement import Kind, read_statement
from monitr_pipelines.shipped import ROOT
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.warehouse.server.database import Connection

LINES, MONTHS = 1_000_000, 60
COMPANY = "Large"
READS, SECONDS = 200, 60
SESSIONS, EVERY_SECONDS = 100, 5
READ_GOAL_MS, PAGE_GOAL_MS = 50, 150
CHANGED = 1_000
ANSWER_SECONDS = 60
SHEETS = ("profit-and-loss", "balance-sheet", "profit-and-loss?by=quarter&compare=1", "trial-balance")

Reading = Callable[[Connection, Standing, Published], object]


def main() -> None:
    """Measure and print; exit code 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.services.reports_page", description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES, help="lines of the entity")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="how long the load lasts")
    parser.add_argument("--write", action="store_true", help="keep the rows in bench/results.json")
    chosen = parser.parse_args()
    with server.running() as running:
        rows = measure(running, chosen.lines, chosen.seconds)
    if chosen.write:
        merge(rows)
        report.renew_page()
    sys.exit(0 if all(row.holds for row in rows) else 1)


def measure(running: server.Server, lines: int = LINES, seconds: int = SECONDS) -> list[Row]:
    """All rows: statements and drill-down on the server, then pages during imports."""
    folder = Path(tempfile.mkdtemp(prefix="monitr-bench-reports-"))
    try:
        with _large_entity(running, folder, lines) as books:
            return [*_on_the_server(books), *_during_imports(books, seconds)]
    finally:
        database.close_pool()
        tenancy.close_pool()
        running.drop("reports")
        shutil.rmtree(folder)


@contextmanager
def _large_entity(running: server.Server, folder: Path, lines: int) -> Iterator[Books]:
    before = os.environ.get(server.DATABASE_URL)
    os.environ[server.DATABASE_URL] = running.create("reports")
    build = Build(ROOT, os.environ[server.DATABASE_URL], folder)
    build.command("migrate")
    write_pages(generate_lines(lines, SEED, months=MONTHS), folder / "books")
    accounts = {account.code: account for account in volume_accounts()}
    delivery = PageDelivery(folder / "books", whole=True, accounts=accounts, axes=set(VOLUME_AXES))
    try:
        with database.connect(autocommit=True) as connection:
            key = make_entity(connection, COMPANY)
            began = time.perf_counter()
            _publish(connection, key, delivery)
            connection.execute("vacuum analyze")
            running.settle()
            yield Books(key, lines, folder, time.perf_counter() - began, {}, MONTHS)
    finally:
        os.environ.pop(server.DATABASE_URL)
        if before is not None:
            os.environ[server.DATABASE_URL] = before


def _publish(connection: Connection, key: str, delivery: PageDelivery) -> None:
    with claimed_import(connection, key) as claim:
        load(connection, claim, delivery)
        marts.regenerate(connection, claim, CALENDAR)


def _on_the_server(books: Books) -> list[Row]:
    """Milliseconds of reading, as the pages read: in a transaction of the tenant, of one moment."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    codes = [account.code for account in volume_accounts()]

    def statement(kind: Kind) -> Reading:
        return lambda connection, standing, published: read_statement(
            connection, standing, published, kind, period=Span(published.first, published.last), by=By.MONTH
        )

    def lines_of(months: int) -> Reading:
        def read(connection: Connection, standing: Standing, published: Published) -> object:
            first = published.first.plus(chance.randrange(MONTHS - months + 1))
            span = Span(first, first.plus(months - 1))
            return transactions_of(connection, standing, chance.choice(codes), span)

        return read

    years = f"{MONTHS // 12} years by month"
    readings = {
        **{f"{kind.replace('_', ' ')} of {years}": statement(kind) for kind in Kind},
        "500 lines of an account, of a month": lines_of(1),
        "500 lines of an account, of a year": lines_of(12),
        "500 lines of an account, of all months": lines_of(MONTHS),
    }
    gc.freeze()  # as the server of the pages does
    return [_row_of_reading(books, name, read) for name, read in readings.items()]


def _row_of_reading(books: Books, name: str, read: Reading) -> Row:
    times = []
    for _ in range(READS):
        with tenancy.as_tenant(_organisation(books.key), of_one_moment=True) as connection:
            standing = read_standing(connection, books.key)
            if standing is None or standing.published is None:
                raise RuntimeError("the entity has no figures")
            began = time.perf_counter()
            read(connection, standing, standing.published)
            times.append((time.perf_counter() - began) * 1000)
    middle, slow = _percentiles(times)
    say(f"{name}: p50 {middle:.1f} ms, p95 {slow:.1f} ms")
    title = f"{name}, {books.lines:,} lines, on the server, p95"
    return Row(title, "ms", slow, READ_GOAL_MS, AT_MOST, rounds=[[middle], [slow]])


def _percentiles(times: Sequence[float]) -> tuple[float, float]:
    found = quantiles(times, n=100, method="inclusive")
    return found[49], found[94]


def _organisation(key: str) -> int:
    with database.connect(autocommit=True) as connection:
        row = connection.execute("select organisation_id from app.entity where key = %s", [key]).fetchone()
    return int((row or {})["organisation_id"])


def _during_imports(books: Books, seconds: int) -> list[Row]:
    build = Build(ROOT, os.environ[server.DATABASE_URL], books.folder)
    stop = get_context("spawn").Event()
    with build.serving() as url, httpx2.Client(timeout=ANSWER_SECONDS) as client:
        cookies = [sign_in(client, url, build, COMPANY) for _ in range(2)]
        importing = get_context("spawn").Process(target=_keep_importing, args=(books, stop))
        importing.start()
        try:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                sent = pool.submit(People(url, cookies, books.key, seconds).ask).result()
        finally:
            stop.set()
            importing.join()
    if importing.exitcode:
        raise RuntimeError("an import failed")
    name = (
        f"report page of {books.lines:,} lines, {SESSIONS} people, each every {EVERY_SECONDS} s, in imports"
    )
    return [percentile_row(f"{name}, p95", sent, 95, PAGE_GOAL_MS)]


def _keep_importing(books: Books, stop: Stop) -> None:
    """One import after the other, each of so many changed lines."""
    number = 0
    while not stop.is_set():
        number += 1
        pairs = (changed(pair, number) for pair in books.pairs(CHANGED // 2, number))
        delivery = books.write_changes(f"changes-{number}", chain.from_iterable(pairs))
        with database.connect(autocommit=True) as connection:
            _publish(connection, books.key, delivery)
    say(f"{number} imports were published meanwhile")


@dataclass(frozen=True)
class People:
    """Who look at reports, from a process of their own."""

    url: str
    cookies: Sequence[str]
    key: str
    seconds: int

    def ask(self) -> list[Timed]:
        """Pages with their milliseconds and statuses."""
        return asyncio.run(self._ask())

    async def _ask(self) -> list[Timed]:
        async with httpx2.AsyncClient(base_url=self.url, timeout=ANSWER_SECONDS) as client:

            async def page(due: float, nth: int) -> Timed:
                cookie = self.cookies[nth % len(self.cookies)]
                answer = await client.get(
                    f"/reports/{self.key}/{SHEETS[nth % len(SHEETS)]}",
                    headers={"cookie": f"monitr_session={cookie}"},
                )
                return (time.monotonic() - due) * 1000, answer.status_code

            return await at_their_times(SESSIONS / EVERY_SECONDS, self.seconds, page)


if __name__ == "__main__":
    main()
