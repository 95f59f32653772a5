"""A tick of the night: `python -m bench.services.schedule --entities 1000`.

How long its evaluation takes, and how long the real daemon takes until every run is queued. Nothing
is launched meanwhile, so that the imports themselves are not measured.
"""

import argparse
import os
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import dagster as dg
from dagster._core.scheduler.instigation import InstigatorState, InstigatorType, ScheduleInstigatorData

from bench.results import Row, say, single
from bench.services import web
from monitr_pipelines import settings, shipped
from monitr_pipelines.dagster_names import SCHEDULE
from monitr_pipelines.warehouse.registry import entities, organisations
from monitr_pipelines.warehouse.server import database

ENTITIES = 1_000
EVALUATION_SECONDS = 5
QUEUED_SECONDS = 720  # ten thousand in the two hours of the night
PER_ORGANISATION = 20
LONGEST_SECONDS = 3600
POLL_SECONDS = 0.25
LAUNCHING = re.compile(r"max_concurrent_runs: \d+")
Found = TypeVar("Found")


def main() -> None:
    """Measure and print; exit code 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.services.schedule", description=__doc__)
    parser.add_argument("--entities", type=int, default=ENTITIES, help="active entities that are due")
    sys.exit(0 if all(row.holds for row in measure(parser.parse_args().entities)) else 1)


def measure(wanted: int = ENTITIES) -> list[Row]:
    """Seconds of an evaluation, and until the daemon has queued all of its runs."""
    with web.home(), _nothing_launched() as instance:
        _populate(wanted)
        evaluated = [_evaluate(instance, wanted) for _ in range(2)]
        queued = _time_until_queued(instance, wanted)
    rows = [
        single(f"tick over {wanted:,} entities, evaluation", "s", evaluated, goal=EVALUATION_SECONDS),
        single(f"tick over {wanted:,} entities, until all are queued", "s", [queued], goal=QUEUED_SECONDS),
    ]
    for row in rows:
        say(f"{row.name}: {row.ours:.2f} s")
    return rows


@contextmanager
def _nothing_launched() -> Iterator[dg.DagsterInstance]:
    """An instance that queues runs and launches none."""
    os.environ["DAGSTER_HOME"] = str(settings.home())
    given = shipped.DAGSTER_YAML.read_text()
    (settings.home() / "dagster.yaml").write_text(LAUNCHING.sub("max_concurrent_runs: 0", given))
    with dg.DagsterInstance.get() as instance:
        yield instance


def _populate(wanted: int) -> None:
    with database.connect(autocommit=True) as connection, connection.transaction():
        for number in range(wanted):
            owner = f"organisation {number // PER_ORGANISATION}"
            if number % PER_ORGANISATION == 0:
                organisations.add(connection, owner, "active")
            entities.add_entity(connection, owner, "file", {"name": f"company {number}"})


def _forget_imports() -> None:
    with database.connect(autocommit=True) as connection:
        connection.execute("delete from app.import")


def _evaluate(instance: dg.DagsterInstance, wanted: int) -> float:
    """The seconds that the code server takes for one evaluation; the tick's imports are taken back."""
    tick = datetime.now(UTC) - timedelta(days=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from monitr_pipelines.definitions import defs  # noqa: PLC0415 - Dagster warns of itself

        schedule = defs().resolve_schedule_def(SCHEDULE)
    with dg.build_schedule_context(instance=instance, scheduled_execution_time=tick) as context:
        started = time.perf_counter()
        requests = schedule.evaluate_tick(context).run_requests
        took = time.perf_counter() - started
    if requests is None or len(requests) != wanted:
        raise RuntimeError("not every entity was due")
    _forget_imports()
    return took


def _time_until_queued(instance: dg.DagsterInstance, wanted: int) -> float:
    """The seconds from the daemon's look at a tick that it missed until the last run is queued."""
    with _daemon():
        state = _wait_for(lambda: _schedule_state(instance), "the daemon to know the schedule")
    known: Any = state.instigator_data
    yesterday = (datetime.now(UTC) - timedelta(days=1)).timestamp()
    instance.update_instigator_state(
        state.with_data(ScheduleInstigatorData(known.cron_schedule, start_timestamp=yesterday))
    )
    with _daemon():
        tick = _wait_for(lambda: _last_tick(instance, state), "the daemon to begin the tick")
        started = time.perf_counter()
        _wait_for(lambda: instance.get_runs_count() >= wanted, "all runs to be queued")
        say(f"the tick of {datetime.fromtimestamp(tick.timestamp, UTC):%d %b %H:%M} UTC")
        return time.perf_counter() - started


def _schedule_state(instance: dg.DagsterInstance) -> InstigatorState | None:
    states = instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE)
    return next((state for state in states if state.name == SCHEDULE), None)


def _last_tick(instance: dg.DagsterInstance, state: InstigatorState) -> Any:  # noqa: ANN401 - Dagster's
    return next(iter(instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1)), None)


@contextmanager
def _daemon() -> Iterator[None]:
    """The daemon with its code server, as `monitr up` runs it."""
    command = [sys.executable, "-m", "dagster._daemon", "run"]
    command += ["-w", str(shipped.WORKSPACE_YAML)]
    with (settings.home() / "daemon.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            cwd=settings.home(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(120)


def _wait_for(look: Callable[[], Found | None], what: str) -> Found:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not (found := look()):
        if time.monotonic() > deadline:
            log = (settings.home() / "daemon.log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"waited in vain for {what}\n{log}")
        time.sleep(POLL_SECONDS)
    return found


if __name__ == "__main__":
    main()
