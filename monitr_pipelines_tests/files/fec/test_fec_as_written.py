"""The FEC as programs write it: its year, openings that keep their dates, stray control characters."""

from datetime import date

import pytest
from common_kit import reference
from files_kit import FEC, FEC_HEADER, STANDARD_HEADER, assert_refused, fec_line, read

from monitr_pipelines.files.fec.year import FecYear, conclude
from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month

SPRING = FiscalYear(Month(2025, 4), Month(2026, 3))


def year(first: str, last: str) -> FiscalYear:
    return FiscalYear(Month.parse(first), Month.parse(last))


@pytest.mark.parametrize(
    ("openings", "others", "found"),
    [
        (["2025-04-01"], ["2025-05-02", "2026-03-31"], FecYear(SPRING)),
        (["2025-04-01"], ["2025-05-02", "2025-06-30"], FecYear(SPRING)),
        (["2025-04-01"], ["2025-04-01", "2026-06-30"], FecYear(year("2025-04", "2026-06"))),
        (["2025-03-31"], ["2025-04-02", "2026-03-31"], FecYear(SPRING, date(2025, 4, 1))),
        (["2024-11-03", "2025-04-01"], ["2025-04-02"], FecYear(SPRING, date(2025, 4, 1))),
        (["2023-11-03", "2024-12-24"], ["2025-01-02"], FecYear(None, date(2025, 1, 1))),
        (["2023-11-03", "2025-03-24"], ["2025-04-02"], FecYear(None, date(2025, 4, 1))),
        ([], ["2025-04-02", "2026-03-31"], FecYear(SPRING)),
        ([], ["2025-04-02", "2026-02-28"], FecYear()),
        ([], ["2023-01-02", "2024-12-31"], FecYear()),
        (["2025-01-01", "2026-01-01"], ["2025-01-02", "2026-12-31"], FecYear()),
        (["2026-01-01"], ["2025-01-02", "2026-12-31"], FecYear()),
        (["2020-01-01"], ["2020-01-02", "2026-12-31"], FecYear()),
        (["2025-01-01"], [], FecYear()),
    ],
)
def test_the_year_of_a_file(openings: list[str], others: list[str], found: FecYear) -> None:
    days = [{date.fromisoformat(day) for day in texts} for texts in (openings, others)]
    assert conclude(*days, FiscalCalendar()) == found


def detailed(*dates: str, journal: str = "AN", label: str = "A nouveaux") -> str:
    return (
        FEC_HEADER
        + "".join(
            fec_line(
                journal=journal,
                journal_label=label,
                number="1",
                date=day,
                debit="50,00",
                credit="0,00",
                account="411000",
            )
            for day in dates
        )
        + fec_line(date="20260105", number="2")
        + fec_line(date="20261231", number="3")
    )


@pytest.mark.parametrize(
    "text",
    [
        detailed("20240630", "20251101"),
        detailed("20251231"),
        detailed("20240630", "20260101"),
        detailed("30/06/2024", "01/11/2025"),
        detailed("20240630", journal="X", label="Journal des à-nouveaux").replace("\t", "|"),
        detailed("20240630")
        .replace("\n", "\r\n")
        .replace("AN\tA nouveaux", '"AN"\t"A nouveaux"')
        .replace("JournalCode", '"JournalCode"'),
    ],
)
def test_detailed_openings_move_to_the_first_day_of_the_year(text: str) -> None:
    found = read(text)
    opening = [line for line in found.lines if line.opening]
    assert {line.booking_date for line in opening} == {date(2026, 1, 1)}
    assert {line.booking for line in opening if line.journal == "AN"} <= {"2026-01..2026-12/AN/1"}
    assert [finding.code for finding in found.file.findings] == ["opening_moved"]
    assert {line.booking_date for line in found.lines if not line.opening} == {
        date(2026, 1, 5),
        date(2026, 12, 31),
    }


def test_what_was_moved_is_told() -> None:
    found = read(detailed("20240630", "20251101", "20260101"))
    assert found.file.findings[0].message == (
        "lines of the opening journal dated before the year of the file (2, from 2024-06-30 up to and "
        "including 2025-11-01) are counted on 2026-01-01, its first day"
    )


@pytest.mark.parametrize(
    ("name", "found", "openings"),
    [
        ("09_fec_april_to_march_2023.txt", year("2022-04", "2023-03"), 2),
        ("engines_fec_2025_left_open.txt", None, 0),
        ("engines_fec_2026_opening_holds_revenue.txt", year("2026-01", "2026-12"), 2),
    ],
)
def test_inputs_that_were_read_wrongly(name: str, found: FiscalYear | None, openings: int) -> None:
    file = read(reference("inputs", name).read_bytes())
    assert file.file.fiscal_year == found
    assert sum(line.opening for line in file.lines) == openings


@pytest.mark.parametrize("stray", ["\x01", "\x0b", "\x1a", "\x1f", "\x7f", "\x85", "\x92"])
def test_control_characters_in_labels_are_blanks(stray: str) -> None:
    text = FEC_HEADER + "".join(fec_line(number=str(number), label=f"Fac{stray}ture") for number in range(30))
    found = read(text)
    assert {line.description for line in found.lines} == {"Fac ture"}
    assert [(finding.code, finding.line) for finding in found.file.findings] == [("control_characters", 2)]
    assert "(30, the first in line 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)" in found.file.findings[0].message


@pytest.mark.parametrize("column", ["journal_label", "account_label", "auxiliary_label"])
def test_every_label_may_have_them(column: str) -> None:
    found = read(FEC_HEADER + fec_line(**{column: "a\x02b"}))
    assert [finding.code for finding in found.file.findings] == ["control_characters"]


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("journal", "JournalCode"),
        ("number", "EcritureNum"),
        ("account", "CompteNum"),
        ("piece", "PieceRef"),
        ("date", "EcritureDate"),
        ("credit", "Credit"),
    ],
)
def test_codes_dates_and_amounts_may_not(column: str, name: str) -> None:
    assert_refused(FEC_HEADER + fec_line(**{column: "1\x022"}), 2, name, "U+0002")


def test_a_table_has_them_in_its_labels_too() -> None:
    line = "2026-01-05;1000;Ca\x07sh;x\x1fy;12,50;;;\n2026-01-05;1000;Cash;a;;12,50;;\n"
    found = read(STANDARD_HEADER + line)
    assert [line.description for line in found.lines] == ["x y", "a"]
    assert found.file.accounts["1000"].name == "Cash"
    assert "(2, the first in line 2)" in found.file.findings[0].message
    assert_refused(
        STANDARD_HEADER + line.replace("05;1000;Cash", "05;1000;Cash").replace("a;;12", "a;;1\x072"),
        3,
        "U+0007",
    )


def test_the_mark_at_the_end_of_an_old_file_is_no_line() -> None:
    assert read(FEC + "\x1a").lines == read(FEC).lines


def test_what_is_mostly_control_characters_is_no_text() -> None:
    assert_refused(FEC_HEADER + fec_line(label="\x01\x02" * 100), 2, "U+0001")
