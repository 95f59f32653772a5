"""Real files through `monitr import`: their trial balance, account by account, against our own sums."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from common_kit import reference
from reference_kit import Accounts, of_audit_file, of_table, printed, rows_of

from monitr_pipelines.warehouse.server.database import Connection

FARM = "fec/neolegal_0000000001FEC20220831/0000000001FEC20220831.txt"
FRUIT = "fec/neolegal_111111111FEC20221231/111111111FEC20221231.TXT"
EXACT = "xaf/banana_exactonline_v32_2016/ExactOnline_V32_2016.xml"
MULTIVERS = "xaf/banana_multivers_v32_2017/Multivers_V32_2017_versioneModificata.xml"
BANANA = "xaf/banana_export_2018/auditfile_v3.2_nl_20180101_20181231"
SAMPLE = "xaf/official_sample_v32/XmlAuditfileFinancieel3.2_test.xml"
JOURNAL = "csv/potgieter_generated_journals_tb/Journals.txt"
BOOKS = "csv/irenethebest_journal_coa_budget/journal_entries.csv"

FEC_COLUMNS = {"account": "CompteNum", "debit": "Debit", "credit": "Credit"}
JOURNAL_COLUMNS = {
    "date": "EndOfMonth",
    "account_code": "Account Code",
    "description": "Jnl Description",
    "amount": "Jnl Amount",
    "booking": "Jnl ID",
}
BOOKS_COLUMNS = {
    "date": "date",
    "account_code": "account",
    "account_name": "account_name",
    "debit": "debit",
    "credit": "credit",
    "booking": "entry_id",
    "axis:department": "department",
}


@pytest.fixture
def imported(
    monitr: Callable[..., object], make_entity: Callable[..., str]
) -> Callable[..., tuple[dict, list]]:
    """Imports a file into a new entity: the outcome, and the trial balance of the whole ledger."""

    def run(path: Path, *options: object, **entity: object) -> tuple[dict, list]:
        key = make_entity(**entity)
        said = monitr("import", key, "--file", path, "--json", *options)
        assert said.code == 0, said.err + said.out
        report = monitr("report", "trial-balance", key, "--format", "json")
        assert report.code == 0, report.err
        return said.json, printed(report.json)

    return run


def assert_reported(outcome: dict, rows: list, expected: Accounts, lines: int) -> None:
    assert rows == expected.printed()
    assert outcome["counts"] == {"fetched": lines, "new": lines, "changed": 0, "unchanged": 0, "deleted": 0}
    assert outcome["totals"]["debit"] == outcome["totals"]["credit"] == str(expected.debit)


def test_a_fec_of_a_broken_year(imported: Callable) -> None:
    path = reference("data", FARM)
    expected = of_table(
        path,
        lambda row: row["JournalCode"] == "ANO",
        encoding="utf-8-sig",
        delimiter="\t",
        **FEC_COLUMNS,
    )
    outcome, rows = imported(path, country="FR", fiscal_year_start=9)
    assert_reported(outcome, rows, expected, 5422)


def test_a_fec_of_fixed_width_fields(imported: Callable) -> None:
    path = reference("data", FRUIT)
    expected = of_table(
        path,
        lambda row: row["JournalCode"].strip() == "AN",
        encoding="cp1252",
        delimiter="|",
        **FEC_COLUMNS,
    )
    outcome, rows = imported(path, country="FR")
    assert_reported(outcome, rows, expected, 934)


@pytest.mark.parametrize(
    ("name", "lines", "findings"),
    [
        (EXACT, 167, []),
        (MULTIVERS, 371 + 22, []),
        (f"{BANANA}.xml", 121 + 2, ["control_count"]),
        (f"{BANANA}.xaf", 121 + 2, ["control_count"]),
    ],
)
def test_audit_files(imported: Callable, name: str, lines: int, findings: list[str]) -> None:
    path = reference("data", name)
    outcome, rows = imported(path, country="NL")
    assert_reported(outcome, rows, of_audit_file(path), lines)
    assert [finding["code"] for finding in outcome["findings"]] == findings


def test_a_journal_of_three_years(imported: Callable, tmp_path: Path) -> None:
    path = reference("data", JOURNAL)
    expected = Accounts()
    for row in rows_of(path, "|"):
        expected.add(row["Account Code"], Decimal(row["Jnl Amount"]))
    mapping = tmp_path / "columns.json"
    mapping.write_text(json.dumps(JOURNAL_COLUMNS))
    outcome, rows = imported(path, "--columns", mapping, country="NL")
    assert_reported(outcome, rows, expected, 7058)


def test_the_books_of_2025(imported: Callable, tmp_path: Path) -> None:
    path = reference("data", BOOKS)
    expected = of_table(
        path,
        lambda row: False,
        encoding="utf-8",
        delimiter=",",
        account="account",
        debit="debit",
        credit="credit",
    )
    mapping = tmp_path / "columns.json"
    mapping.write_text(json.dumps(BOOKS_COLUMNS))
    outcome, rows = imported(path, "--columns", mapping, country="NL")
    assert_reported(outcome, rows, expected, 1796)


def test_the_official_sample_is_refused_for_its_cause(
    monitr: Callable, make_entity: Callable[..., str], connection: Connection
) -> None:
    entity = make_entity(country="NL")
    said = monitr("import", entity, "--file", reference("data", SAMPLE), "--json")
    assert said.code in {1, 2}
    assert "1967-08-13 lies outside the year of the file" in said.out
    for table in ("raw.gl_transaction", "raw.account", "marts.trial_balance", "app.cursor"):
        rows = connection.execute(
            f"select from {table} where entity_id = (select id from app.entity where key = %s)",  # noqa: S608
            [entity],
        ).fetchall()
        assert rows == []
