"""Small files as programs really export them, read in place: the figures that their accountant would sign."""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from common_kit import reference

from monitr_pipelines.warehouse.server.database import Connection

pytestmark = pytest.mark.usefixtures("without_dagster")

BANK, CAPITAL = "550000", "100000"
Monitr = Callable[..., Any]


@pytest.fixture
def imported(monitr: Monitr, make_entity: Callable[..., str]) -> Callable[..., str]:
    """An entity of a country, its files imported in turn; each must succeed."""

    def import_all(country: str, *files: str, **settings: object) -> str:
        entity = make_entity(country=country, **settings)
        for file in files:
            columns = ["--columns", reference("inputs", COLUMNS[file])] if file in COLUMNS else []
            done = monitr("import", entity, "--file", reference("inputs", file), *columns, "--json")
            assert done.code == 0, done
        return entity

    return import_all


JOURNAL_CSV = "engines_journal_csv_two_years_with_opening"
COLUMNS = {f"{JOURNAL_CSV}.csv": f"{JOURNAL_CSV}_columns.json"}


def rows(monitr: Monitr, report: str, entity: str, month: str) -> list[Mapping[str, Any]]:
    said = monitr("report", report, entity, "--from", month, "--to", month, "--format", "json")
    assert said.code == 0, said
    found = json.loads(said.out)
    return found["rows"] if isinstance(found, dict) else found


def closing(monitr: Monitr, entity: str, month: str) -> dict[str, Decimal]:
    return {row["account"]: Decimal(row["closing"]) for row in rows(monitr, "trial-balance", entity, month)}


def net_result(monitr: Monitr, entity: str, month: str) -> Decimal:
    """Of the fiscal year so far: the lines of the highest level add up to it."""
    found = rows(monitr, "profit-and-loss", entity, month)
    return sum((Decimal(row["year_to_date"]) for row in found if row["level"] == 0), Decimal(0))


OPENINGS = {
    "rows": ("BE", ["01_opening_csv_2023.csv", "01_opening_csv_2024.csv"], {BANK: 1700, CAPITAL: -1000}),
    "period 0": ("NL", ["01_opening_period0_older_layout.csv"], {"1100": 1700, "0500": -1000}),
    "words in a general journal": (
        "FR",
        ["01_opening_fec_OD_2023.txt", "01_opening_fec_OD_2024.txt"],
        {"512000": 1700, "101000": -1000},
    ),
    "stated twice": ("NL", ["01_opening_stated_twice.xaf"], {"1100": 1700, "0500": -1000}),
}


@pytest.mark.parametrize(("country", "files", "right"), OPENINGS.values(), ids=OPENINGS)
def test_openings_are_counted_once(
    monitr: Monitr, imported: Callable[..., str], country: str, files: Sequence[str], right: dict[str, int]
) -> None:
    entity = imported(country, *files)
    assert right.items() <= closing(monitr, entity, "2024-03").items()


CLOSINGS = {
    "booked to equity": ("NL", "02_closing_nl.csv", "2023-12", 180),
    "in period 13": ("BE", "02_closing_be_period13.csv", "2023-12", 300),
    "in a journal of a FEC": ("FR", "02_closing_fec.txt", "2024-12", 300),
}


@pytest.mark.parametrize("case", CLOSINGS)
def test_a_closed_year_keeps_its_result(monitr: Monitr, imported: Callable[..., str], case: str) -> None:
    country, file, month, right = CLOSINGS[case]
    assert net_result(monitr, imported(country, file), month) == right


def test_the_trial_balance_shows_what_is_left_after_closing(
    monitr: Monitr, imported: Callable[..., str]
) -> None:
    entity = imported("NL", "02_closing_nl.csv")
    found = rows(monitr, "trial-balance", entity, "2023-12")
    after = {row["account"]: Decimal(row["after_closing"]) for row in found}
    assert after == {"0500": -1000, "0590": -180, "1100": 1180, "4000": 0, "8000": 0}
    assert "after_closing" not in rows(monitr, "trial-balance", entity, "2024-01")[0]


def test_a_closed_and_reopened_year_keeps_its_balances(monitr: Monitr, imported: Callable[..., str]) -> None:
    entity = imported("BE", "02_closed_and_reopened.csv")
    assert closing(monitr, entity, "2023-12") == {BANK: 1000, CAPITAL: -1000}
    assert closing(monitr, entity, "2024-02")[BANK] == 1020


def test_an_opening_of_profit_and_loss_accounts_is_carried_forward(
    monitr: Monitr, imported: Callable[..., str]
) -> None:
    entity = imported("NL", "10_opening_holds_result_accounts.xaf")
    assert net_result(monitr, entity, "2024-05") == 50
    assert closing(monitr, entity, "2024-05")["(result)"] == -300


def test_a_year_that_was_left_open_before(monitr: Monitr, imported: Callable[..., str]) -> None:
    later = "engines_fec_2026_opening_holds_revenue.txt"
    assert net_result(monitr, imported("FR", later), "2026-05") == 30
    entity = imported("FR", "engines_fec_2025_left_open.txt", later)
    assert net_result(monitr, entity, "2026-05") == 30


def test_an_opening_journal_whose_column_is_not_read(monitr: Monitr, imported: Callable[..., str]) -> None:
    entity = imported("FR", f"{JOURNAL_CSV}.csv")
    found = closing(monitr, entity, "2026-01")
    right = {"512000": "120", "401000": "-33.33", "445711": "-26"}
    assert {account: found[account] for account in right} == {
        account: Decimal(amount) for account, amount in right.items()
    }


