"""Imports that meet, are stopped or die: never two at once, nothing half done, the truth on record."""

import os
import re
import signal
from collections.abc import Callable
from itertools import pairwise

import psutil
import requests
from dagster_kit import (
    Dagster,
    closing,
    figures,
    held,
    import_rows,
    large_file,
    only_import,
    sale,
    upload,
    waits,
)
from process_kit import LONGEST_LOOK, children, command_of, wait_for

from monitr_pipelines.warehouse.server.database import Connection

LINES = 200_000
FORKS = "from multiprocessing.forkserver import main"
RUN_PROCESS = re.compile(r"Started process for run \(pid: (\d+)\)")


def test_two_launches_for_one_entity_run_one_after_the_other(
    dagster: Dagster,
    make_known: Callable[..., str],
    connection: Connection,
    monitr: Callable,
    tmp_path: object,
) -> None:
    entity, other = make_known(), make_known()
    upload(connection, entity, sale(100))
    upload(connection, other, sale(1))
    with held(connection, entity):
        runs = [dagster.launch(entity)]
        wait_for(lambda: waits(connection, entity), "the first import")
        runs += [dagster.launch(entity), dagster.launch(entity, assets=["marts/reports"])]
        # The queue goes on: a later launch of another entity starts and ends.
        dagster.succeeds(dagster.launch(other))
        assert [dagster.status(run) for run in runs] == ["STARTED", "QUEUED", "QUEUED"]

        refused = monitr("import", entity, "--json")
        assert (refused.code, refused.json["error"]["code"]) == (2, "already_running")
        assert len(import_rows(connection, entity)) == 1
        (shown,) = [row for row in monitr("entities", "--json").json if row["key"] == entity]
        assert (shown["status"], shown["error"]) == ("In progress", None)
    assert [dagster.ended(run) for run in runs] == ["SUCCESS"] * 3
    rows = sorted(import_rows(connection, entity), key=lambda row: row["started_at"])
    assert sorted(row["run_id"] for row in rows) == sorted(runs)
    assert rows[0]["run_id"] == runs[0]
    for earlier, later in pairwise(rows):
        assert earlier["finished_at"] <= later["started_at"]


def copies(connection: Connection) -> bool:
    """Whether lines flow into the ledger or a stage at this moment."""
    return bool(
        connection.execute(
            "select from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() "
            "and query ~* 'copy (stage|raw.gl_transaction)'"
        ).fetchall()
    )


def forking(dagster: Dagster) -> set[int]:
    """The processes that fork runs: those that a code server started, not the forks."""
    forks = {
        process.pid: process.ppid()
        for process in psutil.Process(dagster.pid).children(recursive=True)
        if FORKS in " ".join(process.cmdline())
    }
    return {pid for pid, parent in forks.items() if parent not in forks}


def ended(connection: Connection, entity: str) -> list[dict] | None:
    """The imports of an entity, once each has an outcome."""
    rows = import_rows(connection, entity)
    return rows if all(row["outcome"] for row in rows) else None


def test_a_run_that_is_terminated_is_a_canceled_import_that_says_so(
    dagster: Dagster, entity: str, connection: Connection
) -> None:
    large = upload(connection, entity, large_file(LINES))
    copying = dagster.launch(entity)
    wait_for(lambda: copies(connection), "the lines of the file")
    dagster.terminate(copying)
    assert dagster.ended(copying) == "CANCELED"

    connection.execute("delete from app.upload where id = %s and state = 'waiting'", [large])
    upload(connection, entity, sale(100))
    with held(connection, entity):
        waiting = dagster.launch(entity)
        wait_for(lambda: waits(connection, entity), "the second import")
        dagster.terminate(waiting)
        assert dagster.ended(waiting) == "CANCELED"
    stopped = wait_for(lambda: ended(connection, entity), "the outcome of the imports")
    assert [row["run_id"] for row in stopped] == [copying, waiting]
    for row in stopped:
        assert (row["outcome"], row["error_code"], row["raw_committed_at"]) == ("canceled", "stopped", None)
        assert row["finished_at"] is not None
    assert figures(connection, entity) == (None, None)

    dagster.succeeds(dagster.launch(entity))
    last = import_rows(connection, entity)[-1]
    assert (last["outcome"], last["counts"]["fetched"]) == ("succeeded", 2)
    assert closing(connection, entity) == {"400000": 100, "700000": -100}


def test_a_run_whose_process_is_killed_is_a_lost_worker_and_the_next_import_carries_on(
    dagster: Dagster, entity: str, connection: Connection, monitr: Callable
) -> None:
    upload(connection, entity, sale(100))
    with held(connection, entity):
        killed = dagster.launch(entity)
        wait_for(lambda: waits(connection, entity), "the import")
        messages = " ".join(event.get("message") or "" for event in dagster.events(killed))
        found = RUN_PROCESS.search(messages) or re.search(r"pid: (\d+)", messages)
        assert found, messages
        os.kill(int(found.group(1)), signal.SIGKILL)
        assert dagster.ended(killed) == "FAILURE"
    assert only_import(connection, entity)["outcome"] is None
    connection.execute("update app.import set lease_until = clock_timestamp() where run_id = %s", [killed])
    (shown,) = [row for row in monitr("entities", "--json").json if row["key"] == entity]
    assert (shown["status"], shown["error"]["code"]) == ("Failed", "worker_lost")

    again = dagster.re_execute(killed)
    dagster.succeeds(again)
    lost, last = import_rows(connection, entity)
    assert (lost["run_id"], lost["outcome"], lost["error_code"]) == (killed, "failed", "worker_lost")
    assert (last["run_id"], last["outcome"], last["mode"]) == (again, "succeeded", "full")
    assert closing(connection, entity) == {"400000": 100, "700000": -100}


def test_runs_are_forked_anew_where_the_process_that_forks_them_died(
    dagster: Dagster, entity: str, connection: Connection
) -> None:
    upload(connection, entity, sale(100))
    dagster.succeeds(dagster.launch(entity))
    (before,) = forking(dagster)
    os.kill(before, signal.SIGKILL)
    upload(connection, entity, sale(200))
    dagster.succeeds(dagster.launch(entity))
    assert closing(connection, entity) == {"400000": 200, "700000": -200}
    assert before not in forking(dagster) != set()


def test_a_service_that_dies_is_started_again(dagster: Dagster) -> None:
    (webserver,) = [pid for pid in children(dagster.pid) if "dagster_webserver" in command_of(pid)]
    os.kill(webserver, signal.SIGKILL)

    def answers() -> bool:
        try:
            return bool(requests.get(f"{dagster.url}/server_info", timeout=LONGEST_LOOK).json())
        except requests.RequestException:
            return False

    wait_for(lambda: not answers(), "the end of the webserver")
    wait_for(answers, "the next webserver")
