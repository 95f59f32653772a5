"""Each entity is one partition; its key is the entity's readable, immutable key."""

import dagster as dg

from monitr_pipelines.dagster_names import PARTITIONS

OWNERS = ["team:operations"]

entities = dg.DynamicPartitionsDefinition(name=PARTITIONS)
