"""How many imports may be starting at once, and starts that are waited for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import dagster as dg
import psycopg
import pytest
from dagster import DagsterInstance
from hypothesis import given
from hypothesis import strategies as st
from reconciler_kit import FakeWebserver, add_run, end_run, row_of

from monitr_pipelines.dagster_names import IMPORT_ID_TAG, PARTITION_TAG
from monitr_pipelines.reconciler import orphans
from monitr_pipelines.reconciler.launching import ASKED_AHEAD, Launching
from monitr_pipelines.reconciler.pace import (
    FEWEST,
    MOST,
    QUICK_SECONDS,
    SLOW_SECONDS,
    Pace,
    Start,
    next_pace,
)
from monitr_pipelines.reconciler.starts import Starts
from monitr_pipelines.warehouse.queue import claims
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

NOW = datetime(2026, 11, 28, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def slow(at: datetime = NOW) -> Start:
    return Start(at, SLOW_SECONDS, over=False)


def quick(at: datetime = NOW) -> Start:
    return Start(at, QUICK_SECONDS, over=True)


def test_slow_starts_halve_the_limit_once_for_all_that_began_before() -> None:
    pace = next_pace(Pace(), [slow(), slow(), slow()], NOW + 10 * SECOND)
    assert pace.at_once == MOST / 2
    assert next_pace(pace, [slow(), quick()], NOW + 11 * SECOND) == pace
    assert next_pace(pace, [slow(NOW + 12 * SECOND)], NOW + 30 * SECOND).at_once == MOST / 4


def test_a_round_of_quick_starts_makes_it_one_more() -> None:
    pace = Pace(limit=2)
    for _ in range(3):
        pace = next_pace(pace, [quick()], NOW)
    assert pace.at_once == 3


@pytest.mark.parametrize("start", [Start(NOW, 7, over=True), Start(NOW, 2, over=False)])
def test_what_is_neither_quick_nor_slow_changes_nothing(start: Start) -> None:
    assert next_pace(Pace(limit=3), [start], NOW) == Pace(limit=3)


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=200))
def test_the_limit_stays_within_its_bounds(seen: list[tuple[int, bool]]) -> None:
    pace = Pace()
    for second, (seconds, over) in enumerate(seen):
        pace = next_pace(pace, [Start(NOW + second * SECOND, seconds, over)], NOW + second * SECOND)
        assert FEWEST <= pace.at_once <= MOST


def test_a_slow_machine_gets_one_start_at_a_time_and_a_quick_one_all_of_them_again() -> None:
    pace, now = Pace(), NOW
    for _ in range(4):
        now += 60 * SECOND
        pace = next_pace(pace, [slow(now - 30 * SECOND)], now)
    assert pace.at_once == FEWEST
    for _ in range(50):
        now += SECOND
        pace = next_pace(pace, [quick(now)], now)
    assert pace.at_once == MOST


def test_no_more_is_launched_than_may_be_starting(
    launching: Launching,
    webserver: FakeWebserver,
    ask: Callable,
    connection: Connection,
    instance: DagsterInstance,
) -> None:
    launching.starts.pace = Pace(limit=2.5)
    asked = [ask(trigger="scheduled") for _ in range(4)]
    for _ in range(3):
        assert not launching.look(), "it waits for news"
    assert len(webserver.launches) == 2
    key = webserver.launches[0][PARTITION_TAG]
    claims.claim(connection, key, run_id=f"{key} begins", import_id=asked[0], trigger="dagster")
    launching.look()
    assert len(webserver.launches) == 3
    end_run(instance, row_of(connection, asked[1])["launched_run_id"], dg.DagsterEventType.RUN_CANCELED)
    launching.look()
    launching.look()
    assert len(webserver.launches) == 4


def test_what_someone_asks_for_is_in_dagsters_queue_though_the_night_has_all_places(
    launching: Launching, webserver: FakeWebserver, ask: Callable
) -> None:
    launching.starts.pace = Pace(limit=2)
    for _ in range(4):
        ask(trigger="scheduled")
    launching.look()
    assert len(webserver.launches) == 2
    asked = [ask() for _ in range(ASKED_AHEAD + 1)]
    for _ in range(3):
        assert not launching.look()
    assert [tags[IMPORT_ID_TAG] for tags in webserver.launches[2:]] == [str(each) for each in asked[:-1]]


def test_one_that_waits_for_another_of_its_entity_keeps_no_place(
    launching: Launching, webserver: FakeWebserver, ask: Callable, connection: Connection
) -> None:
    launching.starts.pace = Pace(limit=1)
    ask()
    launching.look()
    key = webserver.launches[0][PARTITION_TAG]
    claims.claim(connection, key, run_id=f"{key} before", import_id=None, trigger="dagster")
    ask()
    launching.look()
    assert len(webserver.launches) == 2


def test_starts_that_were_lost_keep_no_place_from_what_replaces_them(
    launching: Launching,
    webserver: FakeWebserver,
    ask: Callable,
    connection: Connection,
    instance: DagsterInstance,
) -> None:
    launching.starts.pace = Pace(limit=2)
    asked = [ask(trigger="scheduled") for _ in range(3)]
    launching.look()
    for import_id in asked[:2]:
        run = row_of(connection, import_id)["launched_run_id"]
        end_run(instance, run, dg.DagsterEventType.RUN_FAILURE)
    launching.starts.pace = Pace(limit=1)
    launching.look()
    launching.look()
    launched = [int(tags[IMPORT_ID_TAG]) for tags in webserver.launches]
    assert launched == [*asked[:2], asked[0]], "one of them, and nobody else"


def starting_run(instance: DagsterInstance, seconds: int, tags: dict[str, str]) -> str:
    run = add_run(instance, {PARTITION_TAG: "some", **tags}, dg.DagsterRunStatus.STARTING)
    with psycopg.connect(database.dagster_url(), autocommit=True) as storage:
        storage.execute(
            "update runs set update_timestamp = now() at time zone 'utc' - make_interval(secs => %s) "
            "where run_id = %s",
            [seconds, run],
        )
    return run


def status_of(instance: DagsterInstance, run_id: str) -> str:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status.value


def ended_first(instance: DagsterInstance, runs: list[str]) -> None:
    for run in runs:
        end_run(instance, run, dg.DagsterEventType.RUN_CANCELED)


@pytest.mark.parametrize(
    ("seconds", "gone", "status"),
    [
        (5, True, "STARTING"),
        (60, True, "FAILURE"),
        (60, False, "STARTING"),
        (60, None, "STARTING"),
        (601, False, "FAILURE"),
    ],
)
def test_a_start_is_waited_for_as_long_as_its_process_lives(
    *,
    connection: Connection,
    instance: DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    gone: bool | None,
    status: str,
) -> None:
    run = starting_run(instance, seconds, {})
    monkeypatch.setattr(Starts, "worker_is_gone", lambda *_: gone)
    orphans.end_orphans(connection, instance, Starts())
    assert status_of(instance, run) == status
    ended_first(instance, [run])


def test_a_process_is_asked_for_every_quarter_of_a_minute_and_one_at_a_time() -> None:
    starts = Starts()
    assert [starts.next_to_ask(["a", "b"], NOW) for _ in range(3)] == ["a", "b", None]
    assert starts.next_to_ask(["a", "b"], NOW + 16 * SECOND) == "a"
    assert starts.next_to_ask(["b"], NOW + 16 * SECOND) == "b"


def test_a_server_that_is_gone_has_no_process_and_one_that_nobody_names_is_not_asked(
    instance: DagsterInstance,
) -> None:
    known = starting_run(instance, 60, {".dagster/grpc_info": '{"host": "localhost", "port": 1}'})
    unknown = starting_run(instance, 60, {})
    found = {run: instance.get_run_by_id(run) for run in (known, unknown)}
    assert [Starts().worker_is_gone(run) for run in found.values() if run] == [True, None]
    ended_first(instance, [known, unknown])


def test_the_pace_follows_the_starts_that_dagster_has_on_its_hands(
    connection: Connection, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Starts, "worker_is_gone", lambda *_: False)
    starts = Starts()
    run = starting_run(instance, 20, {})
    orphans.end_orphans(connection, instance, starts)
    assert starts.pace.at_once == MOST / 2
    ended_first(instance, [run])
    for _ in range(5):
        run = starting_run(instance, 0, {})
        orphans.end_orphans(connection, instance, starts)
        ended_first(instance, [run])
        orphans.end_orphans(connection, instance, starts)
    assert starts.pace.at_once == MOST / 2 + 1
