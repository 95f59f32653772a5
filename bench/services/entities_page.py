"""The Entities page of many entities: `python -m bench.services.entities_page`.

A quick look: `--seconds 10`. `--write` puts the rows into bench/results.json in the place of the earlier
ones.

Two things are measured, on a server of the bench's own. How long one page takes beside the build of
2026-11-23, at more and more entities. And how long pages and the web hook take to answer while all of this
goes on at once: pages of an organisation with ten thousand entities, requests of another organisation's
program, imports of the first one that are asked for, begin and end, and open pages that hear of it. A request
counts from the moment that it is due, and is sent by a process of its own.
"""

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import httpx2
import psycopg

from bench import earlier, report, server
from bench.results import AT_LEAST, Row, merge, say
from bench.services.load import Build, Timed, at_their_times, moments, percentile_row, sign_in
from monitr_pipelines.shipped import ROOT
from monitr_pipelines.web.hook import signatures

ENTITIES = 10_000
# How many times as long the earlier build must take at least, by number of entities.
SIZES = {1_000: 1.5, 2_000: 3, 5_000: 8, ENTITIES: 20}
READS = 5
SECONDS = 60
PAGES_A_SECOND, REQUESTS_A_SECOND, CHANGES_A_SECOND = 10, 10, 100
STREAMS = 4
PAGE_GOAL_MS, HOOK_GOAL_MS = 60, 25
ANSWER_SECONDS = 60
LARGE, OTHER = "Large", "Other"
ADD_ENTITIES = """
with connections as (
    insert into app.integration (organisation_id, provider)
    select organisations.id, 'tryton'
    from app.organisation as organisations cross join generate_series(1, %(count)s)
    where organisations.name = %(organisation)s
    returning id, organisation_id
),

entities as (
    insert into app.entity (key, organisation_id, integration_id, name)
    select id || '-company', organisation_id, id, 'Company ' || substr(md5(id::text), 1, 12) from connections
    returning id
)

insert into app.import (entity_id, trigger, run_id, started_at, lease_until, finished_at, outcome, counts)
select
    id,
    'scheduled',
    'bench ' || id,
    now() - interval '5 hours',
    now() - interval '5 hours',
    now() - interval '4 hours',
    case when mod(id, 20) = 0 then 'failed' else 'succeeded' end,
    '{"new": 12, "changed": 3, "deleted": 0}'
from entities
"""
ASK = (
    "insert into app.import (entity_id, trigger) values (%s, 'scheduled') on conflict do nothing returning id"
)
BEGIN = """
update app.import set run_id = 'bench run ' || id, started_at = now(), lease_until = now() + interval '1 hour'
where id = %s
"""
END = "update app.import set finished_at = now(), outcome = 'succeeded' where id = %s"


