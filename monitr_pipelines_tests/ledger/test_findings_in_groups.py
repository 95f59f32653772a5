"""Findings as people read them: one line for many of a kind, in any language."""

from datetime import date
from decimal import Decimal

from monitr_pipelines.ledger.findings import Finding, Severity, grouped, listing
from monitr_pipelines.ledger.reported.figures import figure_findings
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.web.shell.wording import finding


def empty(line: int, column: str = "date") -> Finding:
    return Finding("date_empty", sentence("date_empty"), line=line, column=column)


def test_a_hundred_equal_problems_are_one_line() -> None:
    every = [empty(line) for line in range(17, 117)]
    (told,) = grouped(every)
    assert (told.line, told.column, told.code) == (17, "date", "date_empty")
    assert listing(every) == (
        "line 17, column date: the date is empty (and 99 more of this kind, in lines "
        "18, 19, 20, 21, 22, 23, 24, 25, 26, 27, …)"
    )
    assert "(en nog 99 van deze soort, in regels 18, 19" in finding("nl", told)
    assert "(et 99 autres du même genre, aux lignes 18, 19" in finding("fr", told)


def test_few_of_a_kind_and_other_kinds_stay_apart() -> None:
    few = [empty(3), empty(4), empty(5)]
    others = [empty(line, column="until") for line in range(1, 5)]
    assert grouped([*few, *others])[:3] == few
    assert len(grouped([*few, *others])) == 4
    assert grouped([]) == []


def test_findings_without_lines_are_counted() -> None:
    found = [Finding("any", f"Odd {number}.", Severity.WARNING) for number in range(4)]
    assert listing(found) == "Odd 0. (and 3 more of this kind)"


def test_what_is_known_of_figures_is_told_in_the_readers_language() -> None:
    row = {
        "code": "opening_differs",
        "subject": "550000",
        "month": date(2024, 1, 1),
        "fiscal_year_start": date(2024, 1, 1),
        "number": None,
        "parts": None,
        "expected": Decimal("1234.50"),
        "found": Decimal("-5.0000"),
        "message": "Account 550000 differs.",
    }
    (told,) = figure_findings([row])
    assert finding("nl", told) == (
        "rekening 550000 opent het jaar vanaf 1 jan. 2024 met -5,00; het jaar ervoor eindigde met 1.234,50"
    )
    assert told.message.endswith("with -5.00; the year before ended with 1234.50")
    (unsure,) = figure_findings(
        [row | {"code": "opening_unsure", "expected": Decimal(12), "found": Decimal(3)}]
    )
    assert "3 of 12 balances" in unsure.message


def test_what_has_no_words_of_its_own_keeps_its_english() -> None:
    row = {"code": "new", "subject": "1", "fiscal_year_start": None, "message": "Something new."}
    assert figure_findings([row])[0].message == "Something new."
    known = {**row, "code": "opening_differs", "expected": None, "found": None}
    assert figure_findings([known])[0].message == "Something new."
