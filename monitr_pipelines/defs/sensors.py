"""Keeping Dagster true to the database: a partition for every active entity."""

import dagster as dg

from monitr_pipelines.dagster_names import PARTITIONS
from monitr_pipelines.defs.partitions import entities
from monitr_pipelines.warehouse.server import database

# In one look, so that it ends in time: the daemon looks up every key in a query of its own.
# The next look goes on.
MOST_CHANGED = 1000


@dg.sensor(
    name="entity_partitions",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Adds a partition for every active entity and removes those of entities that are gone. "
    "A lapsed subscription keeps its partition, and with it its history.",
)
def entity_partitions(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Compare the keys with the entities, and ask the daemon to make up the difference.

    The keys are read first: an entity that is added meanwhile is then no key too many.
    """
    known = set(context.instance.get_dynamic_partitions(PARTITIONS))
    wanted = {row["key"] for row in database.read("active_entities")}
    added = sorted(wanted - known)[:MOST_CHANGED]
    gone = sorted(known - wanted)[:MOST_CHANGED]
    requests: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if added:
        requests.append(entities.build_add_request(added))
    if gone:
        requests.append(entities.build_delete_request(gone))
    told = f"{len(wanted)} active entities: {len(added)} partitions to add, {len(gone)} to remove."
    return dg.SensorResult(skip_reason=told, dynamic_partitions_requests=requests)
