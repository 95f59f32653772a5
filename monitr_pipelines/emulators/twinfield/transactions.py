"""The entries as transactions of daybooks, in the order of their periods, and those that were deleted."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Entry, Journal, State
from monitr_pipelines.emulators.twinfield.offices import period_of

NOT_A_DIGIT = re.compile(r"\D")
LARGEST_NUMBER = 2**31 - 1
# Drafts have numbers of their own until they have one of their daybook.
DRAFT_NUMBERS = 900_000_000
FINAL, PROVISIONAL, DRAFT = "final", "provisional", "temporary"
# Invoices are processed when they are booked; entries of the other daybooks stay provisional.
FINAL_KINDS = "SP"
# What is carried into the first year stands before its first period.
OPENING_KIND, OPENING_PERIOD = "Z", 0


class Key(NamedTuple):
    """What a transaction is known by: another one may have it after it is gone."""

    company: int
    daybook: str
    number: int


class Deleted(NamedTuple):
    """A transaction that was deleted; `at` in µs since 1970."""

    key: Key
    day: date
    at: int


class Transaction(NamedTuple):
    """An entry as this software shows it; `modified` in µs since 1970."""

    yearperiod: str
    daybook: str
    number: int
    status: str
    modified: int
    entry: Entry


def number_of(entry: Entry) -> int:
    """The digits of an entry's number: two daybooks may have the same."""
    number = int(NOT_A_DIGIT.sub("", entry.number) or "0")
    return number if 0 < number <= LARGEST_NUMBER else DRAFT_NUMBERS + entry.id


def status_of(entry: Entry, daybook: Journal) -> str:
    """Whether an entry is a draft, may still change, or is final."""
    if entry.state is State.DRAFT:
        return DRAFT
    return FINAL if daybook.kind in FINAL_KINDS else PROVISIONAL


@dataclass
class Transactions:
    """All transactions of the books. Deletions are logged as they are noticed: at the next look."""

    books: SharedBooks
    log_renumbering: bool = False
    deleted: list[Deleted] = field(default_factory=list)
    _revision: int = -1
    _known: dict[int, tuple[Key, date]] = field(default_factory=dict)
    _by_company: dict[int, list[Transaction]] = field(default_factory=dict)

    def look(self) -> None:
        """Take notice of what has changed; hold the lock of the books."""
        if self._revision == self.books.revision:
            return
        known: dict[int, tuple[Key, date]] = {}
        by_company: dict[int, list[Transaction]] = {number: [] for number in self.books.companies}
        for entry in self.books.entries.values():
            if entry.committed and entry.state is not State.CANCELLED:
                made = self._transaction(entry)
                by_company[entry.company].append(made)
                known[entry.id] = Key(entry.company, made.daybook, made.number), entry.day
        for made_here in by_company.values():
            made_here.sort(key=lambda each: (each.yearperiod, each.daybook, each.number, each.entry.id))
        self._log(known)
        self._revision, self._known, self._by_company = self.books.revision, known, by_company

    def between(self, company: int, first: str, last: str) -> list[Transaction]:
        """The transactions of a company from one year and period to another, both included; "": open."""
        self.look()
        every = self._by_company[company]
        start = bisect_left(every, first, key=lambda each: each.yearperiod) if first else 0
        end = bisect_right(every, last, key=lambda each: each.yearperiod) if last else len(every)
        return every[start:end]

    def _transaction(self, entry: Entry) -> Transaction:
        company, daybook = self.books.companies[entry.company], self.books.journals[entry.journal]
        year, month = period_of(company, entry.day)
        period = OPENING_PERIOD if daybook.kind == OPENING_KIND else month
        modified = max(entry.stamp.time, *(line.stamp.time for line in entry.lines), 0)
        return Transaction(
            f"{year:04d}/{period:02d}",
            daybook.code,
            number_of(entry),
            status_of(entry, daybook),
            modified,
            entry,
        )

    def _log(self, known: dict[int, tuple[Key, date]]) -> None:
        """Log the keys that were seen and are no longer there, in the order of their ends."""
        ends = {gone.id: gone.stamp.time for gone in self.books.gone if gone.kind == "entry"}
        gone: list[Deleted] = []
        for entry, (key, day) in self._known.items():
            if entry not in known:
                end = ends[entry] if entry in ends else self.books.entries[entry].stamp.time
                gone.append(Deleted(key, day, end))
            elif self.log_renumbering and known[entry][0] != key:
                gone.append(Deleted(key, day, self.books.entries[entry].stamp.time))
        self.deleted += sorted(gone, key=lambda each: each.at)
