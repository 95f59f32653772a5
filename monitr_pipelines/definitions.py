"""The Dagster code location: everything in `defs` is found by itself."""

import dagster as dg

from monitr_pipelines import defs as definitions_package
from monitr_pipelines.defs.import_run import ImportRunResource

defs = dg.Definitions.merge(
    dg.load_definitions_from_package_module(definitions_package),
    dg.Definitions(
        resources={"import_run": ImportRunResource()},
        # Set here, not on the job, so that asset launches from the UI use it too: a process for
        # every step would cost six times the CPU of the whole import.
        executor=dg.in_process_executor,
    ),
)
