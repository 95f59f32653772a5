"""The lines that are in the ledger, and those that no longer are: what a deleted line was is told on."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from heapq import merge
from typing import NamedTuple

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Company, Entry, Line, Stamp, State
from monitr_pipelines.emulators.yuki.corrections import corrections

DAY = timedelta(days=1)


class Change(NamedTuple):
    """A line with its entry, when it was last written, and whether it is gone since then."""

    entry: Entry
    line: Line
    stamp: Stamp
    deleted: bool


@dataclass
class Ledger:
    """The books as their software keeps them: only what is posted is in the ledger.

    It is brought up to date whenever it is asked, under the lock of the books.

    Args:
        books: Which books.
        corrected: Whether fiscal figures have corrections that others have not.
    """

    books: SharedBooks
    corrected: bool = False
    _revision: int = -1
    _seen: dict[int, Entry] = field(default_factory=dict, repr=False)
    _removed: dict[int, Change] = field(default_factory=dict, repr=False)
    _days: dict[int, list[tuple[date, int]]] = field(default_factory=dict, repr=False)
    _changes: dict[int, list[Change]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        with self.books.lock:
            self._bring_up_to_date()

    def between(
        self, company: Company, first: date, last: date, *, fiscal: bool = False
    ) -> Iterator[tuple[Entry, Line]]:
        """The lines of a company from one day to another, both included, by day."""
        self._bring_up_to_date()
        days = self._days.get(company.id, [])
        # No entry has the number 0: it stands before all of its day.
        start = bisect_left(days, (first, 0))
        end = len(days) if last == date.max else bisect_left(days, (last + DAY, 0))
        entries = (self._seen[number] for _, number in days[start:end])
        corrected = self._corrections(company, first, last) if fiscal and self.corrected else ()
        for entry in merge(entries, corrected, key=lambda each: (each.day, each.id)):
            for line in entry.lines:
                if line.account is not None:
                    yield entry, line

    def changes(self, company: Company) -> list[Change]:
        """Every line that is or was in the ledger of a company, in the order of its last change."""
        self._bring_up_to_date()
        if company.id not in self._changes:
            standing = (
                Change(entry, line, line.stamp, deleted=False)
                for entry, line in self.between(company, date.min, date.max)
            )
            gone = (each for each in self._removed.values() if each.entry.company == company.id)
            self._changes[company.id] = sorted(
                [*standing, *gone], key=lambda each: (each.stamp.time, each.stamp.version, each.line.id)
            )
        return self._changes[company.id]

    def _corrections(self, company: Company, first: date, last: date) -> list[Entry]:
        days = self._days.get(company.id)
        if not days:
            return []
        years = range(days[0][0].year, days[-1][0].year + 1)
        made = corrections(self.books, company, years)
        return [entry for entry in made if first <= entry.day <= last]

    def _bring_up_to_date(self) -> None:
        if self._revision == self.books.revision:
            return
        posted = {
            entry.id: entry
            for entry in self.books.entries.values()
            if entry.committed and entry.state is State.POSTED
        }
        self._note_removed(posted)
        days: defaultdict[int, list[tuple[date, int]]] = defaultdict(list)
        for entry in posted.values():
            days[entry.company].append((entry.day, entry.id))
        self._days = {company: sorted(pairs) for company, pairs in days.items()}
        self._seen, self._revision = posted, self.books.revision
        self._changes.clear()

    def _note_removed(self, posted: dict[int, Entry]) -> None:
        """What was seen before and is no longer there was deleted when its entry changed."""
        stamps = {each.id: each.stamp for each in self.books.gone if each.kind == "line"}
        for number, before in self._seen.items():
            after = posted.get(number)
            if after is before:
                continue
            kept = {line.id for line in after.lines} if after else set()
            for line in before.lines:
                if line.account is not None and line.id not in kept:
                    stamp = stamps.get(line.id) or self.books.entries[number].stamp
                    self._removed[line.id] = Change(before, line, stamp, deleted=True)
        if self._removed:
            for entry in posted.values():
                for line in entry.lines:
                    self._removed.pop(line.id, None)
