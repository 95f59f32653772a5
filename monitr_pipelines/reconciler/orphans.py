"""Workers that died: their imports are Failed, and the runs that they left behind are ended."""

import logging
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import RunRecord

from monitr_pipelines.logs import about_import
from monitr_pipelines.warehouse.queue import claims
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# From a run's start to its claim, and from its import's end to its own, less than a second passes. A run that
# was only slow may still claim its import after this; the one that takes its place is refused then.
GRACE = timedelta(seconds=15)
MOST_RUNS = 500
RUNNING = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]

log = logging.getLogger(__name__)


def end_orphans(connection: Connection, instance: dg.DagsterInstance) -> None:
    """Fail imports whose lease ran out, and end runs without one: they would block their entity for ever."""
    claims.expire_lost(connection)
    running = instance.get_run_records(dg.RunsFilter(statuses=RUNNING), limit=MOST_RUNS)
    if not running:
        return
    rows = database.run(
        connection,
        "reconciler/imports_of_runs",
        run_ids=[record.dagster_run.run_id for record in running],
        grace=GRACE,
    )
    imports = {row["run_id"]: row for row in rows}
    for record in running:
        run = record.dagster_run
        known = imports.get(run.run_id)
        if known["lost"] if known else _is_old(record):
            with about_import(known["id"] if known else None):
                log.warning("run %s has lost its worker", run.run_id)
            instance.report_run_failed(
                run, "The worker of this run is lost; its import tells what became of it."
            )


def _is_old(record: RunRecord) -> bool:
    """Whether a run that never claimed an import had the time to. Dagster looks after what never began."""
    if record.start_time is None:
        return False
    return datetime.now(UTC) - datetime.fromtimestamp(record.start_time, UTC) > GRACE
