"""An import is an import, however its run was launched: one true row in `app.import`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from dagster_kit import (
    RUNS_OF_BACKFILL,
    Dagster,
    closing,
    csv_file,
    entity_id,
    figures,
    import_rows,
    only_import,
    sale,
    upload,
)
from process_kit import wait_for

from monitr_pipelines.dagster_names import IMPORT_ID_TAG, PARTITION_TAG
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.registry import entities, organisations
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

RAW = ["raw/accounts", "raw/axes", "raw/gl_transactions"]
MARTS = ["marts/balances", "marts/reports"]
ASSETS = [*RAW, "mapped/transactions", *MARTS]
UNBALANCED = csv_file(("2026-01-05", "400000", 100), ("2026-01-05", "700000", -90))


@pytest.fixture(scope="module")
def backfills(dagster: Dagster) -> dict[str, list[str]]:
    """A backfill of the job and one of its assets; the daemon looks for these every 30 seconds only."""
    asked = {}
    with database.connect(autocommit=True) as connection:
        for target, assets in (("job", None), ("assets", ASSETS)):
            organisation = str(organisations.add(connection, f"backfill of {target}", "active"))
            keys = [
                dagster.know(entities.add_entity(connection, organisation, "file", {"name": f"{target} {n}"}))
                for n in range(3)
            ]
            for amount, key in enumerate(keys, 1):
                upload(connection, key, sale(amount))
            asked[dagster.backfill(keys, assets)] = keys
    return asked


def assert_true(row: dict, run: str, *, trigger: str = "dagster", fetched: int = 2) -> None:
    assert row["trigger"] == trigger
    assert row["run_id"] == run
    assert (row["outcome"], row["error_code"], row["error_message"]) == ("succeeded", None, None)
    assert row["requested_at"] <= row["started_at"] < row["raw_committed_at"]
    assert row["raw_committed_at"] < row["marts_committed_at"] <= row["finished_at"]
    assert row["counts"]["fetched"] == fetched


def assert_one_process(dagster: Dagster, run: str, steps: set[str]) -> None:
    """The in-process executor ran these steps, in the process of the run."""
    events = dagster.events(run)
    done = {event["stepKey"] for event in events if event["__typename"] == "ExecutionStepSuccessEvent"}
    assert done == steps
    messages = " ".join(event.get("message") or "" for event in events)
    assert "Executing steps in process" in messages
    assert "Launching subprocess" not in messages


def test_a_run_of_the_job_and_a_run_of_its_assets(
    backfills: dict, dagster: Dagster, make_known: Callable[..., str], connection: Connection
) -> None:
    launched = {}
    for assets in (None, ASSETS):
        entity = make_known()
        upload(connection, entity, sale(100))
        launched[entity] = dagster.launch(entity, assets=assets)
    for entity, run in launched.items():
        dagster.succeeds(run)
        row = only_import(connection, entity)
        assert_true(row, run)
        assert (row["mode"], row["total_debit"], row["total_credit"]) == ("full", 100, 100)
        assert closing(connection, entity) == {"400000": 100, "700000": -100}
        assert figures(connection, entity)[1] == row["id"]
        assert_one_process(dagster, run, {"fetch", "publish"})


def test_the_figures_move_only_when_raw_data_and_marts_both_did(
    dagster: Dagster, entity: str, connection: Connection
) -> None:
    upload(connection, entity, sale(100))
    dagster.succeeds(dagster.launch(entity))
    at_first = figures(connection, entity)

    upload(connection, entity, sale(250))
    raw = dagster.launch(entity, assets=RAW[2:])
    dagster.succeeds(raw)
    assert_one_process(dagster, raw, {"fetch"})
    assert figures(connection, entity) == at_first
    assert closing(connection, entity)["400000"] == 100
    row = import_rows(connection, entity)[1]
    assert (row["run_id"], row["outcome"], row["counts"]["fetched"]) == (raw, "succeeded", 2)
    assert row["marts_committed_at"] is None

    marts = dagster.launch(entity, assets=MARTS)
    dagster.succeeds(marts)
    assert_one_process(dagster, marts, {"publish"})
    again = import_rows(connection, entity)[2]
    assert (again["run_id"], again["outcome"]) == (marts, "succeeded")
    assert (again["raw_committed_at"], again["counts"].get("fetched")) == (None, None)
    moved = figures(connection, entity)
    assert at_first[0] < moved[0] < again["started_at"]
    assert moved[1] == again["id"]
    assert closing(connection, entity)["400000"] == 250

    dagster.succeeds(dagster.launch(entity, assets=MARTS))
    assert figures(connection, entity) == (moved[0], import_rows(connection, entity)[3]["id"])


def test_a_requested_import_is_claimed_once_and_a_re_execution_is_an_import_of_its_own(
    dagster: Dagster, entity: str, connection: Connection
) -> None:
    upload(connection, entity, UNBALANCED)
    with connection.transaction():
        requested = requests.request(connection, entity, trigger="manual", requested_by="test")
        requests.launch_here(connection, requested)
    run = dagster.launch(entity, tags={IMPORT_ID_TAG: str(requested)})
    assert dagster.ended(run) == "FAILURE"
    failed = only_import(connection, entity)
    assert (failed["id"], failed["run_id"], failed["trigger"]) == (requested, run, "manual")
    assert (failed["outcome"], failed["error_code"]) == ("failed", "unbalanced")
    cause = dagster.failure(run)
    assert (cause["code"], cause["who acts"]) == ("unbalanced", "customer")
    assert "10.00 more debit" in cause["findings"]
    assert figures(connection, entity) == (None, None)

    upload(connection, entity, sale(100))
    again = dagster.re_execute(run)
    dagster.succeeds(again)
    assert dagster.run(again)["parentRunId"] == run
    first, second = import_rows(connection, entity)
    assert first == failed
    assert_true(second, again)


@contextmanager
def broken_marts(connection: Connection, entity: str) -> Iterator[None]:
    """The reports of one entity cannot be written."""
    name = f"broken_{entity_id(connection, entity)}"
    with database.connect_as_owner(autocommit=True) as owner:
        owner.execute(
            f"create function marts.{name}() returns trigger language plpgsql as "
            "$$ begin raise 'disk is made of cheese'; end $$"
        )
        owner.execute(
            f"create trigger {name} before insert on marts.trial_balance for each row "
            f"when (new.entity_id = {entity_id(connection, entity)}) execute function marts.{name}()"
        )
        try:
            yield
        finally:
            owner.execute(f"drop function marts.{name} cascade")


def test_re_executed_from_its_failure_a_run_publishes_what_was_fetched(
    dagster: Dagster, entity: str, connection: Connection
) -> None:
    upload(connection, entity, sale(100))
    with broken_marts(connection, entity):
        run = dagster.launch(entity)
        assert dagster.ended(run) == "FAILURE"
    failed = only_import(connection, entity)
    assert (failed["outcome"], failed["error_code"]) == ("failed", "our_fault")
    assert "cheese" in failed["error_detail"]
    assert "cheese" not in failed["error_message"]
    assert failed["raw_committed_at"] is not None
    assert figures(connection, entity) == (None, None)

    again = dagster.re_execute(run, "FROM_FAILURE")
    dagster.succeeds(again)
    assert_one_process(dagster, again, {"publish"})
    _, second = import_rows(connection, entity)
    assert (second["run_id"], second["outcome"], second["raw_committed_at"]) == (again, "succeeded", None)
    assert failed["started_at"] < figures(connection, entity)[0] < failed["finished_at"]
    assert closing(connection, entity) == {"400000": 100, "700000": -100}


def test_an_import_of_the_command_line_is_a_run_that_the_pages_show(
    dagster: Dagster, entity: str, connection: Connection, monitr: Callable
) -> None:
    upload(connection, entity, sale(100))
    ended = monitr("import", entity, "--json")
    assert ended.code == 0, ended.err
    row = only_import(connection, entity)
    assert_true(row, row["run_id"], trigger="cli")
    shown = dagster.run(row["run_id"])
    assert shown["status"] == "SUCCESS"
    assert shown["tags"][PARTITION_TAG] == entity


def test_an_organisation_that_lapsed_imports_nothing(
    dagster: Dagster, entity: str, connection: Connection
) -> None:
    upload(connection, entity, sale(100))
    dagster.succeeds(dagster.launch(entity))
    before = (import_rows(connection, entity), figures(connection, entity))
    connection.execute(
        "update app.organisation set subscription = 'canceled' "
        "where id = (select organisation_id from app.entity where key = %s)",
        [entity],
    )
    upload(connection, entity, sale(250))
    for assets in (None, MARTS):
        run = dagster.launch(entity, assets=assets)
        assert dagster.ended(run) == "CANCELED"
        assert "subscription of this organisation is canceled" in dagster.words(run)
    assert (import_rows(connection, entity), figures(connection, entity)) == before
    assert closing(connection, entity)["400000"] == 100


def test_a_backfill_is_an_import_for_each_entity(
    backfills: dict[str, list[str]], dagster: Dagster, connection: Connection
) -> None:
    for backfill, keys in backfills.items():
        runs = wait_for(lambda asked=backfill: runs_of(dagster, asked, 3), "three runs of the backfill")
        for amount, key in enumerate(keys, 1):
            dagster.succeeds(runs[key])
            assert_true(only_import(connection, key), runs[key])
            assert closing(connection, key)["400000"] == amount


def runs_of(dagster: Dagster, backfill: str, count: int) -> dict[str, str] | None:
    """The runs of a backfill by partition, once there are as many as that."""
    found = {
        tag["value"]: run["runId"]
        for run in dagster.ask(RUNS_OF_BACKFILL, id=backfill)["runs"]
        for tag in run["tags"]
        if tag["key"] == PARTITION_TAG
    }
    return found if len(found) == count else None
