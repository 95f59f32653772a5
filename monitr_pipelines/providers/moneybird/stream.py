"""The journal of an administration, month by month: all of it, or the months that read otherwise now."""

from collections.abc import Collection, Iterator, Sequence

from monitr_pipelines.ledger.changes import Dates, Replace, WholeLedger
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.providers.contract import Checkpoint, Item
from monitr_pipelines.providers.moneybird.api import Api
from monitr_pipelines.providers.moneybird.chart import Chart, read_chart
from monitr_pipelines.providers.moneybird.columns import page_of
from monitr_pipelines.providers.moneybird.cursors import Place, expired
from monitr_pipelines.providers.moneybird.datasets import EntryRow
from monitr_pipelines.providers.moneybird.lines import CREDIT_POSITIVE, DEBIT_POSITIVE
from monitr_pipelines.providers.moneybird.reading import Known, MonthRead, read_month
from monitr_pipelines.providers.moneybird.sums import UNMOVED, Moved, digest, moved, together
from monitr_pipelines.providers.moneybird.values import contradiction

# Lines that are handed over together.
TOGETHER = 2000
# Books that are worked out ahead: so many years behind this one are asked for while the one before moved.
MOST_YEARS_AHEAD = 50


class Stream:
    """The items of one stream; `place` is where the next one goes on, `chart` what lines refer to."""

    def __init__(self, api: Api, place: Place, chart: Chart) -> None:
        self.place = place
        self.chart = chart
        self._api = api
        self._signs_wait = place.sign is None and bool(place.months)
        self._waiting: list[tuple[Month, MonthRead]] = []

    def items(self, first: int, changed: Collection[Month]) -> Iterator[Item]:
        """The months of which sums differ from those that are known, and those with changed documents.

        Args:
            first: The year with which the books begin.
            changed: Months in which documents are booked that read otherwise than before.
        """
        if self.place.whole:
            yield Replace(WholeLedger(), ())  # books without a line are a whole ledger too
        for year in self._years(first, changed):
            yield from self._year(year, changed)
        for month, read in self._waiting:  # no month told; all accounts end where they began, either way
            yield from self._lines(month, read, DEBIT_POSITIVE)

    def _years(self, first: int, changed: Collection[Month]) -> Iterator[int]:
        """Years whose months have to be looked at; sums of twelve months are one question."""
        known = {Month.parse(month).year for month in self.place.months}
        this = self._api.now().year
        last = max([this + 1, *known])
        for year in range(min([first, *known]), last + MOST_YEARS_AHEAD):
            done = self.place.years.get(str(year))
            if self.place.whole and done is not None:
                continue
            now = digest(moved(self._api.general_ledger(Month(year, 1), Month(year, 12))))
            unknown = done is None and year in known
            if unknown or now != (done or UNMOVED) or any(month.year == year for month in changed):
                yield year
            if year >= last and now == UNMOVED:
                return

    def _year(self, year: int, changed: Collection[Month]) -> Iterator[Item]:
        place = self.place
        totals: list[Moved] = []
        settled = True
        for month in (Month(year, number) for number in range(1, 13)):
            told = moved(self._api.general_ledger(month, month))
            differs = digest(told) != place.months.get(str(month), UNMOVED)
            if place.whole and str(month) in place.months:
                # Read before an interruption; what changed since is for the next import.
                settled = settled and not differs
            elif differs or month in changed:
                read = self._read(month, told)
                told = read.told
                yield from self._told(month, read)
            totals.append(told)
            if place.whole and not self._waiting:
                yield Checkpoint(place.as_json())
        place.years.pop(str(year), None)
        if settled:
            place.years[str(year)] = digest(together(totals))

    def _read(self, month: Month, told: Moved) -> MonthRead:
        last = month.month == 12
        behind = None if last else self._api.balances_call(month.plus(1), month.plus(1))
        known = Known(tuple(self.chart.values), self.place.sign)
        read = read_month(self._api, month, told, known, behind)
        self._cover(read.rows)
        return read

    def _told(self, month: Month, read: MonthRead) -> Iterator[Item]:
        """The lines of a month as soon as it is known which of them are debits."""
        if read.sign is None and read.rows:
            self._waiting.append((month, read))
            return
        if self.place.sign is None and read.sign is not None:
            self._learn(read.sign)
            for earlier, waiting in self._waiting:
                yield from self._lines(earlier, waiting, read.sign)
            self._waiting = []
        yield from self._lines(month, read, read.sign or DEBIT_POSITIVE)

    def _learn(self, sign: int) -> None:
        """Take the sign that a month has told; lines of months that told none were read debit positive.

        Raises:
            CursorExpired: They are not.
        """
        if self._signs_wait and sign == CREDIT_POSITIVE:
            raise expired("lines were read with the other sign")
        self.place.sign = sign

    def _lines(self, month: Month, read: MonthRead, sign: int) -> Iterator[Item]:
        scope = WholeLedger() if self.place.whole else Dates(month.first_day, month.plus(1).first_day)
        if not self.place.whole:
            yield Replace(scope, ())  # of a month that has no lines any more too
        for start in range(0, len(read.rows), TOGETHER):
            yield Replace(scope, page_of(read.rows[start : start + TOGETHER], self.chart, sign))
        self.place.months.pop(str(month), None)
        if read.told:
            self.place.months[str(month)] = digest(read.told)

    def _cover(self, rows: Sequence[EntryRow]) -> None:
        """See to it that the chart knows what lines refer to."""
        if self._unknown(rows) == (set(), set()):
            return
        # Accounts and projects that were made since the chart was read.
        self.chart = read_chart(self._api)
        self.place.codes = {**self.chart.codes, **self.place.codes}
        accounts, projects = self._unknown(rows)
        if accounts:
            raise contradiction("lines on accounts that it does not list")
        self.chart.learn(projects)

    def _unknown(self, rows: Sequence[EntryRow]) -> tuple[set[str], set[str]]:
        accounts = set(map(str, {row.ledger_account_id for row in rows}))
        projects = set(map(str, {row.project_id for row in rows} - {None}))
        return accounts - self.chart.accounts.keys(), projects - self.chart.values.keys()
