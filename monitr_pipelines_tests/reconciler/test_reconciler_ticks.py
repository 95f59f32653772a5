"""The ticks of the schedule: what comes of those that are recorded, and of the imports that they ask for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from dagster import DagsterInstance
from dagster._core.scheduler.instigation import InstigatorType, TickData, TickStatus
from dagster_kit import import_rows
from reconciler_kit import FakeWebserver, add_run, row_of

from monitr_pipelines.dagster_names import ASKER_TAG, IMPORT_ID_TAG, PRIORITY_TAG, SCHEDULE, SCHEDULE_TAG
from monitr_pipelines.reconciler.launching import Launching
from monitr_pipelines.reconciler.night import SELECTOR_ID, write_nights
from monitr_pipelines.warehouse.queue import nightly
from monitr_pipelines.warehouse.server.database import Connection

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(autouse=True)
def no_night_yet(connection: Connection, launching: Launching) -> None:
    connection.execute("delete from app.night")


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity(provider="tryton")


@pytest.fixture
def record(instance: DagsterInstance) -> Callable[..., datetime]:
    """Records a tick as Dagster's daemon does."""

    def tick(ago: timedelta, status: TickStatus = TickStatus.SKIPPED) -> datetime:
        moment = NOW - ago
        instance.create_tick(
            TickData(
                instigator_origin_id="any",
                instigator_name=SCHEDULE,
                instigator_type=InstigatorType.SCHEDULE,
                status=status,
                timestamp=moment.timestamp(),
                selector_id=SELECTOR_ID,
            )
        )
        return moment

    return tick


def nights(connection: Connection) -> list[datetime]:
    return [row["tick"] for row in connection.execute("select tick from app.night order by tick")]


def ticks_of(connection: Connection, entity: str) -> list[datetime]:
    return [row["tick"] for row in import_rows(connection, entity)]


def test_a_tick_that_is_recorded_is_written_once(
    record: Callable[..., datetime], entity: str, connection: Connection, instance: DagsterInstance
) -> None:
    write_nights(connection, instance)
    assert ticks_of(connection, entity) == []
    moment = record(timedelta(minutes=1))
    for _ in range(3):
        write_nights(connection, instance)
    assert ticks_of(connection, entity) == [moment]
    assert nightly.newest_written(connection) == moment


def test_a_tick_whose_evaluation_is_not_done_is_waited_for(
    record: Callable[..., datetime],
    connection: Connection,
    instance: DagsterInstance,
) -> None:
    moment = record(timedelta(seconds=50), TickStatus.STARTED)
    write_nights(connection, instance)
    assert moment not in nights(connection)
    (tick,) = [
        tick for tick in instance.get_ticks("any", SELECTOR_ID) if tick.timestamp == moment.timestamp()
    ]
    instance.update_tick(tick.with_status(TickStatus.SKIPPED))
    write_nights(connection, instance)
    assert moment in nights(connection)


def test_what_came_while_no_reconciler_worked_is_made_up_for_a_day_long(
    record: Callable[..., datetime], entity: str, connection: Connection, instance: DagsterInstance
) -> None:
    record(timedelta(hours=29))
    first, second = record(timedelta(hours=9)), record(timedelta(hours=4))
    write_nights(connection, instance)
    assert ticks_of(connection, entity)[0] == first, "one waits, for whichever tick"
    assert {first, second} <= set(nights(connection))
    assert min(nights(connection)) >= NOW - timedelta(days=1)


def test_the_nights_imports_are_launched_like_others_and_known_as_the_schedules(
    launching: Launching, webserver: FakeWebserver, ask: Callable, entity: str, connection: Connection
) -> None:
    asked = ask(entity, "scheduled")
    launching.look()
    (tags,) = webserver.launches
    assert (tags[IMPORT_ID_TAG], tags[PRIORITY_TAG], tags[SCHEDULE_TAG]) == (str(asked), "-10", SCHEDULE)
    assert ASKER_TAG not in tags


def test_a_run_that_is_queued_already_is_followed(
    *,
    launching: Launching,
    webserver: FakeWebserver,
    ask: Callable,
    entity: str,
    connection: Connection,
    instance: DagsterInstance,
) -> None:
    asked = ask(entity, "scheduled")
    run = add_run(instance, {IMPORT_ID_TAG: str(asked), PRIORITY_TAG: "-10"})
    launching.look()
    assert webserver.launches == []
    assert row_of(connection, asked)["launched_run_id"] == run


@pytest.mark.parametrize("launched_before", [True, False])
def test_a_request_moves_a_scheduled_import_to_the_front(
    *,
    launching: Launching,
    webserver: FakeWebserver,
    ask: Callable,
    entity: str,
    connection: Connection,
    instance: DagsterInstance,
    launched_before: bool,
) -> None:
    asked = ask(entity, "scheduled")
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
