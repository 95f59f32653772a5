"""Real files, read in place: their counts and totals are known from outside this program."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

import pytest
from common_kit import reference
from files_kit import read, refusal

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.records import AccountType, LedgerLine

FARM = "fec/neolegal_0000000001FEC20220831/0000000001FEC20220831.txt"
FRUIT = "fec/neolegal_111111111FEC20221231/111111111FEC20221231.TXT"
EXACT = "xaf/banana_exactonline_v32_2016/ExactOnline_V32_2016.xml"
MULTIVERS = "xaf/banana_multivers_v32_2017/Multivers_V32_2017_versioneModificata.xml"
BANANA = "xaf/banana_export_2018/auditfile_v3.2_nl_20180101_20181231"
SAMPLE = "xaf/official_sample_v32/XmlAuditfileFinancieel3.2_test.xml"
JOURNAL = "csv/potgieter_generated_journals_tb/Journals.txt"
CHART = "csv/potgieter_generated_journals_tb/ChartOfAccounts.txt"
BOOKS = "csv/irenethebest_journal_coa_budget/journal_entries.csv"

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
    "description": "description",
    "debit": "debit",
    "credit": "credit",
    "booking": "entry_id",
    "line_number": "line_no",
    "axis:department": "department",
}


def real(path: str) -> bytes:
    return reference("data", path).read_bytes()


def debit(lines: Iterable[LedgerLine]) -> Decimal:
    return sum((line.amount for line in lines if line.amount > 0), ZERO)


def unbalanced(lines: Iterable[LedgerLine]) -> list[str | None]:
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.booking] += line.amount
    return [booking for booking, total in sums.items() if total]


def bookings(lines: Iterable[LedgerLine]) -> int:
    return len({line.booking for line in lines})


@pytest.mark.parametrize(
    ("path", "first_month", "count", "entries", "accounts", "total", "result", "openings"),
    [
        (FARM, 9, 5422, 2033, 153, "10186219.81", "173208.48", 77),
        (FRUIT, 1, 934, 248, 48, "225682.23", "-1281.09", 29),
    ],
)
def test_fec(
    *,
    path: str,
    first_month: int,
    count: int,
    entries: int,
    accounts: int,
    total: str,
    result: str,
    openings: int,
) -> None:
    found = read(real(path), calendar=FiscalCalendar(first_month))
    lines = found.lines
    assert len(lines) == count
    assert len({line.external_id for line in lines}) == count
    assert bookings(lines) == entries
    assert len(found.file.accounts) == accounts
    assert debit(lines) == Decimal(total)
    assert unbalanced(lines) == []
    assert -sum(line.amount for line in lines if line.account_code[0] in "67") == Decimal(result)
    assert sum(line.opening for line in lines) == openings


@pytest.mark.parametrize(
    ("path", "count", "transactions", "accounts", "total", "opening", "warnings"),
    [
        (EXACT, 167, 57, 97, "999954.06", "0", []),
        (MULTIVERS, 371, 69, 165, "135836.32", "1109753.22", []),
        (f"{BANANA}.xml", 121, 46, 131, "91275.49", "5000.00", ["control_count"]),
        (f"{BANANA}.xaf", 121, 44, 131, "91275.49", "5000.00", ["control_count"]),
    ],
)
def test_xaf(
    *,
    path: str,
    count: int,
    transactions: int,
    accounts: int,
    total: str,
    opening: str,
    warnings: list[str],
) -> None:
    found = read(real(path))
    lines = [line for line in found.lines if not line.opening]
    assert len(lines) == count
    assert len({line.external_id for line in found.lines}) == len(found.lines)
    assert bookings(lines) == transactions
    assert len(found.file.accounts) == accounts
    assert debit(lines) == Decimal(total)
    assert debit(line for line in found.lines if line.opening) == Decimal(opening)
    assert unbalanced(found.lines) == []
    assert [finding.code for finding in found.file.findings] == warnings


def test_the_result_of_the_exact_online_company() -> None:
    found = read(real(EXACT))
    kinds = {code: account.type for code, account in found.file.accounts.items()}
    result = sum(
        line.amount for line in found.lines if kinds[line.account_code] is AccountType.PROFIT_AND_LOSS
    )
    assert result == Decimal("-121301.02")


def test_the_axes_and_currencies_of_the_multivers_company() -> None:
    found = read(real(MULTIVERS))
    assert sum(line.foreign_amount is not None for line in found.lines) == 16
    assert {"cost", "product", "project"} == {value.axis for value in found.file.axes}
    assert "Verkoop" in {value.name for value in found.file.axes}


def test_the_official_sample_is_refused_with_its_cause() -> None:
    assert "1967-08-13 lies outside the year of the file" in refusal(real(SAMPLE)).message


def test_a_journal_of_three_years() -> None:
    found = read(real(JOURNAL), columns=JOURNAL_COLUMNS)
    assert len(found.lines) == 7058
    assert bookings(found.lines) == 3529
    assert sum(line.amount for line in found.lines) == 0
    assert unbalanced(found.lines) == []


def test_its_chart_of_accounts() -> None:
    columns = {
        "account_code": "Account Code",
        "account_name": "Account Description",
        "account_type": "Account Category 1",
    }
    found = read(real(CHART), columns=columns)
    assert found.changes == []
    assert found.file.accounts["1110"].type is AccountType.BALANCE_SHEET


def test_the_books_of_2025() -> None:
    found = read(real(BOOKS), columns=BOOKS_COLUMNS)
    assert len(found.lines) == 1796
    assert bookings(found.lines) == 898
    assert debit(found.lines) == Decimal("59915546.29")
    assert unbalanced(found.lines) == []
    assert {value.axis for value in found.file.axes} == {"department"}


def test_a_journal_without_account_codes_is_refused() -> None:
    error = refusal(real("csv/xero_journals_fivetran/xero_journal_line_data.csv"))
    assert error.code in {"file_refused", "needs_answer"}


def test_a_datev_export_is_named() -> None:
    assert "DATEV" in refusal(real("csv/datev_extf_ledermann/EXTF_Buchungsstapel.csv")).message
