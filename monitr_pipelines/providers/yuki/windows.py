"""The stretches of time that lines are asked for, together all of it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from monitr_pipelines.ledger.periods import Month

# Days that every SQL server knows; nobody books outside.
EARLIEST, LATEST = date(1900, 1, 1), date(2099, 12, 31)
DAY = timedelta(days=1)
# A call for each month: more of them would take too much of the allowance of a day.
MOST_YEARS = 15


class Window(NamedTuple):
    """A first and a last day, both included."""

    start: date
    end: date


def first_month(started: date | None, today: date) -> date:
    """The first day that is asked for by the month, from the start of an administration if that is told.

    Some start with the founding of the company: more than so many years are not asked for so.
    """
    earliest = Month(today.year - MOST_YEARS, 1).first_day
    return Month.of(min(max(started or earliest, earliest), today)).first_day


def all_of_time(first: date, today: date) -> Sequence[Window]:
    """The months from a first day up to today, then all that is behind and before them."""
    months = list(months_between(first, today))
    behind = window_of(months[-1]).end + DAY
    return [*map(window_of, months), Window(behind, LATEST), Window(EARLIEST, first - DAY)]


def windows_of(months: Iterable[Month], today: date) -> Sequence[Window]:
    """The days of months, in their order: those to come that follow one another are one window."""
    found: list[Window] = []
    ahead = window_of(Month.of(today)).end
    for window in map(window_of, sorted(months)):
        if found and found[-1].start > ahead and found[-1].end + DAY == window.start:
            found[-1] = Window(found[-1].start, window.end)
        else:
            found.append(window)
    return found


def window_of(month: Month) -> Window:
    """The days of a month."""
    return Window(month.first_day, month.plus(1).first_day - DAY)


def months_between(start: date, end: date) -> Iterable[Month]:
    """The months of two days and those between."""
    month = Month.of(start)
    while month.first_day <= end:
        yield month
        month = month.plus(1)
