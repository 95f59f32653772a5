"""The general ledger of a company, window by window: all of it, or what changed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from monitr_pipelines.ledger.changes import Bookings, Dates, Replace, WholeLedger
from monitr_pipelines.lifecycle.errors import CursorExpired, OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.contract import Checkpoint, Item
from monitr_pipelines.providers.quickbooks import datasets, windows
from monitr_pipelines.providers.quickbooks.api import Api, Size, size_of
from monitr_pipelines.providers.quickbooks.chart import Chart, Company, read_chart
from monitr_pipelines.providers.quickbooks.cursors import Place, expired
from monitr_pipelines.providers.quickbooks.lines import Page, page_of, values_used
from monitr_pipelines.providers.quickbooks.report import Reading, Window, read_report
from monitr_pipelines.providers.quickbooks.sign_in import TITLE
from monitr_pipelines.providers.quickbooks.values import Object, contradicts, day, needed, text


class Stream:
    """The items of one stream; `place` is where the next one goes on, `chart` what its lines refer to."""

    def __init__(self, api: Api, company: Company, chart: Chart, place: Place) -> None:
        self.chart = chart
        self.place = place
        self._api = api
        self._company = company
        self._began_at = place.began_at
        # A transaction has one date: it is met again where it was moved while others were read. One that was
        # read before an interruption is not met: the next increment replaces it.
        self._met: set[str] = set()

    def everything(self) -> Iterator[Item]:
        """The whole ledger from where the place is, the newest month first."""
        yield Replace(WholeLedger(), ())  # books without a line are a whole ledger too
        window = self._next(self.place)
        while window is not None:
            sizes = []
            for size, page in self._pages(window, ahead=True):
                sizes.append(size)
                yield from (Replace(WholeLedger(), lines) for lines in page.lines())
            self.place = self._behind(window, sizes)
            yield Checkpoint(self.place.as_json())
            window = self._next(self.place)

    def changes(self, before: Place) -> Iterator[Item]:
        """Windows in which something changed, and this month and the one before.

        Of payroll, of adjustments of stock and the like nobody tells changes: so what is mostly worked on
        is read each time. Every transaction that is met or gone is replaced whole: where it stood before
        is not told.
        """
        months = {windows.recent(self._began_at.date())}
        touched = set[str]()
        for entity, row in self._changed(datasets.CHANGING, before):
            touched.add(f"{entity}:{needed(row, 'Id')}")
            if (on := text(row, "TxnDate")) is not None:
                months.add(self._month(day(on, "TxnDate")))
        if touched:
            yield Replace(Bookings(frozenset(touched)), ())
        for window in sorted(months, reverse=True):
            yield Replace(Dates(*window), ())
            for _, page in self._pages(window):
                yield from (Replace(Dates(*window), lines) for lines in page.lines())
                if page.bookings:
                    yield Replace(Bookings(frozenset(page.bookings)), ())

    def _changed(self, entities: Sequence[str], before: Place) -> Iterator[tuple[str, Object]]:
        """What was changed or deleted; an answer that is full is asked for in parts."""
        found = self._api.changes(entities, before.since)
        if sum(map(len, found.values())) < datasets.MOST_CHANGES:
            yield from ((entity, row) for entity, rows in found.items() for row in rows)
        elif len(entities) == 1:
            raise expired("more was changed than is told at once")
        else:
            middle = len(entities) // 2
            yield from self._changed(entities[:middle], before)
            yield from self._changed(entities[middle:], before)

    def _month(self, on: date) -> Window:
        recent = windows.recent(self._began_at.date())
        return recent if recent.start <= on < recent.end else windows.month(on)

    def _next(self, place: Place) -> Window | None:
        if place.read is None:
            return windows.newest(self._began_at.date())
        return windows.before(place.read, place.months, older=place.older)

    def _behind(self, window: Window, sizes: Sequence[Size]) -> Place:
        """The place behind a window whose reports were of such sizes; the first window has no end."""
        asked = 1 if window.end == windows.END else self.place.months
        months = windows.months_after(asked, sum(size.cells for size in sizes))
        return self.place.behind(window, months, older=sizes[-1].older)

    def _pages(self, window: Window, *, ahead: bool = False) -> Iterator[tuple[Size, Page]]:
        """The lines of a window with the size of its report; those of its halves where that does not fit."""

        def then(body: bytes) -> Call | None:
            size = size_of(body)
            following = None if size.cut else self._next(self._behind(window, [size]))
            return None if following is None else self._question(following)

        told = self._api.report(self._question(window), then if ahead else None)
        if told.report is not None:
            columns, last = self.place.asked, window.end - windows.DAY
            currency = self._company.currency
            yield told.size, self._page(read_report(told.report, columns, window, last, currency), window)
            return
        halves = windows.halves(window)
        if halves is None:
            raise OurFault(Message("answer_too_large", {"title": TITLE}), detail="a day fits into no report")
        for half in halves:
            yield from self._pages(half)

    def _question(self, window: Window) -> Call:
        return self._api.report_call(
            datasets.LEDGER, window.start, window.end - windows.DAY, self.place.asked
        )

    def _page(self, reading: Reading, window: Window) -> Page:
        """The lines of a report; `chart` is read again for accounts and values that were made since."""
        if not self._names(reading):
            self.chart = read_chart(self._api, self._company)
            self.place = replace(self.place, codes={**self.chart.codes, **self.place.codes})
            if not self._names(reading):
                contradicts("lines on accounts, classes or locations that are not listed")
        page = page_of(reading, self.chart, self._company.axes, window, self._company.currency)
        bookings = set(page.bookings)
        if bookings & self._met:
            raise CursorExpired(Message("books_moved"))
        self._met |= bookings
        self.place = replace(self.place, untold=self.place.untold or page.untold)
        return page

    def _names(self, reading: Reading) -> bool:
        if not self.chart.accounts.keys() >= set(reading.table.accounts):
            return False
        return all(
            {"", *self.chart.values[column]} >= values_used(reading, self.chart, column)
            for column in self._company.axes
        )
