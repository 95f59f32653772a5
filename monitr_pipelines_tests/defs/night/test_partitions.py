"""Partitions follow the entities, ten thousand of them at once."""

from collections.abc import Callable

import dagster as dg
import pytest
from night_kit import loaded, populate

from monitr_pipelines.dagster_names import PARTITIONS
from monitr_pipelines.defs import sensors
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@pytest.fixture
def look(instance: dg.DagsterInstance) -> Callable[[], set[str]]:
    """Evaluates the sensor and does what it asks for, as the daemon does; answers the keys known then."""
    sensor = loaded().resolve_sensor_def("entity_partitions")

    def evaluate() -> set[str]:
        with dg.build_sensor_context(instance=instance) as context:
            answer = sensor.evaluate_tick(context)
        assert not answer.run_requests
        for asked in answer.dynamic_partitions_requests or []:
            carry_out(instance, asked)
        return set(instance.get_dynamic_partitions(PARTITIONS))

    return evaluate


def carry_out(
    instance: dg.DagsterInstance, asked: dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest
) -> None:
    if isinstance(asked, dg.AddDynamicPartitionsRequest):
        instance.add_dynamic_partitions(PARTITIONS, asked.partition_keys)
        return
    for key in asked.partition_keys:
        instance.delete_dynamic_partition(PARTITIONS, key)


def test_partitions_follow_the_active_entities_and_outlive_a_subscription(
    look: Callable[[], set[str]],
    make_entity: Callable[..., str],
    connection: Connection,
    instance: dg.DagsterInstance,
) -> None:
    kept, lapsed, deleted, lost = (make_entity() for _ in range(4))
    instance.add_dynamic_partitions(PARTITIONS, ["0-never-was"])
    first = look()
    assert {kept, lapsed, deleted, lost} <= first
    assert "0-never-was" not in first
    assert look() == first
    connection.execute(
        "update app.organisation set subscription = 'canceled' "
        "where id = (select organisation_id from app.entity where key = %s)",
        [lapsed],
    )
    change = "update app.entity set status = %s where key = %s"
    connection.execute(change, ["Deleted", deleted])
    connection.execute(change, ["Not found", lost])
    assert look() == first - {deleted, lost}
    connection.execute(change, ["Active", lost])
    assert look() == first - {deleted}


def test_an_evaluation_changes_nothing(make_entity: Callable[..., str], instance: dg.DagsterInstance) -> None:
    make_entity()
    instance.add_dynamic_partitions(PARTITIONS, ["0-never-was"])
    before = instance.get_dynamic_partitions(PARTITIONS)
    with dg.build_sensor_context(instance=instance) as context:
        answer = loaded().resolve_sensor_def("entity_partitions").evaluate_tick(context)
    assert len(answer.dynamic_partitions_requests or []) == 2
    assert instance.get_dynamic_partitions(PARTITIONS) == before
    instance.delete_dynamic_partition(PARTITIONS, "0-never-was")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_entity_that_is_added_during_a_look_keeps_its_partition(
    *,
    look: Callable[[], set[str]],
    make_entity: Callable[..., str],
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    read, added = database.read, []

    def add() -> None:
        added.append(make_entity())
        instance.add_dynamic_partitions(PARTITIONS, added)

    def read_meanwhile(query: str) -> list[dict]:
        if moment == "before":
            add()
        rows = read(query)
        if moment == "after":
            add()
        return rows

    monkeypatch.setattr(database, "read", read_meanwhile)
    known = look()
    assert set(added) <= known


def test_ten_thousand_entities_at_once(look: Callable[[], set[str]], connection: Connection) -> None:
    before = look()
    populate(connection, 10_000)
    for _ in range(10_000 // sensors.MOST_CHANGED):
        known = look()
    assert len(known) == len(before) + 10_000
    assert look() == known


def test_many_partitions_are_removed_in_several_looks(
    look: Callable[[], set[str]], instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensors, "MOST_CHANGED", 10)
    wanted = look()
    instance.add_dynamic_partitions(PARTITIONS, [f"{number}-gone" for number in range(25)])
    assert [len(look() - wanted) for _ in range(3)] == [15, 5, 0]
