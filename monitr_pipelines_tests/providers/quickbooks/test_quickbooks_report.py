"""The general ledger as it comes: sections within one another, sums, and what is nobody's to guess."""

import json
from decimal import Decimal

import pytest
from common_kit import SHARED
from msgspec import json as typed
from quickbooks_kit import COLUMNS, OCTOBER, document, line, lines, opening, page, section

from monitr_pipelines.lifecycle.errors import ImportProblem, InconsistentData, OurFault
from monitr_pipelines.providers.quickbooks.datasets import Report
from monitr_pipelines.providers.quickbooks.report import read_report
from monitr_pipelines.providers.quickbooks.windows import DAY

SAMPLE = SHARED / "specs/quickbooks_online/gl_report_shape_sample.json"
TOLD = [each for each in COLUMNS if each != "memo"]
PAID = line("2026-10-03", "Check", "57", credit="1,060.50")
RENT = line("2026-10-03", "Check", "57", debit="1,060.50")


def test_amounts_are_debit_less_credit_and_a_beginning_balance_is_no_line() -> None:
    bank = section("Checking", "35", opening(), PAID, sums=(".00", "1,060.50"))
    rent = section("Rent", "80", RENT, sums=("1,060.50", ""))
    found = lines(document(bank, rent))
    assert [(each.account_code, each.amount) for each in found] == [
        ("550000", Decimal("-1060.50")),
        ("#80", Decimal("1060.50")),
    ]
    assert {each.booking for each in found} == {"Purchase:57"}


def test_accounts_of_one_name_under_different_parents_are_kept_apart() -> None:
    """A parent's own postings stand in a section without a header."""
    own = section(
        "Rent", None, line("2026-10-04", "Bill", "8", debit="3.00"), headless=True, sums=("3.00", ".00")
    )
    inner = section("Rent", "81", line("2026-10-04", "Bill", "8", debit="4.00"), sums=("4.00", ".00"))
    outer = section("Rent", "80", own, inner, sums=("7.00", ".00"))
    assert {each.account_code: each.amount for each in lines(document(outer))} == {"#80": 3, "#81": 4}


def test_a_parent_without_postings_of_its_own_has_no_id() -> None:
    outer = section("Offices", None, section("Rent", "81", RENT), sums=("1060.50", ""))
    assert [each.account_code for each in lines(document(outer))] == ["#81"]


def test_lines_of_a_transaction_on_one_account_keep_their_ids_in_any_order() -> None:
    rows = [
        line("2026-10-04", "Bill", "8", debit=size, memo=memo)
        for size, memo in (("3", "b"), ("3", "a"), ("1", ""))
    ]
    told, turned = (lines(document(section("Rent", "80", *each))) for each in (rows, rows[::-1]))
    assert sorted(told) == sorted(turned)
    assert [each.external_id for each in sorted(told)] == [f"Bill:8:80:{number}" for number in (1, 2, 3)]


def test_a_class_is_known_by_its_id_and_else_by_its_full_name() -> None:
    rows = [
        line("2026-10-04", "Bill", "8", debit="1", klass={"value": "North", "id": "7"}),
        line("2026-10-04", "Bill", "9", debit="1", klass={"value": "North:East"}),
        line("2026-10-04", "Bill", "10", debit="1", klass={"value": "", "id": ""}),
    ]
    found = lines(document(section("Rent", "80", *rows)), ("7", "North"), ("8", "North:East"))
    assert [each.axes for each in found] == [(("Class", "7"),), (("Class", "8"),), ()]


def test_a_report_of_nothing_has_no_lines() -> None:
    assert lines(document()) == []
    assert lines(document(section("Checking", "35", opening("100.00"), sums=("100.00", "")))) == []


def test_a_kind_of_transactions_of_which_no_changes_are_told_is_noticed() -> None:
    assert not page(document(section("Rent", "80", RENT))).untold
    paid = line("2026-10-03", "Payroll Check", "58", debit="1")
    assert page(document(section("Rent", "80", RENT, paid))).untold


FEWER = [each for each in COLUMNS if each != "credit_amt"]
WRONG = {
    "a column is missing": (document(section("Rent", "80"), columns=FEWER), OurFault),
    "another column": (document(section("Rent", "80", RENT), columns=[*COLUMNS, "new"]), OurFault),
    "no account": (document(RENT), OurFault),
    "a row of nothing": (document({"type": "Section"}), OurFault),
    "no amount": (document(section("Rent", "80", line("2026-10-03", "Bill", "8", debit="1.2.3"))), OurFault),
    "no day": (document(section("Rent", "80", line("Opening", "Bill", "8", debit="1"))), OurFault),
    "no transaction": (document(section("Rent", "80", line("2026-10-03", "", "", debit="1"))), OurFault),
    "outside": (
        document(section("Rent", "80", line("2026-09-30", "Bill", "8", debit="1"))),
        InconsistentData,
    ),
    "other sums": (document(section("Rent", "80", RENT, sums=("1060.51", ""))), InconsistentData),
    "sums of more": (document(section("Rent", "80", sums=("1.00", ""))), InconsistentData),
    "cash": (document(section("Rent", "80", RENT), ReportBasis="Cash"), InconsistentData),
    "dollars": (document(section("Rent", "80", RENT), Currency="USD"), InconsistentData),
    "another month": (document(StartPeriod="2026-09-01", EndPeriod="2026-09-30"), InconsistentData),
    "another report": (document(ReportName="TrialBalance"), InconsistentData),
    "empty with rows": (document(section("Rent", "80", RENT), empty="true"), InconsistentData),
    "rows that are not there": (document(empty="false"), InconsistentData),
}


@pytest.mark.parametrize(("told", "problem"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_right_is_an_error_and_never_nothing(
    told: object, problem: type[ImportProblem]
) -> None:
    with pytest.raises(problem):
        lines(told)  # type: ignore[arg-type]


def test_the_sample_of_the_form_is_read() -> None:
    if not SAMPLE.is_file():
        pytest.skip("the reference is not on this machine")
    report = typed.decode(json.dumps(json.loads(SAMPLE.read_text())).encode(), type=Report)
    reading = read_report(report, TOLD, OCTOBER, OCTOBER.end - DAY, "EUR")
    assert reading.table.accounts == ["35"]
    assert reading.credits == [Decimal("40.00")]
