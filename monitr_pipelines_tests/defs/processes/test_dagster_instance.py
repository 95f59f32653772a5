"""The Dagster instance that `dagster.yaml` describes: where it keeps things, and its connections."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import text

from monitr_pipelines import shipped
from monitr_pipelines.dagster_storage import STATEMENT_MILLISECONDS, end_connections
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

NAME = "monitr instance of a test"
SESSIONS = "select count(*) as found from pg_stat_activity where application_name = %s"


@pytest.fixture
def instance(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("PGAPPNAME", NAME)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(shipped.DAGSTER_YAML.read_text())
    with dg.DagsterInstance.get() as opened:
        yield opened
        end_connections(opened)


def test_what_is_asked_for_in_turn_takes_one_connection(
    instance: dg.DagsterInstance, connection: Connection
) -> None:
    for _ in range(3):
        instance.get_runs(limit=1)
        instance.get_dynamic_partitions("entity")
        instance.all_instigator_state()
    row = connection.execute(SESSIONS, [NAME]).fetchone()
    assert row is not None
    assert row["found"] == 1


def test_a_webserver_limits_statements_as_everybody_does(
    instance: dg.DagsterInstance, connection: Connection
) -> None:
    """Its own time-out, set in a session of a pooler, would be that of the next client too."""
    instance.optimize_for_webserver(statement_timeout=1, pool_recycle=1, max_overflow=1)
    instance.get_runs(limit=1)
    instance.all_instigator_state()
    instance.event_log_storage.get_logs_for_run("none")
    row = connection.execute(SESSIONS, [NAME]).fetchone()
    assert row is not None
    assert row["found"] == 1
    with instance.run_storage.connect() as opened:  # type: ignore[attr-defined]
        limit = opened.execute(text("select setting from pg_settings where name = 'statement_timeout'"))
        assert limit.scalar_one() == str(STATEMENT_MILLISECONDS)


def test_files_of_runs_stay_where_dagster_keeps_them(instance: dg.DagsterInstance, home: Path) -> None:
    told = instance.compute_log_manager.get_log_metadata(["run", "compute_logs", "step"]).stdout_location
    assert told == str(home / "dagster" / "storage" / "run" / "compute_logs" / "step.out")


def test_a_server_that_does_not_answer_is_named(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("MONITR_DAGSTER_DATABASE_URL", f"postgresql:///none?host={tmp_path}")
    (tmp_path / "dagster.yaml").write_text(shipped.DAGSTER_YAML.read_text())
    with pytest.raises(database.ServerNotRunning, match="Dagster's PostgreSQL does not answer"):
        dg.DagsterInstance.get()
