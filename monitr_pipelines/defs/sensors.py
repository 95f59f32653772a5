"""Keeping Dagster true to the database: a partition for every active entity."""

import dagster as dg

from monitr_pipelines.dagster_names import PARTITIONS
from monitr_pipelines.defs.partitions import add_missing
from monitr_pipelines.warehouse.server import database

# In one look, so that it ends before the daemon gives up; the next look goes on.
MOST_REMOVED = 1000


@dg.sensor(
    name="entity_partitions",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Adds a partition for every active entity and removes those of entities that are gone. "
    "A lapsed subscription keeps its partition, and with it its history.",
)
def entity_partitions(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Compare the keys with the entities and make up the difference.

    The keys are read first: an entity that is added meanwhile is then no key too many.
    Done here and not by requests to the daemon, which would look up every key in a query of its own.
    """
    known = set(context.instance.get_dynamic_partitions(PARTITIONS))
    wanted = {row["key"] for row in database.read("active_entities")}
    added = add_missing(context.instance, wanted)
    gone = sorted(known - wanted)[:MOST_REMOVED]
    for key in gone:
        context.instance.delete_dynamic_partition(PARTITIONS, key)
    return dg.SkipReason(f"{len(wanted)} active entities: {added} partitions added, {len(gone)} removed.")
