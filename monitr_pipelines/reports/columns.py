"""The periods that stand side by side in a statement, and the same periods a year before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from monitr_pipelines.ledger.periods import FiscalCalendar, Month

MONTHS_IN_QUARTER = 3
MONTHS_IN_YEAR = 12


class By(StrEnum):
    """What a column of a statement is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR_TO_DATE = "year-to-date"
    FISCAL_YEAR = "fiscal-year"


@dataclass(frozen=True, order=True)
class Span:
    """The months from `first` up to and including `last`."""

    first: Month
    last: Month

    def months(self) -> list[Month]:
        """All of them, in order."""
        return [self.first.plus(nth) for nth in range(self.first.until(self.last) + 1)]


@dataclass(frozen=True)
class AxisValue:
    """A value of an axis, such as a cost centre.

    `value` is empty for what has none of that axis, and None for all values that are not told apart.
    """

    axis: str
    value: str | None
    name: str


@dataclass(frozen=True)
class Column:
    """A period of a statement, and the same period a year before; perhaps of one `value` of an axis."""

    by: By
    span: Span
    before: Span
    value: AxisValue | None = None


def columns_of(calendar: FiscalCalendar, period: Span, by: By) -> list[Column]:
    """The columns of a period, each month of it in one; year to date: a column a month.

    Quarters are of the fiscal year: its first three months are the first. Years and quarters that the period
    begins or ends within are as long as the period has of them.
    """
    return [Column(by, span, year_before(calendar, span, by)) for span in _spans(calendar, period, by)]


def columns_of_values(calendar: FiscalCalendar, period: Span, values: Iterable[AxisValue]) -> list[Column]:
    """The columns of a whole period by the values of an axis."""
    by = By.FISCAL_YEAR
    return [Column(by, period, year_before(calendar, period, by), value) for value in values]


def _spans(calendar: FiscalCalendar, period: Span, by: By) -> Iterator[Span]:
    if by is By.YEAR_TO_DATE:
        yield from (Span(calendar.year_of(month).first, month) for month in period.months())
        return
    for _, group in groupby(period.months(), lambda month: _bucket(calendar, month, by)):
        months = list(group)
        yield Span(months[0], months[-1])


def _bucket(calendar: FiscalCalendar, month: Month, by: By) -> tuple[Month, int]:
    if by is By.MONTH:
        return month, 0
    first = calendar.year_of(month).first
    return first, first.until(month) // MONTHS_IN_QUARTER if by is By.QUARTER else 0


def year_before(calendar: FiscalCalendar, span: Span, by: By) -> Span:
    """A whole fiscal year is beside the fiscal year before, however long; all else beside the same months."""
    year = calendar.year_of(span.last)
    if by is By.FISCAL_YEAR and span == Span(year.first, year.last):
        previous = calendar.year_of(year.first.plus(-1))
        return Span(previous.first, previous.last)
    last = span.last.plus(-MONTHS_IN_YEAR)
    if by is By.YEAR_TO_DATE:
        return Span(calendar.year_of(last).first, last)
    return Span(span.first.plus(-MONTHS_IN_YEAR), last)
