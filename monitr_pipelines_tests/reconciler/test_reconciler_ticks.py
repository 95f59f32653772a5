"""Imports that a tick of the schedule asked for: whose they are to launch, and when."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from dagster import DagsterInstance
from reconciler_kit import FakeWebserver, add_run, row_of

from monitr_pipelines.dagster_names import IMPORT_ID_TAG, PRIORITY_TAG, RUN_KEY_TAG
from monitr_pipelines.reconciler import waiting
from monitr_pipelines.reconciler.launching import Launching
from monitr_pipelines.warehouse.server.database import Connection


@pytest.fixture
def scheduled(connection: Connection, ask: Callable[..., int], make_entity: Callable[..., str]) -> Callable:
    """A waiting import that a tick, a moment before, asked for so many minutes ago; and its entity."""

    def make(minutes: int, tick: datetime | None = None) -> tuple[int, str]:
        entity = make_entity()
        asked = ask(entity, "scheduled")
        requested = datetime.now(UTC) - timedelta(minutes=minutes)
        connection.execute(
            "update app.import set tick = %s, requested_at = %s where id = %s",
            [tick or requested, requested, asked],
        )
        return asked, entity

    return make


def test_the_schedule_launches_its_own_until_it_is_late(
    launching: Launching,
    webserver: FakeWebserver,
    scheduled: Callable,
    connection: Connection,
    instance: DagsterInstance,
) -> None:
    (young, _), (late, _), (queued, _) = scheduled(14), scheduled(16), scheduled(16)
    run = add_run(instance, {IMPORT_ID_TAG: str(queued), PRIORITY_TAG: "-10"})
    launching.look()
    assert [tags[IMPORT_ID_TAG] for tags in webserver.launches] == [str(late)]
    assert row_of(connection, young)["launched_at"] is None
    assert row_of(connection, queued)["launched_run_id"] == run


def test_a_tick_that_was_missed_and_made_up_is_not_late(
    launching: Launching, webserver: FakeWebserver, scheduled: Callable
) -> None:
    scheduled(0, tick=datetime.now(UTC) - timedelta(hours=3))
    launching.look()
    assert webserver.launches == []


def test_a_long_night_is_the_schedules_while_runs_of_its_own_appear(
    launching: Launching,
    webserver: FakeWebserver,
    scheduled: Callable,
    connection: Connection,
    instance: DagsterInstance,
) -> None:
    tick = datetime.now(UTC) - timedelta(hours=1)
    (queued, _), (lost, _), (also_lost, _) = (scheduled(60, tick) for _ in range(3))
    run = add_run(instance, {IMPORT_ID_TAG: str(queued), PRIORITY_TAG: "-10"})
    seen = (
        "update app.import set launched_run_id = %s, launched_at = now() - make_interval(mins => %s) "
        "where id = %s"
    )
    connection.execute(seen, [run, 14, queued])
    launching.look()
    assert webserver.launches == []
    connection.execute(seen, [run, 16, queued])
    waiting.claim(connection, *(each for each in waiting.pressing(connection, 10) if each.id == lost))
    launching.look()
    assert [tags[IMPORT_ID_TAG] for tags in webserver.launches] == [str(also_lost)]


def test_what_is_launched_for_a_tick_has_the_name_that_the_schedule_gives_it(
    launching: Launching, webserver: FakeWebserver, scheduled: Callable
) -> None:
    _, entity = scheduled(16, tick=datetime(2026, 10, 24, 22, tzinfo=UTC))
    launching.look()
    (tags,) = webserver.launches
    assert tags[RUN_KEY_TAG] == f"2026-10-24T22:00:00+00:00/{entity}"


@pytest.mark.parametrize("launched_before", [True, False])
def test_a_request_moves_a_scheduled_import_to_the_front(
    *,
    launching: Launching,
    webserver: FakeWebserver,
    scheduled: Callable,
    ask: Callable,
    connection: Connection,
    instance: DagsterInstance,
    launched_before: bool,
) -> None:
    asked, entity = scheduled(1)
    run = add_run(instance, {IMPORT_ID_TAG: str(asked), PRIORITY_TAG: "-10"})
    if launched_before:
        launching.look()
        assert row_of(connection, asked)["launched_run_id"] == run
    assert ask(entity) == asked
    launching.look()
    moved = instance.get_run_by_id(run)
    assert moved is not None
    assert moved.tags[PRIORITY_TAG] == "10"
    assert row_of(connection, asked)["launched_priority"] == 10
    assert webserver.launches == []


def test_a_request_for_what_the_schedule_has_not_queued_yet_is_launched(
    launching: Launching, webserver: FakeWebserver, scheduled: Callable, ask: Callable
) -> None:
    asked, entity = scheduled(1)
    launching.look()
    assert webserver.launches == []
    ask(entity)
    launching.look()
    assert [(tags[IMPORT_ID_TAG], tags[PRIORITY_TAG]) for tags in webserver.launches] == [(str(asked), "10")]
