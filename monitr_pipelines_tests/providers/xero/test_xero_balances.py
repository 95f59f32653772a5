"""The trial balance of Xero: what accounts stand at, and the results of earlier years taken off again."""

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from common_kit import reference
from xero_kit import BANK, DEBTORS, RETAINED, SALES, Xero, report

from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import ImportProblem, InconsistentData, OurFault
from monitr_pipelines.providers.xero.balances import MOST_YEARS

AT = date(2026, 9, 30)
START, LAST, BEFORE = date(2026, 7, 1), "2026-06-30", "2025-06-30"


def told(xero: Xero, *, whole: bool = False) -> TrialBalance:
    source = xero.source()
    if whole:
        list(source.transactions(None))
    return source.trial_balance(AT)


def three_years(xero: Xero) -> None:
    """Sales of 10, 20 and 40 in three years, all still on the bank; a dividend of 5 in the last."""
    xero.reports = {
        BEFORE: report((BANK, "10.00", ""), (SALES, "", "10.00")),
        LAST: report((BANK, "30.00", ""), (SALES, "", "20.00"), (RETAINED, "", "10.00")),
        AT.isoformat(): report((BANK, "65.00", ""), (SALES, "", "40.00"), (RETAINED, "", "25.00")),
    }


def test_after_a_whole_ledger_all_years_are_compared(xero: Xero) -> None:
    three_years(xero)
    balances = told(xero, whole=True)
    assert balances == {"090": Decimal(65), "200": Decimal(-40), "960": Decimal(5)}
    assert (balances.day, balances.year_start, balances.since) == (AT, START, None)
    assert [each.rpartition("=")[2] for each in xero.asked[-4:]] == [
        AT.isoformat(),
        LAST,
        BEFORE,
        "2024-06-30",
    ]


def test_after_an_increment_what_moved_in_the_year_is(xero: Xero) -> None:
    three_years(xero)
    balances = told(xero)
    assert balances == {"090": Decimal(35), "200": Decimal(-40), "960": Decimal(5)}
    assert (balances.year_start, balances.since) == (START, START)
    assert len([each for each in xero.asked if "TrialBalance" in each]) == 2


def test_after_an_increment_years_in_which_nothing_moved_are_passed_over(xero: Xero) -> None:
    """Nothing is booked in the running year, nor in the one before it."""
    stood = report((BANK, "30.00", ""), (RETAINED, "", "30.00"))
    xero.reports = {
        AT.isoformat(): stood,
        LAST: stood,
        BEFORE: report((BANK, "30.00", ""), (SALES, "", "20.00"), (RETAINED, "", "10.00")),
        "2024-06-30": report((BANK, "10.00", ""), (SALES, "", "10.00")),
    }
    balances = told(xero)
    assert {code: amount for code, amount in balances.items() if amount} == {"090": Decimal(20)}
    assert (balances.year_start, balances.since) == (START, date(2024, 7, 1))
    asked = [each.rpartition("=")[2] for each in xero.asked if "TrialBalance" in each]
    assert asked == [AT.isoformat(), LAST, BEFORE, "2024-06-30"]


def test_books_at_rest_for_ever_are_asked_about_for_thirty_years(xero: Xero) -> None:
    stood = report((BANK, "30.00", ""), (RETAINED, "", "30.00"))
    ends = [date(year, 6, 30).isoformat() for year in range(1990, 2027)]
    xero.reports = dict.fromkeys([AT.isoformat(), *ends], stood)
    balances = told(xero)
    assert not any(balances.values())
    assert balances.since == date(2026 - MOST_YEARS + 1, 7, 1)
    assert len([each for each in xero.asked if "TrialBalance" in each]) == 1 + MOST_YEARS


def test_in_the_first_year_nothing_is_taken_off(xero: Xero) -> None:
    xero.reports = {AT.isoformat(): report((DEBTORS, "3.50", ""), (SALES, "", "3.50"))}
    balances = told(xero)
    assert {code: amount for code, amount in balances.items() if amount} == {
        "610": Decimal("3.50"),
        "200": Decimal("-3.50"),
    }
    assert balances.since is None


def test_an_account_of_no_chart_is_no_balance(xero: Xero) -> None:
    xero.reports = {AT.isoformat(): report(("strange", "1.00", ""))}
    with pytest.raises(InconsistentData):
        told(xero)


@pytest.mark.parametrize("change", ["columns", "account", "amount", "reports"])
def test_a_report_of_another_form_is_none(xero: Xero, change: str) -> None:
    changed = xero.reports[AT.isoformat()] = report((BANK, "1.00", ""))
    cells = changed["Rows"][1]["Rows"][0]["Cells"]
    if change == "columns":
        changed["Rows"][0]["Cells"][3]["Value"] = "Debit - Year to date"
    elif change == "account":
        del cells[0]["Attributes"]
    elif change == "amount":
        cells[3]["Value"] = "1,000.00"
    else:
        xero.before = lambda path: (200, {"Reports": []}) if "TrialBalance" in path else None
    with pytest.raises(OurFault):
        told(xero)


def test_a_year_that_ends_on_no_day_is_refused(xero: Xero) -> None:
    xero.organisation["FinancialYearEndDay"] = 0
    with pytest.raises(ImportProblem):
        told(xero)


def test_a_recorded_report_is_read(xero: Xero) -> None:
    """Of the demo company, in XML then; its elements are called as in JSON."""
    path = reference("specs", "xero", "fixtures_xeroizer", "trial_balance.xml")
    recorded = ET.parse(path).getroot()  # noqa: S314 - read in place, and published
    found = recorded.find("Reports/Report")
    assert found is not None
    document = as_json(found)
    rows = [row for section in document["Rows"][1:] for row in section["Rows"] if row["RowType"] == "Row"]
    xero.accounts = [
        {
            "AccountID": row["Cells"][0]["Attributes"][0]["Value"],
            "Name": row["Cells"][0]["Value"],
            "Class": "EXPENSE",
        }
        for row in rows
    ]
    xero.reports = {AT.isoformat(): document}
    balances = told(xero)
    assert len(balances) == len(rows) > 20
    assert sum(balances.values()) == 0
    assert max(balances.values()) == Decimal("40200.00")


def as_json(element: ET.Element) -> dict[str, object]:
    lists = {"Rows", "Cells", "Attributes"}
    return {
        child.tag: [as_json(each) for each in child] if child.tag in lists else (child.text or "")
        for child in element
    }