def main() -> None:
    """Measure and print; exit code 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.services.entities_page", description=__doc__)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="how long the load lasts")
    parser.add_argument("--skip-earlier", action="store_true", help="no look at the earlier build")
    parser.add_argument("--write", action="store_true", help="keep the rows in bench/results.json")
    chosen = parser.parse_args()
    with server.running() as running:
        rows = measure(running, chosen.seconds, beside_earlier=not chosen.skip_earlier)
    if chosen.write:
        merge(rows)
        report.renew_page()
    sys.exit(0 if all(row.holds for row in rows) else 1)


def measure(running: server.Server, seconds: int = SECONDS, *, beside_earlier: bool = True) -> list[Row]:
    """All rows: pages beside the earlier build, then pages and web hook under load."""
    folder = Path(tempfile.mkdtemp(prefix="monitr-bench-page-"))
    try:
        with earlier.checkout() as files:
            ours = _build(running, folder, "page_ours", ROOT)
            rows = _compare(ours, _build(running, folder, "page_earlier", files)) if beside_earlier else []
        if not beside_earlier:
            _grow(ours, ENTITIES)
        return [*rows, *_under_load(ours, seconds)]
    finally:
        for name in ("page_ours", "page_earlier"):
            running.drop(name)
        shutil.rmtree(folder)


def _build(running: server.Server, folder: Path, name: str, files: Path) -> Build:
    build = Build(files, running.create(name), folder / name)
    build.home.mkdir()
    earlier.migrate(files, build.address)
    for organisation in (LARGE, OTHER):
        build.command("org", "add", organisation)
    return build


def _grow(build: Build, count: int, organisation: str = LARGE) -> None:
    with psycopg.connect(build.address, autocommit=True) as connection:
        connection.execute(ADD_ENTITIES, {"count": count, "organisation": organisation})
        connection.execute("vacuum analyze")


def _compare(ours: Build, other: Build) -> list[Row]:
    """Seconds of a page, read by each build in turn; what the earlier one gives up counts as it took."""
    rows, before = [], 0
    with ours.serving() as mine, other.serving() as theirs, httpx2.Client(timeout=ANSWER_SECONDS) as client:
        cookies = [sign_in(client, url, build, LARGE) for url, build in ((mine, ours), (theirs, other))]
        for size, goal in SIZES.items():
            for build in (ours, other):
                _grow(build, size - before)
            before = size
            rounds = [
                [_read(client, url, cookie) for url, cookie in zip((mine, theirs), cookies, strict=True)]
                for _ in range(READS)
            ]
            ratios = [theirs / mine for (mine, _), (theirs, _) in rounds]
            taken = [[mine, theirs] for (mine, _), (theirs, _) in rounds]
            rows.append(
                Row(
                    f"Entities page of {size:,} entities, times as fast as {earlier.COMMIT}",
                    "s",
                    median(mine for mine, _ in taken),
                    goal,
                    AT_LEAST,
                    median(theirs for _, theirs in taken),
                    median(ratios),
                    rounds=taken,
                )
            )
            statuses = Counter(status for _, (_, status) in rounds)
            say(f"{rows[-1].name}: {rows[-1].ours:.3f} s to {rows[-1].peer:.3f} s, answered {dict(statuses)}")
            if any(status != 200 for (_, status), _ in rounds):
                raise RuntimeError("a page of this build was not answered")
    return rows


def _read(client: httpx2.Client, url: str, cookie: str) -> Timed:
    began = time.perf_counter()
    answer = client.get(f"{url}/entities", headers={"cookie": f"monitr_session={cookie}"})
    return time.perf_counter() - began, answer.status_code


def _under_load(build: Build, seconds: int) -> list[Row]:
    _grow(build, 10, OTHER)
    key = build.command("hook-key", "create", "--org", OTHER)
    with build.serving() as url, httpx2.Client(timeout=ANSWER_SECONDS) as client:
        load = Load(build.address, url, sign_in(client, url, build, LARGE), key, seconds)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            changing = pool.submit(load.change)
            pages, requests, heard = pool.submit(load.send).result()
            changes = changing.result()
    say(f"{changes} status changes; open pages heard {heard} messages")
    rows = [
        percentile_row(f"page of {ENTITIES:,} entities under load, p95", pages, 95, PAGE_GOAL_MS),
        percentile_row("answer of the web hook beside these pages, p99", requests, 99, HOOK_GOAL_MS),
    ]
    if changes < CHANGES_A_SECOND * seconds * 0.95:
        raise RuntimeError(f"only {changes} status changes were made")
    return rows


@dataclass(frozen=True)
class Load:
    """What goes on at once, from other processes."""

    address: str
    url: str
    cookie: str
    key: str
    seconds: int

    def change(self) -> int:
        """Imports of the large organisation are asked for, begin and end; how many changes that was."""
        made, chance = 0, random.Random(1)  # noqa: S311 - no secret
        with psycopg.connect(self.address, autocommit=True) as connection:
            ids = _entities(connection, LARGE, "id")
            for due in moments(CHANGES_A_SECOND / 3, self.seconds):
                time.sleep(max(0, due - time.monotonic()))
                asked = connection.execute(ASK, [chance.choice(ids)]).fetchone()
                for statement in (BEGIN, END):
                    connection.execute(statement, asked)
                made += 3
        return made

    def send(self) -> tuple[list[Timed], list[Timed], int]:
        """Pages and requests, each with its milliseconds and status; and what open pages heard."""
        return asyncio.run(self._send())

    async def _send(self) -> tuple[list[Timed], list[Timed], int]:
        with psycopg.connect(self.address) as connection:
            pages, targets = (
                self._pages(_entities(connection, LARGE, "key")),
                _entities(connection, OTHER, "key"),
            )
        async with httpx2.AsyncClient(base_url=self.url, timeout=ANSWER_SECONDS) as client:
            listening = [asyncio.create_task(self._listen(client)) for _ in range(STREAMS)]
            sent = await asyncio.gather(
                at_their_times(
                    PAGES_A_SECOND,
                    self.seconds,
                    lambda due, nth: self._page(client, due, pages[nth]),
                ),
                at_their_times(
                    REQUESTS_A_SECOND,
                    self.seconds,
                    lambda due, nth: self._ask(client, due, targets[nth % len(targets)]),
                ),
            )
            for stream in listening:
                stream.cancel()
            heard = await asyncio.gather(*listening)
        return sent[0], sent[1], sum(heard)

    def _pages(self, keys: Sequence[str]) -> list[str]:
        """Most of them from somewhere in the middle, some filtered or searched."""
        chance = random.Random(2)  # noqa: S311 - no secret
        kinds = ("", "?status=failed", "?q=company+12", *[f"?after={chance.choice(keys)}" for _ in range(7)])
        return [f"/entities{chance.choice(kinds)}" for _ in range(PAGES_A_SECOND * self.seconds)]

    async def _page(self, client: httpx2.AsyncClient, due: float, path: str) -> Timed:
        answer = await client.get(path, headers={"cookie": f"monitr_session={self.cookie}"})
        return (time.monotonic() - due) * 1000, answer.status_code

    async def _ask(self, client: httpx2.AsyncClient, due: float, entity: str) -> Timed:
        body = json.dumps({"entity": entity}).encode()
        signed = signatures.sign(self.key, f"page_{due}", body, datetime.now(UTC))
        headers = signed | {"content-type": "application/json"}
        answer = await client.post("/hooks/imports", content=body, headers=headers)
        return (time.monotonic() - due) * 1000, answer.status_code

    async def _listen(self, client: httpx2.AsyncClient) -> int:
        """An open page that shows fifty entities."""
        heard, shown = 0, ",".join(map(str, range(1, 51)))
        headers = {"cookie": f"monitr_session={self.cookie}"}
        try:
            async with client.stream("GET", f"/entities/events?shown={shown}", headers=headers) as answer:
                async for line in answer.aiter_lines():
                    heard += line.startswith("event")
        except asyncio.CancelledError:
            pass
        return heard


def _entities(
    connection: psycopg.Connection[tuple[object, ...]], organisation: str, column: str
) -> list[str]:
    rows = connection.execute(
        f"select e.{column} from app.entity as e inner join app.organisation as o "  # noqa: S608 - our own
        "on e.organisation_id = o.id where o.name = %s order by e.id",
        [organisation],
    )
    return [value for (value,) in rows]  # type: ignore[misc]  # ids and keys


if __name__ == "__main__":
    main()
