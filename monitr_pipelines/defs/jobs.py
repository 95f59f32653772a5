"""The one job there is, and the hours of the night at which it runs for every entity."""

import dagster as dg

from monitr_pipelines.defs.partitions import entities
from monitr_pipelines.defs.raw import fetch
from monitr_pipelines.defs.reports import publish
from monitr_pipelines.warehouse import database

SCHEDULED = {"dagster/priority": "-10"}

import_entity = dg.define_asset_job(
    "import_entity",
    selection=dg.AssetSelection.assets(fetch, publish),
    partitions_def=entities,
    description="One import of one entity: fetch what changed, map it, regenerate the reports.",
)


@dg.schedule(
    name="nightly_imports",
    job=import_entity,
    cron_schedule=["0 0 * * *", "0 5 * * *"],
    execution_timezone="Europe/Brussels",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every active entity of a paying organisation, at midnight and at five in Brussels.",
)
def nightly_imports(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
    """One run request an entity; who may import is asked in one query. Requests from the UI go first."""
    tick = context.scheduled_execution_time.isoformat()
    due = database.read("due_entities")
    if not due:
        return dg.SkipReason("No entity is active under an active or trialing subscription.")
    return [
        dg.RunRequest(run_key=f"{tick}/{row['key']}", partition_key=row["key"], tags=SCHEDULED) for row in due
    ]
