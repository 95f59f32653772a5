"""A night end to end on the embedded default: `python -m bench.services.night --entities 300 --busy 12`.

Small entities, each with a file that waits; `monitr up` imports them all, first with the machine to itself,
then beside busy processes. Nothing may be lost, doubled or launched twice; seconds are for comparison.
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
from io import BytesIO
from pathlib import Path

from bench.results import say
from bench.services import cpu, web
from monitr_pipelines import providers, settings
from monitr_pipelines.warehouse.queue import nightly, uploads
from monitr_pipelines.warehouse.registry import entities, organisations
from monitr_pipelines.warehouse.server import database, embedded
from monitr_pipelines.warehouse.server.database import Connection

ENTITIES = 300
PER_ORGANISATION = 20
LONGEST_SECONDS = 2 * 60 * 60
BOOKS = b"""date,account_code,account_name,description,debit,credit
2026-01-05,400000,Debtors,,100,
2026-01-05,700000,Sales,,,100
"""
COUNTS = """
select
    count(*) filter (where outcome = 'succeeded') as succeeded,
    count(*) filter (where outcome is distinct from 'succeeded') as lost,
    count(*) - count(distinct entity_id) as doubled,
    coalesce(sum(greatest(launches - 1, 0)), 0) as launched_again
from app.import where tick = %s
"""


@dataclass(frozen=True)
class Night:
    """What came of a night; seconds of the clock and of processors, with those of PostgreSQL."""

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
        return self.lost == self.doubled == self.launched_again == 0

    def __str__(self) -> str:
        return (
            f"{self.succeeded} imported, {self.lost} lost, {self.doubled} doubled, "
            f"{self.launched_again} starts launched again, beside {self.busy} busy processes: "
            f"{self.seconds:.0f} s, {self.cpu_seconds:.0f} CPU seconds "
            f"({self.cpu_seconds / max(self.succeeded, 1):.1f} an import)"
        )


def main() -> None:
    """Measure and print; exit code 1 where an import was lost, doubled or launched again."""
    parser = argparse.ArgumentParser(prog="python -m bench.services.night", description=__doc__)
    parser.add_argument("--entities", type=int, default=ENTITIES, help="entities that are due")
    parser.add_argument("--busy", type=int, default=12, help="busy processes beside the second night")
    chosen = parser.parse_args()
    nights = measure(chosen.entities, [0, chosen.busy] if chosen.busy else [0])
    sys.exit(0 if all(night.holds for night in nights) else 1)


def measure(wanted: int, busy: list[int]) -> list[Night]:
    """A night for each number of busy processes beside it."""
    nights = []
    with web.home(), _up() as process, database.connect(autocommit=True) as connection:
        keys = _populate(connection, wanted)
        for beside in busy:
            nights.append(_measure(connection, process, keys, beside))
            say(str(nights[-1]))
    return nights


def _measure(connection: Connection, process: subprocess.Popen[bytes], keys: list[int], beside: int) -> Night:
    for entity_id in keys:
        uploads.store(connection, entity_id, BytesIO(BOOKS), file_name="books.csv", mode="years", settings={})
    with _busy(beside):
        used, started = _cpu_seconds(process.pid), time.perf_counter()
        tick = datetime.now(UTC)
        nightly.write_night(connection, tick, now=tick, importable=providers.names())
        _wait_for_the_end(connection, process)
        seconds = time.perf_counter() - started
        spent = _cpu_seconds(process.pid) - used
    counts = connection.execute(COUNTS, [tick]).fetchone()
    if counts is None:
        raise RuntimeError("the night left nothing behind")
    return Night(busy=beside, **counts, seconds=seconds, cpu_seconds=spent)


def _populate(connection: Connection, wanted: int) -> list[int]:
    keys = []
    for number in range(wanted):
        owner = f"organisation {number // PER_ORGANISATION}"
        if number % PER_ORGANISATION == 0:
            organisations.add(connection, owner, "active")
        keys.append(entities.add_entity(connection, owner, "file", {"name": f"Company {number}"}))
    rows = connection.execute("select id from app.entity where key = any(%s) order by id", [keys])
    return [row["id"] for row in rows]


@contextmanager
def _up() -> Iterator[subprocess.Popen[bytes]]:
    os.environ["MONITR_DAGSTER_PORT"] = str(web.free_port())
    command = [str(Path(sys.executable).parent / "monitr"), "up"]
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


def _wait_for_the_end(connection: Connection, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while _some_are_open(connection):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((settings.home() / "up.log").read_text(errors="replace")[-2000:])
        time.sleep(1)


def _some_are_open(connection: Connection) -> bool:
    return bool(connection.execute("select from app.import where finished_at is null limit 1").fetchall())


def _cpu_seconds(pid: int) -> float:
    """What a process, those that it started and PostgreSQL have used so far."""
    server = int((embedded.cluster_of(settings.home()).data / "postmaster.pid").read_text().split("\n", 1)[0])
    return cpu.used(pid, server)


if __name__ == "__main__":
    main()
