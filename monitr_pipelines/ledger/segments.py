"""Where the running balances of a ledger start: at its first year, and anew after a gap.

A year's opening entries count where no earlier year is present. Where the adjacent earlier year is,
they repeat its closing balances and must not be added. After a gap they are where the balances go
on from.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month


@dataclass(frozen=True, slots=True)
class LedgerMonth:
    """A month of the ledger, its fiscal year, and the first year of its segment."""

    month: Month
    year: FiscalYear
    segment: FiscalYear


def ledger_months(openings: Mapping[Month, bool], calendar: FiscalCalendar) -> list[LedgerMonth]:
    """All months from the first with lines to the last, in order.

    `openings` names the months that have lines, and whether opening entries are among them.
    """
    if not openings:
        return []
    present = {calendar.year_of(month) for month in openings}
    opened = {calendar.year_of(month) for month, opening in openings.items() if opening}
    first, last = min(openings), max(openings)
    months: list[LedgerMonth] = []
    segment = calendar.year_of(first)
    for step in range(first.until(last) + 1):
        month = first.plus(step)
        year = calendar.year_of(month)
        before = calendar.year_of(year.first.plus(-1))
        if year in opened and before not in present:
            segment = year
        months.append(LedgerMonth(month, year, segment))
    return months
