"""Keeping Dagster true to the database: partitions of active entities, no runs of lost workers."""

import dagster as dg

from monitr_pipelines.defs.partitions import entities
from monitr_pipelines.warehouse import database
from monitr_pipelines.warehouse.imports import expire_lost


@dg.sensor(
    name="entity_partitions",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Adds a partition for every active entity and removes those of entities that are gone. "
    "A lapsed subscription keeps its partition, and with it its history.",
)
def entity_partitions(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Compare the keys with the entities and request the difference."""
    wanted = {row["key"] for row in database.read("active_entities")}
    present = set(context.instance.get_dynamic_partitions(entities.name or ""))
    requests: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if wanted - present:
        requests.append(entities.build_add_request(sorted(wanted - present)))
    if present - wanted:
        requests.append(entities.build_delete_request(sorted(present - wanted)))
    if not requests:
        return dg.SkipReason(f"{len(present)} partitions are as they should be.")
    return dg.SensorResult(dynamic_partitions_requests=requests)


@dg.sensor(
    name="lost_runs",
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Fails imports whose worker no longer renews its lease, and the runs that they leave behind: "
    "a run that seems to go on would keep its entity waiting for ever.",
)
def lost_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Ask the database which workers are lost, and end their runs."""
    with database.connect(autocommit=True) as connection:
        expire_lost(connection)
    ended = []
    for row in database.read("lost_runs"):
        run = context.instance.get_run_by_id(row["run_id"])
        if run is not None and not run.is_finished:
            context.instance.report_run_failed(run, row["error_detail"])
            ended.append(run.run_id)
    return dg.SkipReason(f"Ended {', '.join(ended)}." if ended else "No run has lost its worker.")
