"""Nights end to end: `python -m bench.services.night --entities 100 1000 10000 [--workers 2 --slots 2]`.

On the embedded default, or with workers behind Redis and PgBouncer. Small entities, twenty an organisation,
whose accounting software is emulated in a second process. Once one has been imported, so that everything is
loaded, `monitr up` imports them all: with the machine to itself, and with `--busy` again beside busy
processes. Nothing may be lost, doubled or launched twice. The cost of an import is that of all processes of
`monitr up` and of PostgreSQL; it is to be the same however many there are. `--write` keeps the last of the
nights beside the first.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import report
from bench.emulated import Emulated, emulated
from bench.results import AT_MOST, Row, against, merge, say, single
from bench.services import cpu, web
from monitr_pipelines import providers, settings
from monitr_pipelines.importing import connecting
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.warehouse.queue import nightly, requests
from monitr_pipelines.warehouse.registry import administrations, organisations
from monitr_pipelines.warehouse.registry.administrations import Choice
from monitr_pipelines.warehouse.server import database, embedded
from monitr_pipelines.warehouse.server.database import Connection

ENTITIES = 300
PER_ORGANISATION = 20
MINUTE = 60
LONGEST_SECONDS = 120 * MINUTE
PROVIDER, LINES = "odoo", 100
NETWORKS = {"MONITR_PROVIDER_NETWORKS": "127.0.0.0/8"}
FLAT = 1.1
PERSON = "bench"
SLOTS = 2
PORTS = ["MONITR_DAGSTER_PORT", "MONITR_BROKER_PORT", "MONITR_POOLER_PORT"]
COUNTS = """
select
    count(*) filter (where outcome = 'succeeded') as succeeded,
    count(*) filter (where outcome is distinct from 'succeeded') as lost,
    count(*) - count(distinct entity_id) as doubled,
    coalesce(sum(greatest(launches - 1, 0)), 0) as launched_again
