"""The Dagster code location: everything in `defs` is found by itself."""

from pathlib import Path

import dagster as dg

from monitr_pipelines import lifeline, logs
from monitr_pipelines.defs.import_run import ImportRunResource


@dg.definitions
def defs() -> dg.Definitions:
    """Assets, checks, job, schedule and sensor of `defs`, with what they share."""
    logs.set_up_within_dagster()
    lifeline.watch()
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
        dg.Definitions(
            resources={"import_run": ImportRunResource()},
            # Set here, not on the job, so that asset launches from the UI use it too: a process for
            # every step would cost six times the CPU of the whole import.
            executor=dg.in_process_executor,
        ),
    )