def refusal(monitr: Monitr, entity: str, file: str, *options: object) -> str:
    """What stands in the answer to an import that is refused or fails, without line ends."""
    said = monitr("import", entity, "--file", reference("inputs", file), *options)
    assert said.code != 0, said
    return " ".join(f"{said.out} {said.err}".split())


def test_a_fiscal_year_that_is_not_the_calendar_is_asked_for(
    monitr: Monitr, make_entity: Callable[..., str]
) -> None:
    entity = make_entity(country="FR")
    file = "09_fec_april_to_march_2023.txt"
    assert "--fiscal-year-start 4" in refusal(monitr, entity, file)
    assert monitr("entity", "set", entity, "--fiscal-year-start", "4").code == 0
    assert monitr("import", entity, "--file", reference("inputs", file)).code == 0
    assert net_result(monitr, entity, "2023-02") == 300
    assert "(result)" not in closing(monitr, entity, "2023-02")


def test_a_month_is_to_be_added(monitr: Monitr, imported: Callable[..., str]) -> None:
    entity = imported("BE", "09_month_1.csv")
    told = refusal(monitr, entity, "09_month_2.csv")
    assert "--mode append" in told
    assert "--fiscal-year-start" not in told
    file = reference("inputs", "09_month_2.csv")
    assert monitr("import", entity, "--file", file, "--mode", "append").code == 0
    assert net_result(monitr, entity, "2024-02") == 30


def test_a_date_in_the_far_future_is_asked_about(monitr: Monitr, make_entity: Callable[..., str]) -> None:
    assert "2042-02-05" in refusal(monitr, make_entity(country="BE"), "12_year_2042.csv")


def test_a_report_beyond_the_ledger(monitr: Monitr, imported: Callable[..., str]) -> None:
    entity = imported("BE", "13_nothing_after_october.csv")
    assert closing(monitr, entity, "2024-12")[BANK] == 10
    assets = [row for row in rows(monitr, "balance-sheet", entity, "2024-12") if row["level"] == 0]
    assert max(Decimal(row["amount"]) for row in assets) == 10


WORKBOOKS = {
    "days and months exchanged": ("03_mixed_dates.xlsx", ("--date-cells", "turned"), "2024-02", "600.50"),
    "a sheet a month": ("04_sheet_a_month.xlsx", ("--sheet", "*"), "2024-03", "600.00"),
    "thousands in text": ("06_text_thousands.xlsx", ("--decimal", "comma"), "2024-01", "1246.50"),
}


@pytest.mark.parametrize("case", WORKBOOKS)
def test_a_workbook_is_asked_about_and_the_answer_is_right(
    monitr: Monitr, make_entity: Callable[..., str], case: str
) -> None:
    file, (option, value), month, right = WORKBOOKS[case]
    entity = make_entity(country="BE")
    asked = monitr("import", entity, "--file", reference("inputs", file))
    assert (asked.code, option in asked.err) == (2, True), asked
    done = monitr("import", entity, "--file", reference("inputs", file), option, value, "--json")
    assert done.code == 0, done
    assert closing(monitr, entity, month)[BANK] == Decimal(right)


def test_formulas_without_a_value_are_named(monitr: Monitr, make_entity: Callable[..., str]) -> None:
    said = monitr(
        "import", make_entity(country="BE"), "--file", reference("inputs", "05_formula_without_value.xlsx")
    )
    assert said.code == 1, said
    assert "cell Ledger!E2 holds a formula" in said.err
    assert "cell Ledger!F3 holds a formula" in said.err


def test_codes_that_lost_their_zeros_are_one_account_where_someone_says_so(
    monitr: Monitr, imported: Callable[..., str]
) -> None:
    entity = imported("NL", "07_codes_with_zeros_2023.csv")
    later = "07_codes_lost_zeros_2024.csv"
    assert "--code-digits 4" in refusal(monitr, entity, later)
    file = reference("inputs", later)
    assert monitr("import", entity, "--file", file, "--code-digits", "4").code == 0
    assert closing(monitr, entity, "2024-02")["0400"] == 5800
    assert net_result(monitr, entity, "2024-02") == 0


AMOUNTS = {
    "08_dash_for_zero.csv": ("500.00", 1),
    "08_euro_in_parentheses.csv": ("-67.00", 1),
}


@pytest.mark.parametrize("file", AMOUNTS)
def test_amounts_as_programs_print_them(
    connection: Connection, imported: Callable[..., str], file: str
) -> None:
    amount, times = AMOUNTS[file]
    found = connection.execute(
        "select count(*) as lines from raw.gl_transaction inner join app.entity on entity_id = id"
        " where key = %s and amount = %s",
        [imported("BE", file), Decimal(amount)],
    ).fetchone()
    assert found == {"lines": times}


def test_a_booking_outside_the_year_of_an_audit_file_counts_in_that_year(
    monitr: Monitr, imported: Callable[..., str]
) -> None:
    entity = imported("NL", "11_date_before_year_of_file.xaf")
    assert net_result(monitr, entity, "2024-12") == 171


def test_a_renamed_account_has_its_latest_name(monitr: Monitr, imported: Callable[..., str]) -> None:
    entity = imported("BE", "14_renamed_account_newest_first.csv")
    found = rows(monitr, "trial-balance", entity, "2024-08")
    assert {row["name"] for row in found if row["account"] == BANK} == {"Belfius"}
