"""What Dagster stores of a run is the same whether each event is written by itself or bursts together."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from monitr_pipelines import dagster_storage, shipped
from monitr_pipelines.dagster_events import EventsInFewWrites
from monitr_pipelines.dagster_storage import end_connections
from monitr_pipelines.warehouse.server import database

PARTITIONS = dg.DynamicPartitionsDefinition(name="events_of_runs")
KEY = "1"
MATERIALIZED = dg.DagsterEventType.ASSET_MATERIALIZATION
ASSETS = ["first", "second"]
with warnings.catch_warnings():
    warnings.simplefilter("ignore", dg.PreviewWarning)
    CHECKS = [
        dg.AssetCheckSpec("holds", asset="first", partitions_def=PARTITIONS),
        dg.AssetCheckSpec("fails", asset="second", partitions_def=PARTITIONS),
    ]


@pytest.fixture
def instance(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(shipped.DAGSTER_YAML.read_text())
    with dg.DagsterInstance.get() as opened:
        opened.add_dynamic_partitions("events_of_runs", [KEY])
        yield opened
        end_connections(opened)


@dg.multi_asset(
    name="made_together",
    partitions_def=PARTITIONS,
    specs=[dg.AssetSpec(name) for name in ASSETS],
    check_specs=CHECKS,
)
def made_together() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    for name in ASSETS:
        yield dg.MaterializeResult(asset_key=name, metadata={"rows": 1})
    yield dg.AssetCheckResult(asset_key="first", check_name="holds", passed=True)
    yield dg.AssetCheckResult(asset_key="second", check_name="fails", passed=False)


@dg.asset(deps=ASSETS, partitions_def=PARTITIONS)
def broken() -> None:
    raise RuntimeError("broken")


@dg.asset(deps=ASSETS, partitions_def=PARTITIONS)
def derived() -> None:
    """Made of both."""


def _run(instance: dg.DagsterInstance) -> tuple[str, int]:
    """The id of a run of both steps, and how many statements wrote its events."""
    written: list[str] = []
    engine = instance.event_log_storage._engine  # type: ignore[attr-defined]

    def note(*told: object) -> None:
        written.append(str(told[2]))

    event.listen(engine, "before_cursor_execute", note)
    done = dg.materialize([made_together, broken], instance=instance, partition_key=KEY, raise_on_error=False)
    event.remove(engine, "before_cursor_execute", note)
    return done.run_id, sum("event_logs (" in statement for statement in written)


def test_a_burst_is_stored_as_its_events_were(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, many = _run(instance)
    monkeypatch.setattr(EventsInFewWrites, "gathers", True)
    together, few = _run(instance)
    kinds = [[entry.dagster_event_type for entry in instance.all_logs(run)] for run in (alone, together)]
    assert kinds[0] == kinds[1]
    assert dg.DagsterEventType.STEP_FAILURE in kinds[1]
    assert few <= many / 2


def test_a_server_that_is_gone_for_a_moment_costs_no_event_that_waited(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventsInFewWrites, "gathers", True)
    write = EventsInFewWrites._write
    refused: list[int] = []

    def write_later(self: EventsInFewWrites, events: Sequence[dg.EventLogEntry]) -> None:
        made = [each for each in events if each.dagster_event_type is MATERIALIZED]
        if made and not refused:
            refused.append(len(made))
            raise OperationalError("insert", {}, Exception("the server closed the connection"))
        write(self, events)

    monkeypatch.setattr(EventsInFewWrites, "_write", write_later)
    done = dg.materialize([made_together], instance=instance, partition_key=KEY, raise_on_error=False)
    kinds = [entry.dagster_event_type for entry in instance.all_logs(done.run_id)]
    assert kinds.count(MATERIALIZED) >= refused[0]


def test_checks_and_assets_are_those_of_the_run(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventsInFewWrites, "gathers", True)
    run, _ = _run(instance)
    for asset, check, status in (
        ("first", "holds", AssetCheckExecutionRecordStatus.SUCCEEDED),
        ("second", "fails", AssetCheckExecutionRecordStatus.FAILED),
    ):
        made = instance.get_latest_materialization_event(dg.AssetKey(asset))
        assert made is not None
        assert made.run_id == run
        key = dg.AssetCheckKey(dg.AssetKey(asset), check)
        found = instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
        of_run = [record for record in found if record.run_id == run]
        assert [record.status for record in of_run] == [status]
        assert of_run[0].event is not None
        evaluation = of_run[0].event.get_dagster_event().asset_check_evaluation_data
        target = evaluation.target_materialization_data
        assert target is not None
        assert target.run_id == run


def test_what_an_asset_was_made_from_is_what_its_run_made(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventsInFewWrites, "gathers", True)
    assert dg.materialize([made_together, derived], instance=instance, partition_key=KEY).success
    told = instance.get_latest_materialization_event(dg.AssetKey("derived"))
    assert told is not None
    assert told.asset_materialization is not None
    tags = told.asset_materialization.tags or {}
    for name in ASSETS:
        last = dg.AssetRecordsFilter(dg.AssetKey(name), asset_partitions=[KEY])
        (made,) = instance.fetch_materializations(last, limit=1).records
        assert tags[f"dagster/input_event_pointer/{name}"] == str(made.storage_id)
        assert tags[f"dagster/input_data_version/{name}"]


def test_a_connection_that_the_pooler_ended_is_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dagster_storage, "BELIEVED_SECONDS", 0)
    address = make_url(database.dagster_url()).set(drivername="postgresql+psycopg2")
    url = address.render_as_string(hide_password=False)
    engine = dagster_storage._engine(url, behind_pooler=True)
    ask = text("select pg_backend_pid()")
    with engine.connect() as connection:
        before = connection.execute(ask).scalar_one()
    with dagster_storage._engine(url, behind_pooler=False).connect() as other:
        other.execute(text("select pg_terminate_backend(:pid, 1000)"), {"pid": before})
    with engine.connect() as connection:
        assert connection.execute(ask).scalar_one() != before
    engine.dispose()
