"""The Dagster code location: everything in `defs` is found by itself."""

import multiprocessing
import sys
from functools import cache
from pathlib import Path

import dagster as dg

from monitr_pipelines import lifeline, logs
from monitr_pipelines.defs.import_run import ImportRunResource

# What the process that forks runs imports before it does.
IMPORTED_BY_RUNS = ["monitr_pipelines.warm_runs"]


@dg.definitions
def defs() -> dg.Definitions:
    """Assets, checks, job, schedule and sensor of `defs`, with what they share."""
    logs.set_up_within_dagster()
    lifeline.watch()
    _fork_runs()
    return all_definitions()


@cache
def all_definitions() -> dg.Definitions:
    """The same, once a process, which reads and starts nothing: what a process has built, its forks have."""
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
        dg.Definitions(
            resources={"import_run": ImportRunResource()},
            # Set here, not on the job, so that asset launches from the UI use it too: a process for
            # every step would cost six times the CPU of the whole import.
            executor=dg.in_process_executor,
        ),
    )


def _fork_runs() -> None:
    """The code server forks the processes of runs from one that has imported all that they need.

    Dagster's code server starts a Python for each, which imports for seconds. What is forked here has neither
    threads nor connections: see `warm_runs`.
    """
    if sys.platform == "linux":
        forking = multiprocessing.get_context("forkserver")
        forking.set_forkserver_preload(IMPORTED_BY_RUNS)
        spawning = multiprocessing.get_context("spawn")
        spawning.Process = forking.Process  # type: ignore[misc, assignment]
