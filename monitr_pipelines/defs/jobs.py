"""The one job there is, and the hours of the night at which it runs for every entity."""

from datetime import UTC, datetime

import dagster as dg

from monitr_pipelines import providers
from monitr_pipelines.dagster_names import JOB, SCHEDULE
from monitr_pipelines.defs.partitions import entities
from monitr_pipelines.defs.raw import fetch
from monitr_pipelines.defs.reports import publish
from monitr_pipelines.ledger.brussels import BRUSSELS
from monitr_pipelines.warehouse.queue.nightly import read_night
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
    description="Every entity that can be imported, of a paying organisation, at midnight and at five in "
    "Brussels. A tick says for whom; once it is recorded, the reconciler asks for these imports and launches "
    "them. A preview of a tick changes nothing.",
)
def nightly_imports(context: dg.ScheduleEvaluationContext) -> dg.SkipReason:
    """Say who is due, in a transaction that cannot write: a tick may be evaluated by whoever looks at it."""
    tick = context.scheduled_execution_time
    with database.connect() as connection:
        connection.read_only = True
        night = read_night(connection, tick, now=datetime.now(UTC), importable=providers.names())
    return dg.SkipReason(f"{night}.")
