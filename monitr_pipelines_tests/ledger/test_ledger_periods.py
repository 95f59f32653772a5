"""Fiscal years: every month belongs to one, and they never overlap."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.periods import LONGEST_YEAR_IN_MONTHS, FiscalCalendar, FiscalYear, Month

months = st.builds(Month, st.integers(1900, 2200), st.integers(1, 12))


@st.composite
def calendars(draw: st.DrawFn) -> FiscalCalendar:
    """Any start month, with up to four exceptions that do not overlap, in any order."""
    exceptions = []
    first = Month(2015, 1)
    for _ in range(draw(st.integers(0, 4))):
        first = first.plus(draw(st.integers(0, 40)))
        last = first.plus(draw(st.integers(0, LONGEST_YEAR_IN_MONTHS - 1)))
        exceptions.append(FiscalYear(first, last))
        first = last.plus(1)
    return FiscalCalendar(draw(st.integers(1, 12)), tuple(draw(st.permutations(exceptions))))


SPAN = [Month(2012, 1).plus(step) for step in range(25 * 12)]


@given(calendars())
def test_every_month_belongs_to_exactly_one_year(calendar: FiscalCalendar) -> None:
    for month in SPAN:
        year = calendar.year_of(month)
        assert year.first <= month <= year.last
        for step in range(year.first.until(year.last) + 1):
            assert calendar.year_of(year.first.plus(step)) == year


@given(calendars())
def test_years_follow_one_another_without_overlap(calendar: FiscalCalendar) -> None:
    years = sorted({calendar.year_of(month) for month in SPAN})
    for earlier, later in pairwise(years):
        assert earlier.last.plus(1) == later.first
        assert earlier.end == later.start
    assert set(calendar.exceptions) <= set(years)


@given(calendars())
def test_regular_years_begin_in_the_start_month_or_after_an_exception(calendar: FiscalCalendar) -> None:
    after = {year.last.plus(1) for year in calendar.exceptions}
    before = {year.first.plus(-1) for year in calendar.exceptions}
    for year in {calendar.year_of(month) for month in SPAN} - set(calendar.exceptions):
        assert year.first.month == calendar.start_month or year.first in after
        assert year.last.plus(1).month == calendar.start_month or year.last in before
        assert year.first.until(year.last) < 12


@given(calendars(), st.permutations(range(4)))
def test_the_order_of_exceptions_does_not_matter(calendar: FiscalCalendar, order: list[int]) -> None:
    exceptions = [calendar.exceptions[nth] for nth in order if nth < len(calendar.exceptions)]
    other = FiscalCalendar(calendar.start_month, tuple(exceptions))
    assert [other.year_of(month) for month in SPAN] == [calendar.year_of(month) for month in SPAN]


@given(calendars())
def test_written_exceptions_are_read_back(calendar: FiscalCalendar) -> None:
    text = ", ".join(map(str, calendar.exceptions))
    assert FiscalCalendar.parse(calendar.start_month, text) == calendar


def test_years_by_hand() -> None:
    calendar = FiscalCalendar.parse(7, " 2023-07..2024-12 ,")
    assert [
        str(calendar.year_of(Month.parse(month))) for month in ("2023-06", "2024-12", "2025-01", "2025-07")
    ] == [
        "2022-07..2023-06",
        "2023-07..2024-12",
        "2025-01..2025-06",
        "2025-07..2026-06",
    ]
    year = calendar.year_of(Month(2024, 2))
    assert (year.start, year.end) == (date(2023, 7, 1), date(2025, 1, 1))


@pytest.mark.parametrize(
    ("start_month", "years", "words"),
    [
        (0, "", "month 1 to 12, not 0"),
        (13, "", "month 1 to 12, not 13"),
        (1, "2023-07", "'2023-07' is not a fiscal year; write FIRST..LAST"),
        (1, "2023-07..", "'' is not a month"),
        (1, "2023-13..2024-01", "'2023-13' is not a month; write YYYY-MM"),
        (1, "2023-00..2024-01", "'2023-00' is not a month"),
        (1, "23-01..23-12", "'23-01' is not a month"),
        (1, "2023-01-01..2023-12-31", "is not a month"),
        (1, "2023-01..2025-01", "2023-01..2025-01 must hold 1 to 24 months"),
        (1, "2023-02..2023-01", "2023-02..2023-01 must hold 1 to 24 months"),
        (1, "2023-01..2023-06, 2023-06..2023-12", "2023-01..2023-06 and 2023-06..2023-12 overlap"),
        (1, "2023-01..2023-12, 2023-03..2023-04", "overlap"),
        (1, "2023-01..2023-12, 2023-01..2023-12", "overlap"),
    ],
)
def test_what_is_wrong_is_said(start_month: int, years: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace(".", r"\.")):
        FiscalCalendar.parse(start_month, years)


@pytest.mark.parametrize("text", ["2024-\u00b2", "\u0662\u0660\u0662\u0664-01", "2024-1\u00b2", "0000-01"])
def test_what_only_looks_like_a_month_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="is not a month"):
        Month.parse(text)


@given(months, st.integers(-500, 500))
def test_months_add_up(month: Month, steps: int) -> None:
    other = month.plus(steps)
    assert month.until(other) == steps
    assert other.plus(-steps) == month
    assert 1 <= other.month <= 12
    assert (other > month) == (steps > 0)
    assert Month.of(other.first_day) == other
    assert Month.parse(f" {other} ") == other
