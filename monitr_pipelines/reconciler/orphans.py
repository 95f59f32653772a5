"""Workers that died: their imports are Failed, and the runs that they left behind are ended."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import RunRecord
from dagster._core.launcher import WorkerStatus
from psycopg.rows import DictRow

from monitr_pipelines import settings
from monitr_pipelines.logs import about_import
from monitr_pipelines.reconciler.starts import Starts
from monitr_pipelines.warehouse.queue import claims
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# Within this a start that goes well has claimed its import, and an ended import has ended its run.
GRACE = timedelta(seconds=15)
# A start whose process lives is waited for, but not for ever; Dagster gives up as late (dagster.yaml).
LONGEST_START = timedelta(minutes=10)
MOST_RUNS = 500
UNDER_WAY = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]

log = logging.getLogger(__name__)


def end_orphans(connection: Connection, instance: dg.DagsterInstance, starts: Starts) -> None:
    """Fail imports whose lease ran out, and end runs without one: they would block their entity for ever."""
    claims.expire_lost(connection)
    records = instance.get_run_records(dg.RunsFilter(statuses=UNDER_WAY), limit=MOST_RUNS)
    now = datetime.now(UTC)
    starts.look(records, now)
    if not records:
        return
    rows = database.run(
        connection,
        "reconciler/imports_of_runs",
        run_ids=[record.dagster_run.run_id for record in records],
        grace=GRACE,
    )
    imports = {row["run_id"]: row for row in rows}
    idle = [record for record in records if _is_idle(record, imports.get(record.dagster_run.run_id), now)]
    dead = _dead(instance, starts, idle, now)
    for record in records:
        run = record.dagster_run
        known = imports.get(run.run_id)
        if record is dead or (known and known["lost"]):
            with about_import(known["id"] if known else None):
                log.warning("run %s has lost its worker", run.run_id)
            instance.report_run_failed(
                run, "The worker of this run is lost; its import tells what became of it."
            )


def _is_idle(record: RunRecord, claimed: DictRow | None, now: datetime) -> bool:
    """Whether a run has claimed no import, or has ended its own, and had the time to go on."""
    return bool(claimed["over"]) if claimed else now - _since(record) > GRACE


def _dead(
    instance: dg.DagsterInstance, starts: Starts, idle: Sequence[RunRecord], now: datetime
) -> RunRecord | None:
    """One of the idle runs that has no process (any more).

    A run that is only slow is waited for: launched again, it would make the others slower still.
    """
    by_id = {record.dagster_run.run_id: record for record in idle}
    chosen = starts.next_to_ask(by_id, now)
    if chosen is None:
        return None
    record = by_id[chosen]
    if record.start_time is None and now - _since(record) > LONGEST_START:
        return record
    if settings.broker_url():
        health = instance.run_launcher.check_run_worker_health(record.dagster_run)
        return record if health.status is WorkerStatus.FAILED else None
    gone = starts.worker_is_gone(record.dagster_run)
    if gone is None:  # nobody knows of its process: Dagster looks after what never began
        gone = record.start_time is not None
    return record if gone else None


def _since(record: RunRecord) -> datetime:
    if record.start_time is None:
        return record.update_timestamp
    return datetime.fromtimestamp(record.start_time, UTC)
