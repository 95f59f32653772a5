"""A tick of the night: `python -m bench.services.schedule --entities 1000`.

How long its evaluation takes, which asks who is due, and how long it takes to write their imports.
"""

import argparse
import os
import sys
import time
import warnings
from datetime import UTC, datetime, timedelta
from io import BytesIO

import dagster as dg

from bench.results import Row, say, single
from bench.services import web
from monitr_pipelines import providers, settings, shipped
from monitr_pipelines.dagster_names import SCHEDULE
from monitr_pipelines.warehouse.queue import nightly, uploads
from monitr_pipelines.warehouse.registry import entities, organisations
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

ENTITIES = 1_000
EVALUATION_SECONDS = 5
WRITTEN_SECONDS = 10
PER_ORGANISATION = 20


def main() -> None:
    """Measure and print; exit code 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.services.schedule", description=__doc__)
    parser.add_argument("--entities", type=int, default=ENTITIES, help="active entities that are due")
    sys.exit(0 if all(row.holds for row in measure(parser.parse_args().entities)) else 1)


def measure(wanted: int = ENTITIES) -> list[Row]:
    """Seconds of an evaluation, and of writing the imports of a tick."""
    with web.home(), database.connect(autocommit=True) as connection:
        _populate(connection, wanted)
        evaluated = [_evaluate(wanted) for _ in range(2)]
        written = _write(connection, wanted)
    rows = [
        single(f"tick over {wanted:,} entities, evaluation", "s", evaluated, goal=EVALUATION_SECONDS),
        single(f"tick over {wanted:,} entities, until all wait", "s", [written], goal=WRITTEN_SECONDS),
    ]
    for row in rows:
        say(f"{row.name}: {row.ours:.2f} s")
    return rows


def _populate(connection: Connection, wanted: int) -> None:
    """Entities of paying organisations, each with a file that waits."""
    with connection.transaction():
        for number in range(wanted):
            owner = f"organisation {number // PER_ORGANISATION}"
            if number % PER_ORGANISATION == 0:
                organisations.add(connection, owner, "active")
            key = entities.add_entity(connection, owner, "file", {"name": f"Company {number}"})
            entity = entities.find(connection, key)
            uploads.store(connection, entity.id, BytesIO(), file_name="books.csv", mode="years", settings={})


def _evaluate(wanted: int) -> float:
    """The seconds that the code server takes for one evaluation."""
    os.environ["DAGSTER_HOME"] = str(settings.home())
    (settings.home() / "dagster.yaml").write_text(shipped.DAGSTER_YAML.read_text())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from monitr_pipelines.definitions import defs  # noqa: PLC0415 - Dagster warns of itself

        schedule = defs().resolve_schedule_def(SCHEDULE)
    tick = datetime.now(UTC) - timedelta(days=2)
    with (
        dg.DagsterInstance.get() as instance,
        dg.build_schedule_context(instance=instance, scheduled_execution_time=tick) as context,
    ):
        started = time.perf_counter()
        told = schedule.evaluate_tick(context).skip_message or ""
        took = time.perf_counter() - started
    if not told.startswith(f"imports asked for: {wanted}"):
        raise RuntimeError(f"not every entity was due: {told}")
    return took


def _write(connection: Connection, wanted: int) -> float:
    """The seconds until the imports of a tick that came are written."""
    tick = datetime.now(UTC)
    started = time.perf_counter()
    night = nightly.write_night(connection, tick, now=tick, importable=providers.names())
    took = time.perf_counter() - started
    if night is None or len(night.due) != wanted:
        raise RuntimeError("not every entity was asked for")
    return took


if __name__ == "__main__":
    main()
