"""Runs on workers: whatever happens to a worker, an import is not lost, and not done twice."""

import os
from collections.abc import Callable

import pytest
from dagster._core.launcher import LaunchRunContext, WorkerStatus
from dagster_kit import closing, held, import_rows, only_import, sale, upload, waits
from process_kit import alive, wait_for
from worker_kit import Cluster

from monitr_pipelines import workers
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.workers import broker

FAILED_WITHIN = 30


def ask(connection: Connection, entity: str, trigger: str = "manual") -> int:
    return requests.request(connection, entity, trigger=trigger, requested_by="test")


def begun(connection: Connection, entity: str) -> str:
    """The run of the entity's newest import, once that is held up."""
    wait_for(lambda: waits(connection, entity), "the import")
    return str(import_rows(connection, entity)[-1]["run_id"])


def test_a_request_becomes_an_import_on_a_worker(
    cluster: Cluster, entity: str, connection: Connection
) -> None:
    upload(connection, entity, sale(100))
    ask(connection, entity)
    wait_for(lambda: only_import(connection, entity)["outcome"], "the import")
    row = only_import(connection, entity)
    assert (row["outcome"], row["error_code"]) == ("succeeded", None)
    cluster.succeeds(row["run_id"])
    assert cluster.worker_of(row["run_id"]) in cluster.workers()
    assert closing(connection, entity)["400000"] == 100


def test_a_worker_that_is_killed_whole_fails_its_run_and_the_import_is_asked_for_once_more(
    cluster: Cluster, make_known: Callable[..., str], connection: Connection
) -> None:
    entity = make_known()
    upload(connection, entity, sale(100))
    allowed = {"allow_shrink": True}
    requests.request(connection, entity, trigger="manual", requested_by="test", mode="full", options=allowed)
    with held(connection, entity):
        first = begun(connection, entity)
        cluster.kill(cluster.worker_of(first))
        assert cluster.ended(first) == "FAILURE"
        wait_for(lambda: two(connection, entity), "the second import")
        second = begun(connection, entity)
        assert second != first
        cluster.kill(cluster.worker_of(second))
        assert cluster.ended(second) == "FAILURE"
    wait_for(lambda: len(cluster.workers()) == 2, "the workers")
    rows = import_rows(connection, entity)
    assert [(row["trigger"], row["error_code"]) for row in rows] == [
        ("manual", "worker_lost"),
        ("again", "worker_lost"),
    ]
    assert [(row["mode"], row["options"]) for row in rows] == [("full", allowed)] * 2
    for row in rows:
        took = (row["finished_at"] - row["started_at"]).total_seconds()
        assert took < FAILED_WITHIN, took
    # Rounds of the reconciler pass, and nobody asks a third time.
    other = make_known()
    upload(connection, other, sale(1))
    ask(connection, other)
    wait_for(lambda: only_import(connection, other)["outcome"] == "succeeded", "an import of another entity")
    assert len(import_rows(connection, entity)) == 2


def two(connection: Connection, entity: str) -> bool:
    return len(import_rows(connection, entity)) == 2


def test_a_run_that_is_terminated_is_canceled(cluster: Cluster, entity: str, connection: Connection) -> None:
    upload(connection, entity, sale(100))
    ask(connection, entity)
    with held(connection, entity):
        run = begun(connection, entity)
        cluster.terminate(run)
        assert cluster.ended(run) == "CANCELED", cluster.words(run)
    row = only_import(connection, entity)
    assert (row["outcome"], row["error_code"]) == ("canceled", "stopped")


def test_a_message_that_comes_again_is_one_import(
    cluster: Cluster, make_known: Callable[..., str], connection: Connection
) -> None:
    entity, other = make_known(), make_known()
    upload(connection, entity, sale(100))
    upload(connection, other, sale(1))
    with held(connection, entity):
        run = cluster.launch(entity)
        begun(connection, entity)
        deliver_again(cluster, run)
        cluster.succeeds(cluster.launch(other))
    cluster.succeeds(run)
    deliver_again(cluster, run)
    wait_for(lambda: cluster.waiting() == 0, "a worker that took the message")
    cluster.succeeds(cluster.launch(other))
    assert cluster.status(run) == "SUCCESS"
    assert only_import(connection, entity)["outcome"] == "succeeded"
    assert closing(connection, entity)["400000"] == 100


def deliver_again(cluster: Cluster, run: str) -> None:
    """Send the message of a run once more, as Redis does with one that nobody confirmed in time."""
    with cluster.known_here() as instance:
        instance.run_launcher.launch_run(LaunchRunContext(instance.get_run_by_id(run), workspace=None))


def test_workers_load_new_code_and_end_the_imports_that_run_first(
    cluster: Cluster, entity: str, connection: Connection
) -> None:
    upload(connection, entity, sale(100))
    wait_for(lambda: len(cluster.workers()) == 2, "the workers")
    with held(connection, entity):
        run = cluster.launch(entity)
        begun(connection, entity)
        before, busy = set(cluster.workers()), cluster.worker_of(run)
        assert busy in before
        os.utime(workers.__file__)
        wait_for(lambda: len(set(cluster.workers()) - before) == 1, "the worker that had nothing to do")
        assert alive(busy)
    cluster.succeeds(run)
    wait_for(lambda: len(set(cluster.workers()) - before) == 2, "the other worker")


def test_a_run_whose_message_was_taken_by_a_worker_that_is_gone_is_known(
    cluster: Cluster,
    make_known: Callable[..., str],
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entity, another = make_known(), make_known()
    upload(connection, another, sale(1))
    with cluster.resting(), cluster.known_here() as instance:
        other = cluster.launch(another)
        wait_for(cluster.waiting, "the message of another run")
        run = cluster.launch(entity)
        launcher = instance.run_launcher
        wait_for(lambda: broker.is_waiting(launcher.celery, run), "the message of the run")
        known = instance.get_run_by_id(run)
        monkeypatch.setattr("monitr_pipelines.workers.launcher.SILENT_SECONDS", 0)
        assert launcher.check_run_worker_health(known).status is WorkerStatus.RUNNING
        assert cluster.lose_message(run) == 1
        assert launcher.check_run_worker_health(known).status is WorkerStatus.FAILED
        instance.report_run_failed(known)
    cluster.succeeds(other)
