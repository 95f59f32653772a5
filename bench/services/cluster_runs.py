"""What an import costs on workers, beside Dagster's stock defaults: `python -m bench.services.cluster_runs`.

Two nights each, of the same small entities, by the same code of the import, from the same emulated software:
first imports of a hundred lines, then imports that find nothing to do. Stock is `dagster dev` without
settings: its run launcher, a process for each of six assets, SQLite (`bench/services/stock.py`). Ours is
`monitr up --workers`. CPU seconds are those of all processes, with PostgreSQL, Redis, PgBouncer and what
ended, from the first request until Dagster's last run is over.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import dagster as dg
import psycopg

from bench import report
from bench.chart import Bar, draw
from bench.results import Row, against, merge, say
from bench.services import night, stock, web
from bench.services.night import NO_WORKERS, Workers
from monitr_pipelines import settings
from monitr_pipelines.cli.services import PATIENCE
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

ENTITIES = 20
ROUNDS = 1
STOCK = "Dagster's stock defaults"
WORKERS = (1, 2)
SLOTS = 2
GOAL_NOTHING, GOAL_WORK = 40, 25
HOUR = 3600
LONGEST_SECONDS = 3600
START_SECONDS = 120
LOOK_SECONDS = 0.5
END_SECONDS = 120
CHART = report.PAGE.with_name("workers.svg")
UNDER_WAY = """
select count(*) from runs where status not in ('SUCCESS', 'FAILURE', 'CANCELED')
"""
DONE = "select count(*) as done from app.import where outcome = 'succeeded'"


@dataclass(frozen=True)
class Cost:
    """CPU seconds of an import that has work, and of one that has nothing to do; imports an hour of both."""

    work: float
    nothing: float
    work_an_hour: float
    nothing_an_hour: float

    def __str__(self) -> str:
        return (
            f"{self.work:.2f} CPU s an import of {night.LINES} lines, {self.work_an_hour:,.0f} an hour; "
            f"{self.nothing:.2f} CPU s with nothing to do, {self.nothing_an_hour:,.0f} an hour"
        )


def main() -> None:
    """Measure and print; exit code 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.services.cluster_runs", description=__doc__)
    parser.add_argument("--entities", type=int, default=ENTITIES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--slots", type=int, default=SLOTS, help="imports that each worker runs at once")
    parser.add_argument("--write", action="store_true", help="put the rows into bench/results.json")
    chosen = parser.parse_args()
    about = report.machine() | {"commit": report.commit()}
    costs = measure(chosen.entities, chosen.rounds, chosen.slots)
    rows = rows_of(costs)
    if chosen.write:
        told = "; ".join(f"{name}: {value}" for name, value in about.items())
        each = "; ".join(f"{name}: {found[-1]}" for name, found in costs.items())
        merge(rows, about={"workers": f"{chosen.entities} entities, {chosen.slots} slots; {told}; {each}"})
        CHART.write_text(chart(costs))
        report.renew_page()
    sys.exit(0 if all(row.holds for row in rows) else 1)


def measure(count: int, rounds: int, slots: int) -> dict[str, list[Cost]]:
    """The costs by who made the imports, in rounds of all of them in turn."""
    contestants: dict[str, Callable[[], Cost]] = {
        STOCK: partial(_stock, count),
        "Monitr without workers": partial(_ours, count, NO_WORKERS),
    }
    for number in WORKERS:
        contestants[_name(number)] = partial(_ours, count, Workers(number, slots))
    costs: dict[str, list[Cost]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            costs[name].append(run())
            say(f"{count} entities, {name}: {costs[name][-1]}")
    return costs


def rows_of(costs: dict[str, list[Cost]]) -> list[Row]:
    """The two promises, of as many workers as were measured at most."""
    ours, theirs = costs[_name(max(WORKERS))], costs[STOCK]
    rows = []
    for name, part, goal in (
        ("with nothing to do", "nothing", GOAL_NOTHING),
        (f"of {night.LINES} lines", "work", GOAL_WORK),
    ):
        rows.append(
            against(
                f"An import {name} on workers, CPU of all processes; Dagster's stock defaults, times as much",
                "s",
                [getattr(each, part) for each in ours],
                [getattr(each, part) for each in theirs],
                goal=goal,
                upside_down=True,
            )
        )
        say(f"{rows[-1].name}: {rows[-1].ratio:.1f} (goal {goal})")
    return rows


def chart(costs: dict[str, list[Cost]]) -> str:
    """Speed and cost by the number of workers, of the last round."""
    panels = []
    for title, part in (
        ("Imports with nothing to do, an hour", "nothing_an_hour"),
        (f"First imports of {night.LINES} lines, an hour", "work_an_hour"),
        ("CPU seconds of an import with nothing to do", "nothing"),
        (f"CPU seconds of a first import of {night.LINES} lines", "work"),
    ):
        bars = []
        for name, found in costs.items():
            value = getattr(found[-1], part)
            shown = f"{value:,.{0 if part.endswith('hour') else 2}f}"
            bars.append(Bar(name, value, shown, name.startswith("Monitr")))
        panels.append((title, bars))
    return draw(panels)


def _name(workers: int) -> str:
    return f"Monitr on {workers} worker{'s' if workers > 1 else ''}"


def _ours(count: int, workers: Workers) -> Cost:
    with night.populated(count) as connection, night.up(workers) as process:
        night.warm_up(connection, process)
        _wait_for(_runs_are_over, process)
        a_night = partial(_night_of_ours, connection, process, count)
        nights = [_timed(process, a_night) for _ in range(2)]
    return _cost(nights, count)


def _night_of_ours(connection: Connection, process: subprocess.Popen[bytes], count: int) -> None:
    if not night.one_night(connection, process, count).holds:
        raise RuntimeError("not every import succeeded once")
    _wait_for(_runs_are_over, process)


def _runs_are_over() -> bool:
    with psycopg.connect(database.dagster_url(), autocommit=True) as connection:
        return connection.execute(UNDER_WAY).fetchone() == (0,)


def _stock(count: int) -> Cost:
    with night.populated(count) as connection, _dagster_dev() as process:
        keys = [row["key"] for row in connection.execute("select key from app.entity order by id")]
        with dg.DagsterInstance.from_config(os.environ["DAGSTER_HOME"]) as instance:
            _night_of_stock(instance, process, "1", keys[:1])  # everything has started then
            nights = [
                _timed(process, partial(_night_of_stock, instance, process, number, keys))
                for number in ("2", "3")
            ]
        done = connection.execute(DONE).fetchone()
        if done != {"done": 2 * count + 1}:
            raise RuntimeError(f"not every import succeeded: {done}; see dev.log of the home")
    return _cost(nights, count)


def _night_of_stock(
    instance: dg.DagsterInstance, process: subprocess.Popen[bytes], number: str, keys: list[str]
) -> None:
    before = instance.get_runs_count()
    draft = Path(os.environ[stock.WANTED]).with_suffix(".draft")
    draft.write_text(json.dumps({"number": number, "keys": keys}))
    draft.replace(os.environ[stock.WANTED])

    def over() -> bool:
        ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
        return instance.get_runs_count(dg.RunsFilter(statuses=ended)) == before + len(keys)

    _wait_for(over, process)


@contextmanager
def _dagster_dev() -> Iterator[subprocess.Popen[bytes]]:
    """Dagster as it comes, in a home of its own; what it would tell its makers stays here.

    It may wait as long for the start of a run as ours does: on a busy machine it would count as failed.
    """
    folder = settings.home() / "stock"
    folder.mkdir()
    (folder / "dagster.yaml").touch()
    os.environ |= PATIENCE | {
        "DAGSTER_HOME": str(folder),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        stock.WANTED: str(folder / "night.json"),
    }
    command = [sys.executable, "-m", "dagster", "dev", "-m", stock.__name__]
    with (folder / "dev.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - ours
            [*command, "-h", "127.0.0.1", "-p", str(web.free_port())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(END_SECONDS)


def _timed(process: subprocess.Popen[bytes], action: Callable[[], None]) -> tuple[float, float]:
    """CPU seconds of all that runs, and seconds of the clock."""
    used, started = night.cpu_seconds(process.pid), time.perf_counter()
    action()
    return night.cpu_seconds(process.pid) - used, time.perf_counter() - started


def _cost(nights: list[tuple[float, float]], count: int) -> Cost:
    (work, work_seconds), (nothing, nothing_seconds) = nights
    return Cost(work / count, nothing / count, count / work_seconds * HOUR, count / nothing_seconds * HOUR)


def _wait_for(over: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not over():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the runs did not end")
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
