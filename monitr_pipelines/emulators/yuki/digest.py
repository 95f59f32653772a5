"""The changes of an administration in pages, and when a financial year last changed."""

from dataclasses import dataclass, field
from datetime import datetime

from monitr_pipelines.emulators.shared.books import fiscal_year_start
from monitr_pipelines.emulators.shared.records import Company
from monitr_pipelines.emulators.yuki.forms import NEVER, on_the_wall, written
from monitr_pipelines.emulators.yuki.ledger import Change, Ledger
from monitr_pipelines.emulators.yuki.lines import updated_transaction

# More are never given at once, whatever was asked for.
MOST_RECORDS = 1000


@dataclass
class Digest:
    """What changed.

    Args:
        ledger: In which lines.
        by_date: Whether the filter is on the dates of transactions, not on when they changed.
        without_new: Whether lines that never changed since they were booked are left out.
    """

    ledger: Ledger
    by_date: bool = False
    without_new: bool = False
    _kept: tuple[object, list[Change]] | None = field(default=None, repr=False)

    def page(self, company: Company, start: datetime, end: datetime, first: int, count: int) -> str:
        """So many changes from the one in a place on, counted from 0."""
        place, rows = max(0, first), max(0, min(count, MOST_RECORDS))
        told = self._told(company, start, end)[place : place + rows]
        return "".join(updated_transaction(self.ledger.books, each) for each in told)

    def year_changed(self, company: Company, year: int) -> str:
        """When a line that is, or was last, in a financial year was last written."""
        moments = (
            each.stamp.time
            for each in reversed(self.ledger.changes(company))
            if year_of(company, each) == year
        )
        latest = next(moments, None)
        return NEVER if latest is None else written(on_the_wall(latest))

    def _told(self, company: Company, start: datetime, end: datetime) -> list[Change]:
        """All changes that are told; they are kept for the next page of the same question."""
        asked = (self.ledger.books.revision, company.id, start, end)
        if self._kept is None or self._kept[0] != asked:
            changes = self.ledger.changes(company)
            self._kept = (asked, [each for each in changes if self._is_told(each, start, end)])
        return self._kept[1]

    def _is_told(self, change: Change, start: datetime, end: datetime) -> bool:
        if self.without_new and not change.deleted and change.stamp == change.entry.created:
            return False
        if self.by_date:
            return start.date() <= change.entry.day <= end.date()
        return start <= on_the_wall(change.stamp.time) <= end


def year_of(company: Company, change: Change) -> int:
    """The financial year of a line, by the calendar year in which it ends."""
    start = fiscal_year_start(company.fiscal_year_start, change.entry.day)
    return start.year + (company.fiscal_year_start > 1)
