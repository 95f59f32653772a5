"""What Dagster is told: one readable picture of all of it, and when it asks for imports.

After an intended change: MONITR_UPDATE_SNAPSHOTS=1 pytest monitr_pipelines_tests/defs/test_definitions.py
"""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator
from sqlalchemy import event

from monitr_pipelines.warehouse import database
from monitr_pipelines.warehouse.imports import Connection

SNAPSHOT = Path(__file__).parent / "definitions.json"
BRUSSELS = ZoneInfo("Europe/Brussels")
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


@pytest.mark.parametrize(
    ("start", "ticks"),
    [
        ("2026-10-24T12:00", ["2026-10-25T00:00+02:00", "2026-10-25T05:00+01:00", "2026-10-26T00:00+01:00"]),
        ("2027-03-27T12:00", ["2027-03-28T00:00+01:00", "2027-03-28T05:00+02:00", "2027-03-29T00:00+02:00"]),
    ],
)
def test_midnight_and_five_in_brussels_also_when_the_clock_changes(
    definitions: dg.Definitions, start: str, ticks: list[str]
) -> None:
    schedule = definitions.resolve_schedule_def("nightly_imports")
    moments = schedule_execution_time_iterator(
        datetime.fromisoformat(start).replace(tzinfo=BRUSSELS).timestamp(),
        schedule.cron_schedule,
        schedule.execution_timezone,
    )
    assert [moment.isoformat(timespec="minutes") for moment in islice(moments, 3)] == ticks


@pytest.fixture
def statements(home: Path) -> Iterator[list[str]]:
    """Every statement that is read through the engine."""
    seen: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        seen.append(statement)

    engine = database._engine(database.url())
    event.listen(engine, "before_cursor_execute", listen)
    yield seen
    event.remove(engine, "before_cursor_execute", listen)


def requests_at(definitions: dg.Definitions, tick: str) -> list[dg.RunRequest]:
    schedule = definitions.resolve_schedule_def("nightly_imports")
    moment = datetime.fromisoformat(tick).astimezone(UTC)
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(instance=instance, scheduled_execution_time=moment)
        answered = schedule(context)
    assert isinstance(answered, list)
    return answered


def test_only_active_entities_of_paying_organisations_are_due(
    definitions: dg.Definitions,
    make_entity: Callable[..., str],
    connection: Connection,
    statements: list[str],
) -> None:
    states = ["active", "trialing", "past_due", "unpaid", "canceled", "paused", "incomplete"]
    entities = {state: make_entity(subscription=state) for state in [*states, "incomplete_expired"]}
    gone = {status: make_entity() for status in ("Not found", "Deleted")}
    for status, key in gone.items():
        connection.execute("update app.entity set status = %s where key = %s", [status, key])
    found = {
        tick: requests_at(definitions, tick)
        for tick in (
            "2026-10-25T00:00+02:00",
            "2026-10-25T05:00+01:00",
            "2027-03-28T00:00+01:00",
            "2027-03-28T05:00+02:00",
        )
    }
    assert len(statements) == len(found)
    for requested in found.values():
        keys = [request.partition_key for request in requested]
        assert {entities["active"], entities["trialing"]} <= set(keys)
        others = {*entities.values(), *gone.values()} - {entities["active"], entities["trialing"]}
        assert not others & set(keys)
        assert len(keys) == len(set(keys))
        assert all(request.tags["dagster/priority"] == "-10" for request in requested)
    run_keys = [request.run_key for requested in found.values() for request in requested]
    assert None not in run_keys
    assert len(run_keys) == len(set(run_keys))
    again = requests_at(definitions, "2026-10-25T05:00+01:00")
    assert [request.run_key for request in again] == [
        request.run_key for request in found["2026-10-25T05:00+01:00"]
    ]


def test_partitions_follow_the_active_entities_and_outlive_a_subscription(
    definitions: dg.Definitions, make_entity: Callable[..., str], connection: Connection
) -> None:
    sensor = definitions.resolve_sensor_def("entity_partitions")
    kept, lapsed, deleted = make_entity(), make_entity(), make_entity()
    with dg.DagsterInstance.ephemeral() as instance:

        def tick() -> set[str]:
            answered = sensor(dg.build_sensor_context(instance=instance))
            if isinstance(answered, dg.SensorResult):
                for request in answered.dynamic_partitions_requests or []:
                    assert request.partitions_def_name == "entity"
                    if isinstance(request, dg.AddDynamicPartitionsRequest):
                        instance.add_dynamic_partitions("entity", list(request.partition_keys))
                    else:
                        for key in request.partition_keys:
                            instance.delete_dynamic_partition("entity", key)
            return set(instance.get_dynamic_partitions("entity"))

        instance.add_dynamic_partitions("entity", ["0-never-was"])
        first = tick()
        assert {kept, lapsed, deleted} <= first
        assert "0-never-was" not in first
        assert tick() == first
        connection.execute(
            "update app.organisation set subscription = 'canceled' "
            "where id = (select organisation_id from app.entity where key = %s)",
            [lapsed],
        )
        connection.execute("update app.entity set status = 'Deleted' where key = %s", [deleted])
        assert tick() == first - {deleted}
