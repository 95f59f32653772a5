"""What the project's things are called in Dagster: its job, schedule, partitions, tags and run keys; pure."""

from datetime import UTC, datetime

JOB = "import_entity"
SCHEDULE = "nightly_imports"
PARTITIONS = "entity"

IMPORT_ID_TAG = "monitr/import_id"
PARTITION_TAG = "dagster/partition"
PRIORITY_TAG = "dagster/priority"
SCHEDULE_TAG = "dagster/schedule_name"
TICK_TAG = ".dagster/scheduled_execution_time"
RUN_KEY_TAG = "dagster/run_key"


def run_key(tick: datetime, entity_key: str) -> str:
    """The name of an entity's run in a tick of the schedule."""
    return f"{tick.astimezone(UTC).isoformat()}/{entity_key}"


def tick_tags(tick: datetime, entity_key: str) -> dict[str, str]:
    """What Dagster looks for before the schedule makes a run, so that it makes no second one."""
    return {
        SCHEDULE_TAG: SCHEDULE,
        TICK_TAG: tick.astimezone(UTC).isoformat(),
        RUN_KEY_TAG: run_key(tick, entity_key),
    }
