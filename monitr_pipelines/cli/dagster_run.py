"""The Dagster job in the foreground of a command; imported only where a command needs it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import dagster as dg

from monitr_pipelines import logs
from monitr_pipelines.dagster_names import IMPORT_ID_TAG, JOB, PARTITIONS
from monitr_pipelines.dagster_storage import end_connections

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
