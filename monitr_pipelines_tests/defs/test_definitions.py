"""What Dagster is told: one readable picture of all of it.

After an intended change: MONITR_UPDATE_SNAPSHOTS=1 pytest monitr_pipelines_tests/defs/test_definitions.py
"""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage import tags

from monitr_pipelines import dagster_names

SNAPSHOT = Path(__file__).parent / "definitions.json"
# It takes a second to load, in every run.
LOADS = """
import sys
from monitr_pipelines.definitions import defs
getattr(defs(), "resolve_all_job_defs")()
print(sorted({"pandas", "numpy"} & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def definitions() -> Iterator[dg.Definitions]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from monitr_pipelines.definitions import defs  # noqa: PLC0415 - Dagster warns of itself

        yield defs()


def listed(keys: Any) -> list[str]:  # noqa: ANN401
    return sorted(key.to_user_string() for key in keys)


def assets_of(definitions: dg.Definitions) -> dict[str, Any]:
    graph = definitions.resolve_asset_graph()
    found = {}
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        found[key.to_user_string()] = {
            "description": node.description,
            "group": node.group_name,
            "kinds": sorted(node.kinds),
            "owners": sorted(node.owners),
            "deps": listed(node.parent_keys),
            "partitions": f"{type(node.partitions_def).__name__} {getattr(node.partitions_def, 'name', '')}",
            "metadata": sorted(node.metadata),
        }
    return found


def checks_of(definitions: dg.Definitions) -> dict[str, Any]:
    graph = definitions.resolve_asset_graph()
    found = {}
    for key in sorted(graph.asset_check_keys):
        spec = graph.get_check_spec(key)
        found[key.to_user_string()] = {
            "blocking": spec.blocking,
            "description": spec.description,
            "partitions": getattr(spec.partitions_def, "name", None),
        }
    return found


def picture(definitions: dg.Definitions) -> dict[str, Any]:
    repository = definitions.get_repository_def()
    return {
        "assets": assets_of(definitions),
        "checks": checks_of(definitions),
        "jobs": {
            job.name: {
                "executor": job.executor_def.name,
                "partitions": getattr(job.partitions_def, "name", None),
                "steps": sorted(node.name for node in job.nodes),
                "tags": dict(job.tags),
                "description": job.description,
            }
            for job in sorted(repository.get_all_jobs(), key=lambda job: job.name)
        },
        "schedules": {
            schedule.name: {
                "job": schedule.job_name,
                "cron": schedule.cron_schedule,
                "timezone": schedule.execution_timezone,
                "status": schedule.default_status.value,
                "description": schedule.description,
            }
            for schedule in sorted(repository.schedule_defs, key=lambda schedule: schedule.name)
        },
        "sensors": {
            sensor.name: {
                "status": sensor.default_status.value,
                "seconds": sensor.minimum_interval_seconds,
                "description": sensor.description,
            }
            for sensor in sorted(repository.sensor_defs, key=lambda sensor: sensor.name)
        },
        "resources": sorted(repository.get_top_level_resources()),
    }


def test_the_whole_definition(definitions: dg.Definitions) -> None:
    now = json.dumps(picture(definitions), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("MONITR_UPDATE_SNAPSHOTS") == "1":
        SNAPSHOT.write_text(now, encoding="utf-8")
    assert json.loads(now) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_loading_the_definitions_loads_no_heavy_library() -> None:
    ended = subprocess.run([sys.executable, "-c", LOADS], check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == "[]"


def test_tags_are_called_as_dagster_calls_them() -> None:
    assert (dagster_names.PARTITION_TAG, dagster_names.PRIORITY_TAG) == (
        tags.PARTITION_NAME_TAG,
        tags.PRIORITY_TAG,
    )
    assert (dagster_names.SCHEDULE_TAG, dagster_names.ASKER_TAG) == (tags.SCHEDULE_NAME_TAG, tags.USER_TAG)
