"""The transactions of an office: all of them, a period at a time, or what changed and what is gone."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from monitr_pipelines.ledger.changes import Bookings, Replace, WholeLedger
from monitr_pipelines.providers.contract import Checkpoint, Item
from monitr_pipelines.providers.soap import texts_of
from monitr_pipelines.providers.twinfield.api import Api
from monitr_pipelines.providers.twinfield.browse import Rows, question, rows_of
from monitr_pipelines.providers.twinfield.columns import page_of
from monitr_pipelines.providers.twinfield.cursors import Place
from monitr_pipelines.providers.twinfield.datasets import (
    ACCOUNT,
    CHANGES,
    DELETED,
    DRAFT,
    LINES,
    RELATIONS,
    STATUS,
    TOTALS,
    Browse,
)
from monitr_pipelines.providers.twinfield.faults import unknown
from monitr_pipelines.providers.twinfield.lines import SECOND, SECOND_TYPE, THIRD, THIRD_TYPE
from monitr_pipelines.providers.twinfield.periods import EVERYTHING, Range, ranges_of
from monitr_pipelines.providers.twinfield.values import moment

DELETIONS = "DeletedTransactionsService"
Regime = Callable[[Browse], str | None]
Window = tuple[str, str]


class Stream:
    """The items of one stream; `accounts` and `values` are what its lines use."""

    def __init__(self, api: Api, place: Place, currency: str, regime: Regime) -> None:
        self.accounts: set[str] = set()
        self.values: set[tuple[str, str]] = set()
        self._api = api
        self._place = place
        self._currency = currency
        self._regime = regime

    def items(self) -> Iterator[Item]:
        """All that the place has not read yet, or what changed since."""
        return self._changed() if self._place.is_increment else self._whole()

    def _whole(self) -> Iterator[Item]:
        yield Replace(WholeLedger(), ())  # an office without a transaction is a whole ledger too
        used = self._browsed(TOTALS, EVERYTHING).periods
        ranges = ranges_of(used, self._place.after)
        for within, rows in zip(ranges, self._pages(ranges, None), strict=True):
            yield from (Replace(WholeLedger(), page_of(some, self._currency)) for some in rows.parts())
            yield Checkpoint(self._place.behind(within.last).checkpoint())

    def _changed(self) -> Iterator[Item]:
        """What is gone is asked for first: a transaction that is shown behind it is there."""
        deleted = self._deleted()
        window = self._place.modified()
        changed = self._browsed(CHANGES, EVERYTHING, window)
        rows_of_changes = zip(changed.periods, changed.bookings, changed.texts[STATUS], strict=True)
        booked = {(period, booking) for period, booking, status in rows_of_changes if status != DRAFT}
        there = {booking for _, booking in booked}
        gone = deleted.union(changed.bookings)
        ranges = [Range(period, period) for period in sorted({period for period, _ in booked})]
        for rows in self._pages(ranges, window):
            bookings = frozenset(rows.bookings)
            there |= bookings
            scope = Bookings(bookings)
            yield from (Replace(scope, page_of(some, self._currency)) for some in rows.parts())
        if gone - there:
            yield Replace(Bookings(frozenset(gone - there)), ())

    def _pages(self, ranges: Sequence[Range], window: Window | None) -> Iterator[Rows]:
        """The lines of each range, one question ahead of what is read."""
        regime = self._regime(LINES) if ranges else None
        questions = [question(LINES, within, regime, window) for within in ranges]
        following = [following for _, following in pairwise([*questions, None])]
        for within, asked, next_one in zip(ranges, questions, following, strict=True):
            yield self._noted(self._read(LINES, within, asked, next_one))

    def _browsed(self, browse: Browse, within: Range, window: Window | None = None) -> Rows:
        return self._read(browse, within, question(browse, within, self._regime(browse), window), None)

    def _read(self, browse: Browse, within: Range, asked: str, following: str | None) -> Rows:
        office = self._api.office
        return self._api.browsed(asked, lambda body: rows_of(body, browse, within, office), following)

    def _noted(self, rows: Rows) -> Rows:
        """The same rows; which accounts and values they use is kept."""
        self.accounts.update(rows.texts[ACCOUNT])
        for name, of_type in ((SECOND, SECOND_TYPE), (THIRD, THIRD_TYPE)):
            used = set(zip(rows.texts[of_type], rows.texts[name], strict=True))
            self.values |= {(kind, code) for kind, code in used if code and kind not in RELATIONS}
        return rows

    def _deleted(self) -> set[str]:
        """The transactions that were deleted since an increment begins.

        All deletions are asked for: whether dates would choose them by the day of the deletion or by that of
        the transaction is not documented.
        """
        since = self._place.deleted_since()
        company = {"CompanyCode": self._api.office}
        told = self._api.query(DELETIONS, DELETED, company)
        rows = [texts_of(each) for each in told.iter("{*}DeletedTransaction")]
        if any(not row.get(name) for row in rows for name in DELETED.fields):
            unknown("a deleted transaction has no daybook, number or date")
        return {
            f"{row['Daybook']}-{row['TransactionNumber']}"
            for row in rows
            if moment(row["DeletionDate"], "DeletionDate") >= since
        }
