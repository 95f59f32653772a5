"""Each entity is one partition; its key is the entity's readable, immutable key."""

from collections.abc import Iterable

import dagster as dg

from monitr_pipelines.dagster_names import PARTITIONS

OWNERS = ["team:operations"]

entities = dg.DynamicPartitionsDefinition(name=PARTITIONS)


def add_missing(instance: dg.DagsterInstance, keys: Iterable[str]) -> int:
    """Make entities known as partitions, all at once; returns how many were new."""
    missing = set(keys).difference(instance.get_dynamic_partitions(PARTITIONS))
    if missing:
        instance.add_dynamic_partitions(PARTITIONS, sorted(missing))
    return len(missing)
