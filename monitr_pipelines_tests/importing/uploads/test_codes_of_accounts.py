"""Codes that lost leading zeros are asked or told, and so are accounts that nothing tells the type of."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from common_kit import entity_id, reference

from monitr_pipelines.files.reading.printed.codes import by_code, code_findings, typed
from monitr_pipelines.ledger.records import Account, AccountType
from monitr_pipelines.warehouse.server.database import Connection

pytestmark = pytest.mark.usefixtures("without_dagster")

MACHINES, SHORT = Account("0400", "Machines"), Account("400", " machines")


@pytest.mark.parametrize(
    ("file", "stored", "kinds"),
    [
        ([SHORT], [MACHINES], ["zeros_lost"]),
        ([MACHINES], [SHORT], ["zeros_lost"]),
        ([MACHINES, SHORT], [], ["zeros_lost"]),
        ([Account("400", "Crediteuren")], [MACHINES], ["zeros_perhaps_lost"]),
        ([Account("40", "Machines")], [MACHINES], []),
        ([MACHINES], [MACHINES], []),
        ([Account("0000", "Zero")], [Account("0", "Zero")], []),
        ([Account("A400", "Machines")], [], ["accounts_of_no_type"]),
        ([Account("A400", "x", AccountType.BALANCE_SHEET)], [], []),
        ([Account("A400", "x")], [Account("A400", "x", AccountType.PROFIT_AND_LOSS)], []),
    ],
)
def test_codes_are_compared(file: list[Account], stored: list[Account], kinds: list[str]) -> None:
    found = list(code_findings(by_code(file), by_code(stored)))
    assert [finding.sentence.kind for finding in found if finding.sentence] == kinds
    assert len(found) == len(kinds)


def test_both_codes_are_named() -> None:
    (found,) = code_findings(by_code([SHORT]), by_code([MACHINES]))
    assert "400 and 0400" in found.message
    assert "4 digits" in found.message


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity(country="NL")


def test_zeros_that_a_spreadsheet_dropped_are_asked_and_put_back(
    monitr: Callable, entity: str, tmp_path: Path
) -> None:
    header = "date,account_code,account_name,amount\n"
    first, second = tmp_path / "2023.csv", tmp_path / "2024.csv"
    first.write_text(f"{header}2023-01-05,0400,Machines,50.00\n2023-01-05,1100,Bank,-50.00\n")
    second.write_text(f"{header}2024-01-05,400,Machines,8.00\n2024-01-05,1100,Bank,-8.00\n")
    assert monitr("import", entity, "--file", first, "--json").code == 0
    asked = monitr("import", entity, "--file", second, "--json")
    assert asked.json["error"]["code"] == "needs_answer"
    assert "--code-digits 4" in asked.json["error"]["message"]
    assert monitr("import", entity, "--file", second, "--code-digits", "4", "--json").json["findings"] == []
    assert _closing(monitr, entity) == {"0400": "58.00", "1100": "-58.00"}


def test_two_accounts_stay_two_where_someone_says_so(monitr: Callable, entity: str, tmp_path: Path) -> None:
    files = {"0400": tmp_path / "a.csv", "400": tmp_path / "b.csv"}
    for number, (code, file) in enumerate(files.items(), start=2023):
        file.write_text(
            f"date;account_code;account_name;amount\n{number}-01-05;{code};Machines;1,00\n"
            f"{number}-01-05;1100;Bank;-1,00\n"
        )
    assert monitr("import", entity, "--file", files["0400"], "--json").code == 0
    kept = monitr("import", entity, "--file", files["400"], "--code-digits", "0", "--json").json
    assert [finding["code"] for finding in kept["findings"]] == ["zeros_lost"]
    again = monitr("import", entity, "--file", files["400"], "--json").json
    assert (again["status"], again["counts"]["unchanged"]) == ("Succeeded", 2)


def test_codes_of_the_reference(monitr: Callable, entity: str) -> None:
    first, second = (
        reference("inputs", name) for name in ("07_codes_with_zeros_2023.csv", "07_codes_lost_zeros_2024.csv")
    )
    assert monitr("import", entity, "--file", first, "--json").code == 0
    assert monitr("import", entity, "--file", second, "--code-digits", "4", "--json").code == 0
    assert _closing(monitr, entity)["0400"] == "5800.00"


def test_a_chart_of_accounts_with_zeros_names_both_codes(monitr: Callable, entity: str) -> None:
    assert (
        monitr("import", entity, "--file", reference("inputs", "07_codes_as_numbers.xlsx"), "--json").code
        == 0
    )
    told = monitr("import", entity, "--file", reference("inputs", "07_chart_with_zeros.csv"), "--json").json
    assert [finding["message"][:29] for finding in told["findings"]] == [
        "the accounts 400 and 0400 (Ma",
        "the accounts 500 and 0500 (Ka",
    ]


SALES_BY_NAME = (
    "date,account_code,account_name,amount\n2024-01-05,SALES,Sales,-50.00\n2024-01-05,CASH,Cash,50.00\n"
)
CHART_BY_NAME = (
    "account_code,account_name,account_type\nSALES,Sales,profit_and_loss\nCASH,Cash,balance_sheet\n"
)


def test_accounts_that_nothing_types_are_asked_about_until_a_chart_tells(
    monitr: Callable, entity: str, tmp_path: Path
) -> None:
    ledger, chart = tmp_path / "2024.csv", tmp_path / "chart.csv"
    ledger.write_text(SALES_BY_NAME)
    chart.write_text(CHART_BY_NAME)
    for check in ([], ["--check"]):
        asked = monitr("import", entity, "--file", ledger, "--json", *check)
        assert "no digit: CASH, SALES" in asked.out + asked.err, asked
        assert "--account-type profit_and_loss" in asked.out + asked.err
    assert monitr("import", entity, "--file", chart, "--json").code == 0
    assert monitr("import", entity, "--file", ledger, "--json").json["findings"] == []
    assert _results(monitr, entity) == {"50.00"}


@pytest.mark.parametrize("said", ["profit_and_loss", "balance_sheet"])
def test_accounts_that_nothing_types_are_what_was_said_of_them(
    monitr: Callable, entity: str, tmp_path: Path, connection: Connection, said: str
) -> None:
    ledger = tmp_path / "2024.csv"
    ledger.write_text(SALES_BY_NAME)
    assert monitr("import", entity, "--file", ledger, "--account-type", said, "--json").json["findings"] == []
    stored = connection.execute(
        "select distinct type from raw.account where entity_id = %s", [entity_id(connection, entity)]
    )
    assert [row["type"] for row in stored] == [said]
    later = tmp_path / "2025.csv"
    later.write_text(SALES_BY_NAME.replace("2024", "2025"))
    assert monitr("import", entity, "--file", later, "--json").code == 0


def test_a_type_that_is_none_is_told(monitr: Callable, entity: str, tmp_path: Path) -> None:
    ledger = tmp_path / "2024.csv"
    ledger.write_text(SALES_BY_NAME)
    said = monitr("import", entity, "--file", ledger, "--account-type", "revenue", "--json").json["error"]
    assert "give balance_sheet or profit_and_loss" in said["message"]


def test_what_is_said_changes_no_account_that_is_typed() -> None:
    sales, cash = Account("SALES", "Sales"), Account("CASH", "Cash")
    stored = by_code([Account("SALES", "Sales", AccountType.PROFIT_AND_LOSS)])
    found = typed(by_code([sales, cash, MACHINES]), stored, "balance_sheet")
    assert [found[code].type for code in ("SALES", "CASH", "0400")] == [None, AccountType.BALANCE_SHEET, None]


def _results(monitr: Callable, entity: str) -> set[str]:
    rows = monitr("report", "profit-and-loss", entity, "--format", "json").json
    return {row["year_to_date"] for row in rows}


def _closing(monitr: Callable, entity: str) -> dict[str, str]:
    said = monitr("report", "trial-balance", entity, "--format", "json")
    assert said.code == 0, said
    found = json.loads(said.out)
    rows = found["rows"] if isinstance(found, dict) else found
    return {row["account"]: row["closing"] for row in rows}
