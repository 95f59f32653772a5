"""The one job there is, and the hours of the night at which it runs for every entity."""

from datetime import UTC, datetime

import dagster as dg

from monitr_pipelines.dagster_names import IMPORT_ID_TAG, JOB, PARTITION_TAG, PRIORITY_TAG, SCHEDULE, run_key
from monitr_pipelines.defs.partitions import add_missing, entities
from monitr_pipelines.defs.raw import fetch
from monitr_pipelines.defs.reports import publish
from monitr_pipelines.ledger.brussels import BRUSSELS
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.warehouse.queue.nightly import write_tick
from monitr_pipelines.warehouse.queue.requests import PRIORITIES
from monitr_pipelines.warehouse.server import database

import_entity = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.assets(fetch, publish),
    partitions_def=entities,
    description="One import of one entity: fetch what changed, map it, regenerate the reports.",
)


@dg.schedule(
    name=SCHEDULE,
    job=import_entity,
    cron_schedule=["0 0 * * *", "0 5 * * *"],
    execution_timezone=BRUSSELS,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every active entity of a paying organisation, at midnight and at five in Brussels.",
)
def nightly_imports(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
    """One import and its run request an entity; the log tells who was skipped, and why."""
    tick = context.scheduled_execution_time
    with database.connect(autocommit=True) as connection:
        night = write_tick(connection, tick, now=datetime.now(UTC))
    for skipped in night.skipped:
        context.log.info(str(skipped))
    if not night.due:
        return dg.SkipReason("; ".join(map(str, night.skipped)) or "There is no entity.")
    add_missing(context.instance, night.due)
    return [_request(tick, key, import_id) for key, import_id in night.due.items()]


def _request(tick: datetime, key: str, import_id: int) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=run_key(tick, key),
        partition_key=key,
        tags={
            # Said here too, so that Dagster does not look up each key in a query of its own.
            PARTITION_TAG: key,
            PRIORITY_TAG: str(PRIORITIES[Trigger.SCHEDULED]),
            IMPORT_ID_TAG: str(import_id),
        },
    )
