"""Each entity is one partition; its key is the entity's readable, immutable key."""

import dagster as dg

entities = dg.DynamicPartitionsDefinition(name="entity")
OWNERS = ["team:operations"]