from app.import where tick = %s
"""


@dataclass(frozen=True)
class Workers:
    """How many there are, and how many imports each of them runs at once."""

    count: int
    slots: int = SLOTS

    def options(self) -> list[str]:
        """Of `monitr up`."""
        return ["--workers", str(self.count), "--slots", str(self.slots)] if self.count else []

    def __str__(self) -> str:
        return f"{self.count} workers with {self.slots} slots" if self.count else "without workers"


NO_WORKERS = Workers(0)


@dataclass(frozen=True)
class Night:
    """What came of a night; seconds of the clock and of processors, with those of PostgreSQL."""

    entities: int
    busy: int
    succeeded: int
    lost: int
    doubled: int
    launched_again: int
    seconds: float
    cpu_seconds: float

    @property
    def holds(self) -> bool:
        """Whether every entity was imported by one run that was launched once."""
        return self.succeeded == self.entities and self.lost == self.doubled == self.launched_again == 0

    @property
    def cost(self) -> float:
        """CPU seconds of an import."""
        return self.cpu_seconds / max(self.succeeded, 1)

    def __str__(self) -> str:
        return (
            f"{self.entities:,} entities: {self.succeeded} imported, {self.lost} lost, "
            f"{self.doubled} doubled, {self.launched_again} starts launched again, "
            f"beside {self.busy} busy processes: "
            f"{self.seconds:.0f} s, {self.cpu_seconds:.0f} CPU seconds "
            f"({self.cost:.2f} an import)"
        )


def main() -> None:
    """Measure and print; exit code 1 where an import was lost, doubled or launched again."""
    parser = argparse.ArgumentParser(prog="python -m bench.services.night", description=__doc__)
    parser.add_argument("--entities", type=int, nargs="+", default=[ENTITIES], help="entities that are due")
    parser.add_argument("--busy", type=int, default=0, help="busy processes beside a second night")
    parser.add_argument("--lines", type=int, default=LINES, help="ledger lines of an entity")
    parser.add_argument("--workers", type=int, default=0, help="workers that run the imports; 0: none")
    parser.add_argument("--slots", type=int, default=SLOTS, help="imports that each of them runs at once")
    parser.add_argument("--write", action="store_true", help="put the rows into bench/results.json")
    chosen = parser.parse_args()
    about = report.machine() | {"commit": report.commit()}
    beside = [0, chosen.busy] if chosen.busy else [0]
    workers = Workers(chosen.workers, chosen.slots)
    nights = [night for wanted in chosen.entities for night in measure(wanted, beside, chosen.lines, workers)]
    rows = rows_of([night for night in nights if not night.busy], workers)
    for row in rows:
        say(f"{row.name}: {row.value:.2f} (goal {row.goal}): {'held' if row.holds else 'missed'}")
    if chosen.write:
        told = "; ".join(f"{name}: {value}" for name, value in about.items())
        merge(rows, about={"nights": f"{workers}; {told}; {'; '.join(map(str, nights))}"})
        report.renew_page()
    sys.exit(0 if all(night.holds for night in nights) else 1)


def measure(wanted: int, busy: list[int], lines: int = LINES, workers: Workers = NO_WORKERS) -> list[Night]:
    """A night for each number of busy processes beside it."""
    nights = []
    with (
        populated(wanted, lines) as connection,
        up(workers) as process,
    ):
        warm_up(connection, process)
        for beside in busy:
            nights.append(one_night(connection, process, wanted, beside))
            say(str(nights[-1]))
    return nights


@contextmanager
def populated(wanted: int, lines: int = LINES) -> Iterator[Connection]:
    """A home with so many entities, none of which was imported yet, and the software that has their books."""
    with emulated(PROVIDER, lines * PER_ORGANISATION, companies=PER_ORGANISATION) as software, web.home():
        os.environ |= NETWORKS
        with database.connect(autocommit=True) as connection:
            _populate(connection, software, wanted)
            yield connection


def warm_up(connection: Connection, process: subprocess.Popen[bytes]) -> None:
    """Import one entity, so that everything has started and is loaded."""
    row = connection.execute("select key from app.entity order by id limit 1").fetchone()
    if row is not None:
        requests.request(connection, row["key"], trigger=Trigger.CLI, requested_by=PERSON)
    wait_for_the_end(connection, process)


def rows_of(nights: list[Night], workers: Workers) -> list[Row]:
    """How long the last night took, and what an import cost in it beside one of the first."""
    first, last = nights[0], nights[-1]
    name = f"A night of {last.entities:,} entities, {workers}"
    rows = [single(name, "min", [last.seconds / MINUTE], goal=LONGEST_SECONDS / MINUTE)]
    if last is not first:
        beside = f"{name}: CPU of an import, of that in a night of {first.entities:,}"
        rows.append(against(beside, "s", [last.cost], [first.cost], goal=FLAT, sense=AT_MOST))
    return rows


def one_night(
    connection: Connection, process: subprocess.Popen[bytes], wanted: int, beside: int = 0
) -> Night:
    """Import every entity, and what that took."""
    with _busy(beside):
        used, started = cpu_seconds(process.pid), time.perf_counter()
        tick = datetime.now(UTC)
        nightly.write_night(connection, tick, now=tick, importable=providers.names())
        wait_for_the_end(connection, process)
        seconds = time.perf_counter() - started
        spent = cpu_seconds(process.pid) - used
    counts = connection.execute(COUNTS, [tick]).fetchone()
    if counts is None:
        raise RuntimeError("the night left nothing behind")
    return Night(entities=wanted, busy=beside, **counts, seconds=seconds, cpu_seconds=spent)


def _populate(connection: Connection, software: Emulated, wanted: int) -> None:
    """Entities of paying organisations, each of these with a connection of its own; none was imported yet."""
    listed = [each["id"] for each in software.administrations]
    for first in range(0, wanted, PER_ORGANISATION):
        owner = f"organisation {first // PER_ORGANISATION}"
        organisations.add(connection, owner, "active")
        number = connecting.connect(connection, owner, software.provider, software.settings, PERSON)
        chosen = dict.fromkeys(listed[: wanted - first], Choice.NORMAL)
        administrations.choose(connection, number, chosen, PERSON)
    # Their first imports are asked for by the night alone.
    connection.execute(
        "update app.import set finished_at = now(), outcome = 'canceled' where finished_at is null"
    )


@contextmanager
def up(workers: Workers = NO_WORKERS) -> Iterator[subprocess.Popen[bytes]]:
    """`monitr up` of the home, until the block ends."""
    for name in PORTS:
        os.environ[name] = str(web.free_port())
    command = [str(Path(sys.executable).parent / "monitr"), "up", *workers.options()]
    with (settings.home() / "up.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603 - ours
    try:
        yield process
    finally:
        process.terminate()
        process.wait(120)


@contextmanager
def _busy(number: int) -> Iterator[None]:
    with ExitStack() as ended:
        for _ in range(number):
            process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            ended.callback(process.wait)
            ended.callback(process.kill)
        yield


def wait_for_the_end(connection: Connection, process: subprocess.Popen[bytes]) -> None:
    """Until no import is open; RuntimeError with the log where that takes too long."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while _some_are_open(connection):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((settings.home() / "up.log").read_text(errors="replace")[-2000:])
        time.sleep(1)


def _some_are_open(connection: Connection) -> bool:
    return bool(connection.execute("select from app.import where finished_at is null limit 1").fetchall())


def cpu_seconds(pid: int) -> float:
    """What a process, those that it started and PostgreSQL have used so far."""
    server = int((embedded.cluster_of(settings.home()).data / "postmaster.pid").read_text().split("\n", 1)[0])
    return cpu.used(pid, server)


if __name__ == "__main__":
    main()
