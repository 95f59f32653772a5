"""Runs whose worker is lost, and reconcilers that take over from each other."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import psycopg
import pytest
from dagster import DagsterInstance
from process_kit import wait_for
from reconciler_kit import add_run, row_of
from up_kit import TRUE_WITHIN

from monitr_pipelines.dagster_names import PARTITION_TAG
from monitr_pipelines.reconciler import launching, orphans, rounds, webserver
from monitr_pipelines.reconciler.starts import ANSWER_SECONDS, Starts
from monitr_pipelines.warehouse.queue import claims, lease, outcome
from monitr_pipelines.warehouse.server import database, turns
from monitr_pipelines.warehouse.server.database import Connection


def started_run(instance: DagsterInstance, seconds: int = 0) -> str:
    run = add_run(instance, {PARTITION_TAG: "some"}, dg.DagsterRunStatus.STARTED)
    with psycopg.connect(database.dagster_url(), autocommit=True) as storage:
        storage.execute(
            "update runs set start_time = extract(epoch from now()) - %s where run_id = %s",
            [seconds, run],
        )
    return run


def test_runs_without_a_worker_are_ended(
    connection: Connection, instance: DagsterInstance, make_entity: Callable
) -> None:
    young, old = started_run(instance), started_run(instance, 20)
    by_state = {
        name: started_run(instance, 20) for name in ("at work", "lost", "ended now", "ended long ago")
    }
    claimed = {
        name: claims.claim(connection, make_entity(), run_id=run, import_id=None, trigger="dagster")
        for name, run in by_state.items()
    }
    outcome.finish(connection, claimed["ended now"], None)
    outcome.finish(connection, claimed["ended long ago"], None)
    connection.execute(
        "update app.import set finished_at = finished_at - interval '20 seconds' where id = %s",
        [claimed["ended long ago"].import_id],
    )
    connection.execute(
        "update app.import set lease_until = clock_timestamp() where id = %s", [claimed["lost"].import_id]
    )
    starts = Starts()
    for _ in range(3):  # one process is asked for a look
        orphans.end_orphans(connection, instance, starts)
    statuses = {}
    for name, run_id in (("young", young), ("old", old), *by_state.items()):
        run = instance.get_run_by_id(run_id)
        assert run is not None
        statuses[name] = run.status.value
    assert statuses == {
        "young": "STARTED",
        "old": "FAILURE",
        "at work": "STARTED",
        "lost": "FAILURE",
        "ended now": "STARTED",
        "ended long ago": "FAILURE",
    }
    lost = row_of(connection, claimed["lost"].import_id)
    assert (lost["outcome"], lost["error_code"]) == ("failed", "worker_lost")


def test_a_run_that_is_stopped_before_it_began_is_left_to_be_canceled(
    connection: Connection, instance: DagsterInstance
) -> None:
    run_id = add_run(instance, {PARTITION_TAG: "some"}, dg.DagsterRunStatus.CANCELING)
    with psycopg.connect(database.dagster_url(), autocommit=True) as storage:
        storage.execute(
            "update runs set create_timestamp = create_timestamp - interval '1 hour' where run_id = %s",
            [run_id],
        )
    orphans.end_orphans(connection, instance, Starts())
    run = instance.get_run_by_id(run_id)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.CANCELING


def test_launches_that_hang_leave_time_to_notice_what_died() -> None:
    a_round = launching.LONGEST_ROUND + webserver.SECONDS + ANSWER_SECONDS
    assert lease.LEASE.total_seconds() + a_round <= TRUE_WITHIN


def test_one_reconciler_works_and_the_next_takes_over(home: Path) -> None:
    with database.connect(autocommit=True) as second:
        with database.connect(autocommit=True) as first:
            assert turns.hold(first, rounds.RECONCILER_TURN)
            assert turns.hold(first, rounds.RECONCILER_TURN)
            assert not turns.hold(second, rounds.RECONCILER_TURN)
        wait_for(lambda: turns.hold(second, rounds.RECONCILER_TURN), "the turn of the one that ended")


def test_only_rounds_that_succeed_are_a_sign_of_life(
    connection: Connection, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stop(Exception):
        pass

    def stop(*_: object) -> bool:
        raise Stop

    connection.execute("delete from app.reconciler_beat")
    beats = []
    for broken in ("end_orphans", "Launching.look", "_wait_for_news"):
        with monkeypatch.context() as patched, database.connect(autocommit=True) as session:
            patched.setattr(f"monitr_pipelines.reconciler.rounds.{broken}", stop)
            with pytest.raises(Stop):
                rounds._reconcile(session, instance)
        beats.append(len(connection.execute("select from app.reconciler_beat").fetchall()))
    assert beats == [0, 0, 1]
