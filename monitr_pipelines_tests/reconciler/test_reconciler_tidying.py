"""Old requests, sessions, messages, runs and imports go; what is still of use stays."""

from collections.abc import Callable, Iterable
from pathlib import Path

import dagster as dg
import psycopg
import pytest
from dagster_kit import sale, upload
from reconciler_kit import add_run, row_of

from monitr_pipelines.cli.dagster_run import run_import
from monitr_pipelines.dagster_names import IMPORT_ID_TAG
from monitr_pipelines.reconciler import upkeep
from monitr_pipelines.reconciler.upkeep import Upkeep
from monitr_pipelines.warehouse.queue.requests import request
from monitr_pipelines.warehouse.server import database, turns
from monitr_pipelines.warehouse.server.database import Connection

FINISHED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
# What Dagster itself throws away, or keeps once an asset.
OF_SEVERAL = {"asset_keys", "job_ticks", "kvs"}


def test_only_what_is_old_goes(connection: Connection, make_entity: Callable[..., str]) -> None:
    entity = make_entity()
    import_id = request(connection, entity, trigger="hook", requested_by="test")
    found = connection.execute("select organisation_id from app.entity where key = %s", [entity]).fetchone()
    assert found is not None
    for message, days in (("old", 31), ("young", 29)):
        connection.execute(
            "insert into app.hook_request values (%s, %s, %s, %s, now() - make_interval(days => %s))",
            [found["organisation_id"], message, b"hash", import_id, days],
        )
    connection.execute(database.statement("reconciler/tidy.sql"))
    left = connection.execute(
        "select message_id from app.hook_request where organisation_id = %s", [found["organisation_id"]]
    ).fetchall()
    assert [row["message_id"] for row in left] == ["young"]
    assert connection.execute("select from app.import where id = %s", [import_id]).fetchall()


def make_older(run_ids: Iterable[str], days: int) -> None:
    """As if nothing had happened to the runs for so many days."""
    with psycopg.connect(database.dagster_url(), autocommit=True) as records:
        records.execute(
            "update runs set update_timestamp = now() at time zone 'utc' - make_interval(days => %s) "
            "where run_id = any(%s)",
            [days, list(run_ids)],
        )


def tables_that_name(run_id: str) -> set[str]:
    """The tables of Dagster's records in which a run stands anywhere."""
    with psycopg.connect(database.dagster_url()) as records:
        tables = records.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        return {
            name
            for (name,) in tables
            if records.execute(
                f"select from {name} as t where t::text like %s limit 1".encode(), [f"%{run_id}%"]
            ).fetchall()
        }


@pytest.fixture
def imported(connection: Connection, instance: dg.DagsterInstance, make_entity: Callable[..., str]) -> int:
    """An import that ran in Dagster."""
    entity = make_entity()
    upload(connection, entity, sale(10))
    import_id = request(connection, entity, trigger="cli", requested_by="jan")
    run_import(entity, import_id)
    return import_id


def test_an_old_run_goes_with_all_that_dagster_keeps_of_it_and_its_import_stays(
    imported: int, connection: Connection, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = row_of(connection, imported)
    assert before["outcome"] == "succeeded"
    run = before["run_id"]
    printed = Path(instance.root_directory) / "storage" / run
    assert printed.is_dir()
    assert {"runs", "run_tags", "event_logs", "asset_check_executions"} <= tables_that_name(run)
    make_older([run], 29)
    Upkeep().look(connection, instance)
    assert instance.has_run(run)
    make_older([run], 31)
    with monkeypatch.context() as patched:
        patched.setattr(instance.run_storage, "delete_run", fail)
        with pytest.raises(RuntimeError, match="killed"):
            Upkeep().look(connection, instance)
    assert instance.has_run(run), "found again, and gone on with"
    assert Upkeep().look(connection, instance) == 1
    assert tables_that_name(run) <= OF_SEVERAL
    assert not printed.exists()
    assert row_of(connection, imported) == before


def fail(_: object) -> None:
    raise RuntimeError("killed")


def test_what_has_not_ended_stays_and_looks_are_bounded(
    connection: Connection, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {status: [add_run(instance, {IMPORT_ID_TAG: "0"}, status) for _ in range(2)] for status in FINISHED}
    others = [status for status in dg.DagsterRunStatus if status not in FINISHED]
    open_ = [add_run(instance, {IMPORT_ID_TAG: "0"}, status) for status in others]
    young = [add_run(instance, {IMPORT_ID_TAG: "0"}, status) for status in FINISHED]
    make_older([*open_, *(run for runs in old.values() for run in runs)], 400)
    monkeypatch.setattr(upkeep, "RUNS_A_LOOK", 4)
    assert [upkeep.Upkeep().look(connection, instance) for _ in range(3)] == [4, 2, 0]
    assert not any(instance.has_run(run) for runs in old.values() for run in runs)
    assert all(instance.has_run(run) for run in (*open_, *young))
    for run in (*open_, *young):
        instance.delete_run(run)


def test_one_process_at_a_time_sees_to_it(connection: Connection, instance: dg.DagsterInstance) -> None:
    run = add_run(instance, {IMPORT_ID_TAG: "0"}, dg.DagsterRunStatus.SUCCESS)
    make_older([run], 31)
    with database.connect() as other, other.transaction():
        turns.wait(other, upkeep.UPKEEP_TURN)
        assert Upkeep().look(connection, instance) == 0
    assert Upkeep().look(connection, instance) == 1
