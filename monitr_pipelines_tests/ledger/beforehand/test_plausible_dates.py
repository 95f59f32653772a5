"""Which months are probably mistyped, and which fiscal year opening entries are evidence for."""

from datetime import date

import pytest

from monitr_pipelines.ledger.beforehand.plausible import calendar_with, odd_months, other_year
from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month

TODAY = date(2026, 11, 29)
NONE: dict[Month, int] = {}


def months(**lines: int) -> dict[Month, int]:
    return {Month.parse(name[1:].replace("_", "-")): count for name, count in lines.items()}


@pytest.mark.parametrize(
    ("after", "odd"),
    [
        (months(m2024_01=2, m2024_02=2, m2042_02=2), [Month(2042, 2)]),
        (months(m2026_01=2, m2027_11=2), []),
        (months(m2026_01=2, m2027_12=2), [Month(2027, 12)]),
        (months(m2027_12=2), [Month(2027, 12)]),
        (months(m2014_01=2, m2024_01=40), [Month(2014, 1)]),
        (months(m2014_01=11, m2024_01=40), []),
        (months(m2022_01=2, m2024_01=40), []),
        (months(m2014_01=2, m2024_01=2), []),
        (NONE, []),
    ],
)
def test_months_far_ahead_or_far_from_all_others(after: dict[Month, int], odd: list[Month]) -> None:
    assert odd_months(NONE, after, TODAY) == odd


def test_what_was_there_is_not_judged_again() -> None:
    before = months(m2024_01=2, m2042_02=2)
    assert odd_months(before, months(m2024_01=2, m2024_02=9, m2042_02=2), TODAY) == []
    assert odd_months(before, months(m2024_01=2, m2042_02=3), TODAY) == [Month(2042, 2)]


@pytest.mark.parametrize(
    ("openings", "last", "calendar", "year"),
    [
        ([Month(2022, 4)], Month(2023, 2), FiscalCalendar(), FiscalYear(Month(2022, 4), Month(2023, 2))),
        ([Month(2022, 4)], Month(2024, 2), FiscalCalendar(), FiscalYear(Month(2022, 4), Month(2023, 3))),
        ([Month(2022, 4)], Month(2023, 2), FiscalCalendar(4), None),
        ([Month(2022, 1), Month(2023, 1)], Month(2023, 12), FiscalCalendar(), None),
        ([Month(2022, 12)], Month(2023, 12), FiscalCalendar(), None),
        ([], Month(2023, 12), FiscalCalendar(), None),
        (
            [Month(2024, 8)],
            Month(2024, 12),
            FiscalCalendar.parse(1, "2024-01..2024-07"),
            None,
        ),
    ],
)
def test_the_year_that_openings_say(
    openings: list[Month], last: Month, calendar: FiscalCalendar, year: FiscalYear | None
) -> None:
    assert other_year(None, openings, last, calendar) == year


def test_the_year_that_a_file_says() -> None:
    long = FiscalYear(Month(2023, 1), Month(2024, 1))
    assert other_year(long, (), long.last, FiscalCalendar()) == long
    assert other_year(long, (), long.last, FiscalCalendar.parse(1, "2023-01..2024-01")) is None
    quarter = FiscalYear(Month(2023, 4), Month(2023, 6))
    assert other_year(quarter, (), quarter.last, FiscalCalendar()) is None
    assert other_year(quarter, (), quarter.last, FiscalCalendar(6)) == quarter


def test_an_exception_joins_the_others() -> None:
    calendar = FiscalCalendar.parse(1, "2020-01..2020-06, 2023-07..2024-12")
    assert calendar_with(calendar, FiscalYear(Month(2024, 1), Month(2024, 7))) == (
        "2020-01..2020-06,2024-01..2024-07"
    )
