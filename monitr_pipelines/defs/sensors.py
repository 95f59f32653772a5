"""Keeping Dagster's partitions equal to the active entities."""

import dagster as dg

from monitr_pipelines.defs.partitions import entities
from monitr_pipelines.warehouse import database


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
