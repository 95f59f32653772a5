"""The Dagster job in the foreground of a command; imported only where a command needs it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import dagster as dg

from monitr_pipelines import logs
from monitr_pipelines.dagster_names import IMPORT_ID_TAG, JOB, PARTITION_TAG, PARTITIONS
from monitr_pipelines.dagster_storage import delete_runs, end_connections

RUNS_AT_ONCE = 100
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@contextmanager
def _instance() -> Iterator[dg.DagsterInstance]:
    """Dagster's instance for one piece of work; a session left behind would keep the server from stopping."""
    with dg.DagsterInstance.get() as instance:
        try:
            yield instance
        finally:
            end_connections(instance)


def add_partition(entity_key: str) -> None:
    """Make an entity known to Dagster without waiting for the sensor."""
    with _instance() as instance:
        instance.add_dynamic_partitions(PARTITIONS, [entity_key])


def drop_partition(entity_key: str) -> None:
    """Let Dagster forget that there is such an entity; what it ran for it stays."""
    with _instance() as instance:
        instance.delete_dynamic_partition(PARTITIONS, entity_key)


def forget_entity(entity_key: str) -> None:
    """Delete what Dagster keeps of an entity: its partition, its runs, their events, checks and output.

    Done again, it goes on where it was. What names several entities at once stays until Dagster throws
    it away: ticks of the schedule, backfills, and what was materialised last of an asset.
    """
    with _instance() as instance:
        instance.delete_dynamic_partition(PARTITIONS, entity_key)
        of_entity = dg.RunsFilter(tags={PARTITION_TAG: entity_key})
        while runs := instance.get_runs(of_entity, limit=RUNS_AT_ONCE):
            delete_runs(instance, [run.run_id for run in runs])
        for asset in instance.all_asset_keys():
            instance.event_log_storage.wipe_asset_cached_status(asset)


@cache
def _import_job() -> dg.JobDefinition:
    from monitr_pipelines.definitions import defs  # noqa: PLC0415 - loaded for imports only

    return defs().resolve_job_def(JOB)


def run_import(entity_key: str, import_id: int) -> None:
    """Run the import job for a requested import, in this process; its outcome is in the database."""
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    logging.getLogger(logs.OURS).addHandler(logging.NullHandler())  # the command says how it ended
    with _instance() as instance:
        instance.add_dynamic_partitions(PARTITIONS, [entity_key])
        _import_job().execute_in_process(
            instance=instance,
            partition_key=entity_key,
            tags={IMPORT_ID_TAG: str(import_id)},
            run_config=QUIET,
            raise_on_error=False,
        )
