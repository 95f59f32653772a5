"""The lines of an administration: all of them, or the months in which something changed."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import zip_longest

from monitr_pipelines.ledger.changes import Dates, Delete, Replace, Scope, WholeLedger
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.providers.contract import Checkpoint, Item
from monitr_pipelines.providers.yuki.api import Api
from monitr_pipelines.providers.yuki.changes import Change, Digest, gone
from monitr_pipelines.providers.yuki.columns import page_of
from monitr_pipelines.providers.yuki.cursors import OVERLAP, Place, moved
from monitr_pipelines.providers.yuki.datasets import COMMERCIAL
from monitr_pipelines.providers.yuki.details import DATE, Details
from monitr_pipelines.providers.yuki.values import contradicts, day_of
from monitr_pipelines.providers.yuki.windows import DAY, Window, all_of_time, windows_of
from monitr_pipelines.providers.yuki.years import Years

# How far the clock of stamps without a zone may be ahead of UTC.
AHEAD = timedelta(hours=2)


class Stream:
    """The items of one stream.

    `place` is where the next one goes on; `accounts` and `projects` are the codes that lines have.
    """

    def __init__(self, api: Api, administration: str, place: Place, years: Years) -> None:
        self.place = place
        self.accounts: set[str] = set()
        self.projects: set[str] = set()
        self._api = api
        self._administration = administration
        self._years = years
        # A digest of eight bytes of each key that was read.
        self._read = array("q")

    def whole(self, first: date) -> Iterator[Item]:
        """The whole ledger from `place.after` on; `first` is the first day that is asked for by the month.

        Raises:
            CursorExpired: A line moved between two months while these were read.
        """
        windows = all_of_time(first, self.place.began_at.date())
        starts = [each.start for each in windows]
        rest = windows[starts.index(self.place.after) if self.place.after else 0 :]
        if self.place.after:
            self._refuse_moved(rest)
        else:
            # Before anything is read: what changes meanwhile shows the next time.
            numbers = range(first.year, self.place.began_at.year + 1)
            asked = dict.fromkeys(map(str, numbers), "")
            self.place = replace(self.place, years=self._years.told(asked))
        yield Replace(WholeLedger(), ())  # books without a line are a whole ledger too
        for window, following in zip_longest(rest, rest[1:]):
            yield from _handed_over(WholeLedger(), self._lines(window, following))
            if following:
                self.place = replace(self.place, after=following.start)
                yield Checkpoint(self.place.as_json())
        self.place = replace(self.place, first=None, after=None)
        self._settle()

    def changed(self, now: datetime) -> Iterator[Item]:
        """The months that may read otherwise than at the last import, and the lines that are gone.

        Raises:
            CursorExpired: As above, or as `Digest.changes` has it.
        """
        told = self._years.told(self.place.years)
        changes = self._digest(self.place.began_at - OVERLAP, now + OVERLAP).changes()
        this = Month.of(now.date())
        months = {this, this.plus(-1), *(Month.of(each.day) for each in changes)}
        months.update(self._years.changed(self.place.years, told))
        self.place = replace(self.place, began_at=now, years=told)
        windows = windows_of(months, now.date())
        for window, following in zip_longest(windows, windows[1:]):
            scope = Dates(window.start, window.end + DAY)
            yield Replace(scope, ())  # of a month that has no lines any more too
            yield from _handed_over(scope, self._lines(window, following))
        read = set(self._read)
        yield Delete(sorted(key for key in gone(changes) if hash(key) not in read))
        self._settle()

    def _lines(self, window: Window, following: Window | None) -> Details:
        rows = self._api.details(self._asked(window), None if following is None else self._asked(following))
        days = {day_of(written, DATE) for written in set(rows.texts[DATE])}
        if days and not window.start <= min(days) <= max(days) <= window.end:
            contradicts("lines of other days than were asked for")
        self._note(rows, days)
        return rows

    def _note(self, rows: Details, days: set[date]) -> None:
        self._read.extend(map(hash, rows.bare("id")))
        self.accounts.update(filter(None, set(rows.bare("glAccountCode"))))
        self.projects.update(filter(None, set(rows.bare("projectCode"))))
        new = {str(each.year): "" for each in days}
        self.place = replace(self.place, years={**new, **self.place.years})

    def _asked(self, window: Window) -> dict[str, str]:
        return {
            "administrationID": self._administration,
            "GLAccountCode": "",
            "StartDate": f"{window.start}T00:00:00",
            "EndDate": f"{window.end}T00:00:00",
            "financialMode": COMMERCIAL,
        }

    def _digest(self, since: datetime, until: datetime) -> Digest:
        return Digest(self._api, self._administration, since, until)

    def _refuse_moved(self, rest: Sequence[Window]) -> None:
        """Raise where a line that may have been read before an interruption stands in what is unread."""
        began = self.place.began_at
        changes = self._digest(began, self._api.now() + OVERLAP).changes()
        if any(
            _may_be_older(each, began) and any(start <= each.day <= end for start, end in rest)
            for each in changes
        ):
            raise moved()

    def _settle(self) -> None:
        """See to it that no line came twice, and remember when years changed that have lines now."""
        if len(set(self._read)) != len(self._read):
            raise moved()
        asked = [year for year, told in self.place.years.items() if not told]
        new = self._years.told(dict.fromkeys(asked, ""))
        self.place = replace(self.place, years={**self.place.years, **new})


def _handed_over(scope: Scope, rows: Details) -> Iterator[Item]:
    yield from (Replace(scope, page_of(some)) for some in rows.parts())


def _may_be_older(change: Change, began: datetime) -> bool:
    return not change.deleted and (change.created is None or change.created < began + AHEAD)
