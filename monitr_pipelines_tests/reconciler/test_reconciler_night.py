"""The night under `monitr up`: looked at as often as anyone likes, and each entity imported once."""

import os
import signal
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import connector_kit
import pytest
from dagster import DagsterInstance
from dagster._core.scheduler.instigation import InstigatorType, ScheduleInstigatorData, TickStatus
from dagster_kit import LOCATION, import_rows, sale, upload
from process_kit import LONGEST_WAIT, wait_for
from up_kit import Up, ended, own_home, serving

from monitr_pipelines.dagster_names import IMPORT_ID_TAG, PARTITIONS, SCHEDULE
from monitr_pipelines.reconciler.night import SELECTOR_ID
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.browser_kit import chromium

PREVIEW_SCHEDULE = """
mutation ($selector: ScheduleSelector!, $at: Float!) {
  scheduleDryRun(selectorData: $selector, timestamp: $at) {
    __typename
    ... on DryRunInstigationTick {
      evaluationResult { skipReason error { message } runRequests { runKey } }
    }
  }
}
"""
PREVIEW_SENSOR = """
mutation ($selector: SensorSelector!) {
  sensorDryRun(selectorData: $selector, cursor: "") {
    __typename
    ... on DryRunInstigationTick {
      evaluationResult {
        skipReason error { message } dynamicPartitionsRequests { type partitionKeys }
      }
    }
  }
}
"""
RUNS = """
query ($filter: RunsFilter!) { runsOrError(filter: $filter) { ... on Runs { results { runId status } } } }
"""
STATE = "select (select count(*) from app.import) as imports, (select count(*) from app.night) as nights"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of its own: the night is everybody's there."""
    site = connector_kit.install(tmp_path_factory.mktemp("site"))
    with own_home(tmp_path_factory.mktemp("night"), PYTHONPATH=str(site)) as folder:
        yield folder


@pytest.fixture(scope="module")
def up(home: Path) -> Iterator[Up]:
    with serving(home) as started:
        yield started


@pytest.fixture
def connection(up: Up) -> Iterator[Connection]:
    with database.connect(autocommit=True) as opened:
        yield opened


@pytest.fixture
def instance(up: Up, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", str(up.home / "dagster"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Dagster's own, as for any program
        with DagsterInstance.get() as opened:
            yield opened


def preview(up: Up, query: str, name: str, **variables: object) -> dict[str, Any]:
    """What the dialog of Dagster's page shows: the answer to a dry run."""
    answer = up.dagster.ask(query, selector=LOCATION | {f"{name}Name": variables.pop("of")}, **variables)
    assert answer["__typename"] == "DryRunInstigationTick", answer
    result = answer["evaluationResult"]
    assert result["error"] is None
    return dict(result)


def let_the_night_come(up: Up, instance: DagsterInstance) -> None:
    """The daemon, started anew, finds that it missed the last tick and makes up for it."""

    def known() -> Any:  # noqa: ANN401 - Dagster's
        states = instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE)
        return next((state for state in states if state.name == SCHEDULE), None)

    state = wait_for(known, "the daemon to know the schedule")
    yesterday = (datetime.now(UTC) - timedelta(days=1)).timestamp()
    cron = state.instigator_data.cron_schedule
    instance.update_instigator_state(state.with_data(ScheduleInstigatorData(cron, start_timestamp=yesterday)))
    up.kill("daemon", "")


def tick_is_recorded(instance: DagsterInstance) -> bool:
    return bool(instance.get_ticks(SCHEDULE, SELECTOR_ID, statuses=[TickStatus.SKIPPED, TickStatus.SUCCESS]))


def runs_of(up: Up, import_id: int) -> list[str]:
    tags = [{"key": IMPORT_ID_TAG, "value": str(import_id)}]
    return [run["status"] for run in up.dagster.ask(RUNS, filter={"tags": tags})["results"]]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


def launched_by(up: Up, browser: Any, run_id: str) -> str:  # noqa: ANN401 - of the browser
    """What the list of runs of Dagster's page says of one."""
    page = browser.new_page()
    try:
        page.goto(f"{up.dagster.url}/runs")
        link = page.locator(f'[data-index] a[href="/runs/{run_id}"]').first
        link.wait_for(timeout=LONGEST_WAIT * 1000)
        return str(link.locator("xpath=ancestor::*[@data-index]").inner_text())
    finally:
        page.close()


