"""What the process that forks runs has ready for them: imported there before its first fork, nowhere else.

Modules, the definitions, and what Dagster makes of its records when it meets them first. A fork gets all of
it for nothing; without it a run builds it anew. It starts no thread and opens no connection, so that
nothing is shared that must not be.
"""

import gc
import importlib
import logging
import signal
from collections.abc import Iterator

import dagster as dg

from monitr_pipelines import logs, settings
from monitr_pipelines.dagster_events import EventsInFewWrites
from monitr_pipelines.dagster_names import JOB
from monitr_pipelines.definitions import all_definitions

# What Dagster, and what we use, import late.
LATE = [
    "dagster._cli",
    "dagster._core.definitions.external_asset",
    "dagster._core.execution.plan.active",
    "dagster._core.executor.in_process",
    "dagster._core.instance.factory",
    "dagster._core.storage.root",
    "dagster._core.storage.sqlite_storage",
    "dagster._core.utility_ops",
    "dagster._core.workspace.autodiscovery",
    "dagster._grpc.impl",
    "dagster._utils.test.definitions",
    "encodings.ascii",
    "monitr_pipelines.dagster_logs",
    "monitr_pipelines.dagster_storage",
    "psycopg2.extras",
    "upath.implementations.local",
]

REHEARSED = dg.DynamicPartitionsDefinition(name="rehearsed")
SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

log = logging.getLogger(__name__)


def get_ready() -> None:
    """Import and build. What does not work here is for the run to say, which tries it again."""
    try:
        for name in LATE:
            importlib.import_module(name)
        settings.home()  # validates the settings of this environment, which runs share
        all_definitions().get_repository_def().get_job(JOB)
        _rehearse()
    except Exception:
        log.exception("runs start without what is made ready for them")
    EventsInFewWrites.gathers = True
    # What is here stays: no collection looks at it again, and no fork copies it for that.
    gc.collect()
    gc.freeze()


def _rehearse() -> None:
    """Make a table that is none, with a check, on an instance in memory that is gone afterwards.

    Dagster takes signals over meanwhile; runs begin with those that every process begins with.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(REHEARSED.name or "", ["1"])
        dg.materialize([_made], instance=instance, partition_key="1", run_config=SILENT)
    for number, handler in before.items():
        signal.signal(number, handler)


@dg.multi_asset(
    partitions_def=REHEARSED,
    specs=[dg.AssetSpec("made")],
    check_specs=[dg.AssetCheckSpec("checked", asset="made")],
)
def _made() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    yield dg.MaterializeResult(asset_key="made", metadata={"rows": 1, "list": dg.MetadataValue.md("")})
    yield dg.AssetCheckResult(asset_key="made", check_name="checked", passed=True)


logs.set_up_within_dagster()
get_ready()
