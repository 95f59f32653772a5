"""The fiscal years of an organisation: each ends on the same day of the same month."""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from monitr_pipelines.providers.xero.datasets import OrganisationRow
from monitr_pipelines.providers.xero.values import unknown

DAY = timedelta(days=1)
FEBRUARY, ITS_LAST_DAYS = 2, (28, 29)


class YearEnd(NamedTuple):
    """The last day of each fiscal year."""

    month: int
    day: int

    def start_of_year(self, at: date) -> date:
        """The first day of the fiscal year that a day lies in.

        >>> YearEnd(12, 31).start_of_year(date(2026, 12, 31)), YearEnd(2, 29).start_of_year(date(2025, 3, 1))
        (datetime.date(2026, 1, 1), datetime.date(2025, 3, 1))
        """
        ended = self._in(at.year)
        return (ended if ended < at else self._in(at.year - 1)) + DAY

    def _in(self, year: int) -> date:
        last = monthrange(year, self.month)[1]
        ends_with_february = self.month == FEBRUARY and self.day in ITS_LAST_DAYS
        return date(year, self.month, last if ends_with_february else min(self.day, last))


def year_end_of(organisation: OrganisationRow) -> YearEnd:
    """The end of the fiscal years of an organisation."""
    if not (1 <= organisation.end_month <= 12 and 1 <= organisation.end_day <= 31):
        unknown("FinancialYearEnd is no day")
    return YearEnd(organisation.end_month, organisation.end_day)


def first_month(organisation: OrganisationRow) -> int:
    """The month in which a fiscal year begins."""
    return year_end_of(organisation).start_of_year(date(2000, 1, 1)).month
