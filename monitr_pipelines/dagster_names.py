"""What the project's things are called in Dagster: its location, job, schedule, partitions and tags; pure."""

LOCATION = "monitr_pipelines"
REPOSITORY = "__repository__"
JOB = "import_entity"
SCHEDULE = "nightly_imports"
PARTITIONS = "entity"

IMPORT_ID_TAG = "monitr/import_id"
PARTITION_TAG = "dagster/partition"
PRIORITY_TAG = "dagster/priority"
# Which worker executes a run; see `workers/`.
WORKER_TAG = "monitr/worker"
# Dagster's pages tell by these who launched a run: the schedule, or somebody by name.
SCHEDULE_TAG = "dagster/schedule_name"
ASKER_TAG = "user"


def asker_tags(*, by_schedule: bool, requested_by: str) -> dict[str, str]:
    """Who asked for the import of a run; one without either seems launched by hand on Dagster's pages."""
    return {SCHEDULE_TAG: SCHEDULE} if by_schedule else {ASKER_TAG: requested_by}
