"""What dates say of a ledger, and what only people know: years that were mistyped, other fiscal years.

All of it is judged by month: a ledger has few of them, however many lines it has.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise

from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month

MONTHS_AHEAD = 12
YEARS_AWAY_IN_MONTHS = 24
# More lines than a slip of the pen makes.
FEW_LINES = 10


def odd_months(before: Mapping[Month, int], after: Mapping[Month, int], today: date) -> list[Month]:
    """Months with new lines that are probably mistyped: more than a year from now, or years from all others.

    `before` and `after` count the lines of each month of the ledger; what was there before is not judged.
    """
    latest = Month.of(today).plus(MONTHS_AHEAD)
    suspects = {month for month in after if month > latest} | _far_from_others(after)
    return sorted(month for month in suspects if after[month] > before.get(month, 0))


def _far_from_others(lines: Mapping[Month, int]) -> set[Month]:
    """Groups of few lines that lie years apart from the group with most."""
    groups: list[list[Month]] = []
    months = sorted(lines)
    for earlier, month in pairwise([None, *months]):
        if month is None:
            continue
        if earlier is None or earlier.until(month) > YEARS_AWAY_IN_MONTHS:
            groups.append([])
        groups[-1].append(month)
    totals = [sum(lines[month] for month in group) for group in groups]
    return {
        month
        for group, total in zip(groups, totals, strict=True)
        if total <= FEW_LINES and total < max(totals)
        for month in group
    }


def other_year(
    stated: FiscalYear | None, openings: Iterable[Month], last: Month, calendar: FiscalCalendar
) -> FiscalYear | None:
    """The fiscal year that a file is evidence for, where the calendar has another one there.

    `stated`: the year that the file itself says; a part of a year of the calendar is none. `openings`: months
    of entries that open a year; what follows them up to the `last` month of the file belongs to it, or
    the first twelve months of that.
    """
    if stated is not None:
        year = calendar.year_of(stated.first)
        return None if year.first <= stated.first and stated.last <= year.last else stated
    for month in sorted(openings):
        if calendar.year_of(month).first != month and not _precedes(month, calendar):
            return FiscalYear(month, last if month <= last < month.plus(12) else month.plus(11))
    return None


def _precedes(month: Month, calendar: FiscalCalendar) -> bool:
    """Whether it is the last month of a year: some programs date an opening on the day before it begins."""
    return calendar.year_of(month).last == month


def calendar_with(calendar: FiscalCalendar, year: FiscalYear) -> str:
    """The exceptions of a calendar with one more, as the setting writes them."""
    others = [each for each in calendar.exceptions if each.last < year.first or each.first > year.last]
    return ",".join(map(str, sorted([*others, year])))