def test_a_night_that_is_looked_at_twice_imports_each_entity_once(
    up: Up,
    make_entity: Callable[..., str],
    connection: Connection,
    instance: DagsterInstance,
    browser: Any,  # noqa: ANN401
) -> None:
    by_software = [make_entity(provider=connector_kit.NAME) for _ in range(3)]
    by_file, without_file, without_connector = make_entity(), make_entity(), make_entity(provider="abacus")
    lapsed = make_entity(provider=connector_kit.NAME, subscription="canceled")
    upload(connection, by_file, sale(100))
    before = connection.execute(STATE).fetchone(), instance.get_dynamic_partitions(PARTITIONS)

    now = datetime.now(UTC).timestamp()
    looks = [preview(up, PREVIEW_SCHEDULE, "schedule", of=SCHEDULE, at=now) for _ in range(2)]
    assert [look["runRequests"] for look in looks] == [[], []]
    assert looks[0]["skipReason"].startswith("imports asked for: 4; ")
    for reason in ("no connector: 1", "no ledger file: 1", "subscription canceled: 1"):
        assert reason in looks[1]["skipReason"]
    assert connection.execute(STATE).fetchone() == before[0]

    reconciler = up.pid_of("reconciler")
    assert reconciler is not None
    os.kill(reconciler, signal.SIGSTOP)
    let_the_night_come(up, instance)
    wait_for(lambda: tick_is_recorded(instance), "the tick")
    assert connection.execute(STATE).fetchone() == before[0], "the tick has been evaluated, and not written"
    os.kill(reconciler, signal.SIGKILL)

    due = [*by_software, by_file]
    wait_for(lambda: all(import_rows(connection, key) for key in due), "the imports of the night")
    asked = [import_rows(connection, key)[0]["id"] for key in due]
    rows = [ended(connection, each) for each in asked]
    assert {row["outcome"] for row in rows} == {"succeeded"}
    assert {up.dagster.ended(row["run_id"]) for row in rows} == {"SUCCESS"}
    preview(up, PREVIEW_SCHEDULE, "schedule", of=SCHEDULE, at=now)
    assert [len(import_rows(connection, key)) for key in due] == [1] * 4
    assert [runs_of(up, each) for each in asked] == [["SUCCESS"]] * 4
    for key in (without_file, without_connector, lapsed):
        assert import_rows(connection, key) == []
    night = connection.execute("select tick, asked_for, skipped from app.night").fetchall()
    assert [(row["tick"], row["asked_for"]) for row in night] == [(rows[0]["tick"], 4)]
    assert night[0]["skipped"] == {"no connector": 1, "no ledger file": 1, "subscription canceled": 1}

    told = launched_by(up, browser, rows[0]["run_id"])
    assert SCHEDULE in told
    assert "Manually launched" not in told


def test_a_run_that_someone_asked_for_says_who(
    up: Up,
    make_entity: Callable[..., str],
    connection: Connection,
    browser: Any,  # noqa: ANN401
) -> None:
    entity = make_entity(provider=connector_kit.NAME)
    asked = requests.request(connection, entity, trigger="manual", requested_by="An Peeters")
    told = launched_by(up, browser, ended(connection, asked)["run_id"])
    assert "An Peeters" in told
    assert "Manually launched" not in told


def test_a_preview_of_the_partitions_changes_none(
    up: Up, make_entity: Callable[..., str], instance: DagsterInstance
) -> None:
    instance.add_dynamic_partitions(PARTITIONS, ["0-never-was"])
    result = preview(up, PREVIEW_SENSOR, "sensor", of="entity_partitions")
    asked = {request["type"]: request["partitionKeys"] for request in result["dynamicPartitionsRequests"]}
    if "0-never-was" in instance.get_dynamic_partitions(PARTITIONS):  # the daemon looks every half minute
        assert "0-never-was" in asked["DELETE_PARTITIONS"]
    wait_for(
        lambda: "0-never-was" not in instance.get_dynamic_partitions(PARTITIONS), "the sensor's own tick"
    )
