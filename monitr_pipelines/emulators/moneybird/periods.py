"""Periods as parameters tell them: months, days, or names such as `this_month`."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from monitr_pipelines.emulators.moneybird.forms import Refused

DAY = timedelta(days=1)
MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
STEPS = {"prev": -1, "this": 0, "next": 1}
NAMED = re.compile(r"(?P<step>prev|this|next)_(?P<unit>week|month|quarter|year)")
RANGE = re.compile(r"(?P<first>\d{6}|\d{8})(?:\.\.(?P<last>\d{6}|\d{8}))?")
HALF_A_RANGE = re.compile(r"\d{6,8}\.\.|\.\.\d{6,8}")


class Period(NamedTuple):
    """Days from one to another, both included."""

    first: date
    last: date

    @property
    def months(self) -> Iterator[int]:
        """The months that it touches, as `month_of` counts them."""
        return iter(range(month_of(self.first), month_of(self.last) + 1))


def month_of(day: date) -> int:
    """The month of a day, as a number that goes on over the years."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of a month.

    Raises:
        ValueError: The calendar has no such month.
    """
    return date(month // 12, month % 12 + 1, 1)


def period_of(text: str, today: date) -> Period:
    """A period of whatever length.

    Raises:
        Refused: It is none.
    """
    if HALF_A_RANGE.fullmatch(text):
        raise Refused(400, "Period must have both a start and end date")
    try:
        if named := NAMED.fullmatch(text):
            return _named(named["step"], named["unit"], today)
        if match := RANGE.fullmatch(text):
            first = _day(match["first"], last=False)
            period = Period(first, _day(match["last"] or match["first"], last=True))
            if period.first <= period.last:
                return period
    except ValueError:
        pass  # a day that the calendar has not
    raise Refused(400, "Period is invalid")


def whole_months(text: str, today: date, longest: int) -> Period:
    """A period of whole months, at most so many.

    Raises:
        Refused: It is none, is longer, or begins or ends within a month.
    """
    period = period_of(text, today)
    if len(list(period.months)) > longest:
        unit = "month" if longest == 1 else "months"
        raise Refused(400, f"Period cannot exceed {longest} {unit}")
    if period.first.day != 1 or period.last != _last_day(period.last):
        raise Refused(400, "Period is invalid")
    return period


def _named(step: str, unit: str, today: date) -> Period:
    if unit == "week":
        monday = today + (STEPS[step] * 7 - today.weekday()) * DAY
        return Period(monday, monday + 6 * DAY)
    months = MONTHS_OF[unit]
    first = month_of(today) // months * months + STEPS[step] * months
    return Period(first_day(first), first_day(first + months) - DAY)


def _day(digits: str, *, last: bool) -> date:
    """The day of `YYYYMMDD`; the first or last one of `YYYYMM`."""
    year, month, day = int(digits[:4]), int(digits[4:6]), digits[6:]
    if day:
        return date(year, month, int(day))
    start = date(year, month, 1)
    return _last_day(start) if last else start


def _last_day(day: date) -> date:
    """The last day of the month of a day."""
    return day.replace(day=monthrange(day.year, day.month)[1])
