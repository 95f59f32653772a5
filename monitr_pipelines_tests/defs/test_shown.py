"""What the pages of Dagster show of an import: numbers, columns, first rows, checks, causes."""

from collections.abc import Callable
from typing import Any

import pytest
from dagster_kit import CHECKS, SHOWN, Dagster, asset_key, csv_file, upload

from monitr_pipelines.dagster_names import IMPORT_ID_TAG
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server.database import Connection

# A balanced file in which one of two bookings is not: 5 euros stand in the other.
LOOSE = (
    b"date,account_code,account_name,account_type,description,debit,credit,booking\n"
    b"2026-01-05,400000,Customers,,A|B,100,,1\n"
    b"2026-01-05,700000,Sales,,A|B,,95,1\n"
    b"2026-01-06,400000,Customers,,C,50,,2\n"
    b"2026-01-06,Q99,Strange,balance_sheet,C,,55,2\n"
)


def metadata(entries: list[dict[str, Any]]) -> dict[str, Any]:
    names = ("intValue", "text", "mdStr", "schema")
    return {entry["label"]: next((entry[name] for name in names if name in entry), None) for entry in entries}


def check(dagster: Dagster, entity: str, asset: str, name: str) -> dict[str, Any]:
    (execution,) = dagster.ask(CHECKS, key=asset_key(asset), check=name, partition=entity)
    return execution


@pytest.fixture
def run(dagster: Dagster, entity: str, connection: Connection) -> str:
    upload(connection, entity, LOOSE)
    started = dagster.launch(entity)
    dagster.succeeds(started)
    return started


def test_a_table_is_shown_with_its_numbers_and_its_first_rows(
    dagster: Dagster, entity: str, run: str
) -> None:
    rows = {
        "raw/accounts": 3,
        "raw/axes": 0,
        "raw/gl_transactions": 4,
        "mapped/transactions": None,
        "marts/balances": 3,
        "marts/reports": 3,
    }
    shown = {}
    for asset, count in rows.items():
        found = dagster.ask(SHOWN, key=asset_key(asset), partition=entity)
        (materialization,) = found["assetMaterializations"]
        assert materialization["runId"] == run
        shown[asset] = metadata(materialization["metadataEntries"])
        assert count is None or shown[asset]["dagster/row_count"] == count
        columns = [column["name"] for column in shown[asset]["dagster/column_schema"]["columns"]]
        assert columns[0] == "entity_id"
        assert len(columns) == len(set(columns)) > 3
    lines = shown["raw/gl_transactions"]
    assert (lines["lines fetched"], lines["lines new"], lines["lines deleted"]) == (4, 4, 0)
    assert (lines["total debit in cents"], lines["total credit in cents"]) == (15000, 15000)
    assert (lines["total debit"], lines["total credit"]) == ("150.00", "150.00")
    header, rule, *preview = lines["preview"].splitlines()
    assert "account_code" in header
    assert set(rule) == set("| -")
    assert len(preview) == 4
    assert sum("A\\|B" in row for row in preview) == 2
    assert "preview" not in shown["raw/axes"]

    failed = check(dagster, entity, "raw/gl_transactions", "bookings_balance")
    assert (failed["runId"], failed["evaluation"]["severity"]) == (run, "WARN")
    assert not failed["evaluation"]["success"]
    assert metadata(failed["evaluation"]["metadataEntries"])["findings"] == 2
    unmapped = check(dagster, entity, "mapped/transactions", "accounts_mapped")
    assert not unmapped["evaluation"]["success"]
    for asset, name in (
        ("raw/gl_transactions", "books_accepted"),
        ("raw/accounts", "accounts_known"),
        ("marts/reports", "reports_equal_ledger"),
        ("marts/reports", "opening_equals_closing"),
    ):
        assert check(dagster, entity, asset, name)["evaluation"]["success"], name


def test_books_that_are_not_accepted_fail_their_check_until_someone_accepts_them(
    dagster: Dagster, entity: str, connection: Connection, make_known: Callable[..., str]
) -> None:
    unbalanced = csv_file(("2026-01-05", "400000", 100), ("2026-01-05", "700000", -90))
    upload(connection, entity, unbalanced)
    run = dagster.launch(entity)
    assert dagster.ended(run) == "FAILURE"
    refused = check(dagster, entity, "raw/gl_transactions", "books_accepted")
    assert (refused["runId"], refused["evaluation"]["severity"]) == (run, "ERROR")
    assert not refused["evaluation"]["success"]

    upload(connection, entity, unbalanced, allow_unbalanced=True)
    with connection.transaction():
        requested = requests.request(connection, entity, trigger="cli", requested_by="test")
        requests.launch_here(connection, requested)
    accepted = dagster.launch(entity, tags={IMPORT_ID_TAG: str(requested)})
    dagster.succeeds(accepted)
    assert check(dagster, entity, "raw/gl_transactions", "books_accepted")["evaluation"]["success"]
