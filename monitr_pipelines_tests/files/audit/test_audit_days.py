"""Days outside the year of an audit file: counted in it, and told."""

from datetime import date

import pytest
from files_kit import XAF_HEADER, assert_refused, read, xaf, xaf_line, xaf_transaction

from monitr_pipelines.files.audit.days import YearOfFile
from monitr_pipelines.files.reading.problems import Problems
from monitr_pipelines.ledger.findings import Finding

LINES = xaf_line() + xaf_line("1300", side="D")


def entry(day: str, period: str, number: str) -> str:
    return xaf_transaction(LINES, number, day).replace("<periodNumber>1<", f"<periodNumber>{period}<")


@pytest.mark.parametrize(
    ("day", "period", "counted"),
    [
        ("2025-12-28", "1", date(2026, 1, 1)),
        ("2025-12-28", "01", date(2026, 1, 1)),
        ("2027-01-05", "12", date(2026, 12, 31)),
        ("2025-05-28", "5", date(2026, 5, 1)),
        ("2042-05-28", "5", date(2026, 5, 31)),
        ("2025-12-31", "0", date(2026, 1, 1)),
        ("2027-02-01", "13", date(2026, 12, 31)),
    ],
)
def test_a_day_outside_is_counted_on_the_nearest_of_its_period(day: str, period: str, counted: date) -> None:
    found = read(xaf(entry("2026-02-28", "2", "1") + entry(day, period, "2")))
    assert [line.booking_date for line in found.lines[2:]] == [counted, counted]
    assert [finding.code for finding in found.file.findings] == ["days_moved"]
    assert f"are counted in it (1): line 11, {day} > {counted}" in found.file.findings[0].message


def test_the_file_says_which_days_a_period_has() -> None:
    quarter = (
        "<periods><period><periodNumber>2</periodNumber><startDatePeriod>2026-04-01</startDatePeriod>"
        "<endDatePeriod>2026-06-30</endDatePeriod></period></periods>"
    )
    found = read(xaf(entry("2025-12-28", "2", "1"), before=quarter))
    assert found.lines[0].booking_date == date(2026, 4, 1)


def test_many_are_told_in_one_finding() -> None:
    days = "".join(entry("2025-12-28", "1", str(number)) for number in range(200))
    found = read(xaf(days))
    assert len(found.file.findings) == 1
    assert "(200)" in found.file.findings[0].message


def test_a_broken_year_moves_to_its_own_days() -> None:
    header = XAF_HEADER.replace("2026-01-01", "2026-04-15")
    found = read(xaf(entry("2026-04-02", "1", "1"), header=header))
    assert found.lines[0].booking_date == date(2026, 4, 15)


def test_a_file_whose_bookings_are_mostly_of_another_year_is_refused() -> None:
    other_year = entry("2024-06-01", "6", "2") + entry("2024-07-01", "7", "3")
    assert_refused(xaf(entry("2026-02-28", "2", "1") + other_year), 11, "outside the year of the file")


def test_as_many_inside_as_far_outside_are_counted() -> None:
    findings: list[Finding] = []
    year = YearOfFile(date(2026, 1, 1), date(2027, 1, 1))
    assert year.place(date(2026, 6, 1), "6", 1) == date(2026, 6, 1)
    assert year.place(date(2020, 6, 1), "6", 2) == date(2026, 6, 1)
    year.tell(Problems(findings))
    assert [finding.code for finding in findings] == ["days_moved"]
