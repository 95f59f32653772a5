"""The lines of a company's ledger, ready to be put into reports: by month and account, in their order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from monitr_pipelines.emulators.quickbooks.transactions import is_shown
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Company, Entry, Line, State

Month = tuple[int, int]


class Posting(NamedTuple):
    """A line with its entry; a voided one has no cents."""

    entry: Entry
    line: Line
    cents: int


@dataclass(frozen=True)
class MonthOfLedger:
    """The postings of a month by account, by day and transaction, and their sums."""

    postings: dict[int, list[Posting]]
    sums: Counter[int]


class Ledger:
    """The postings of a company at one revision of the books."""

    def __init__(self, books: SharedBooks, company: Company) -> None:
        self._months = _by_month(books, company)

    def between(self, first: date, last: date) -> dict[int, list[Posting]]:
        """The postings from one day to another, both included, by account."""
        found: dict[int, list[Posting]] = {}
        for month, held in self._months.items():
            if not _month(first) <= month <= _month(last):
                continue
            whole = _month(first) < month < _month(last)
            for account, postings in held.postings.items():
                inside = postings if whole else [p for p in postings if first <= p.entry.day <= last]
                if inside:
                    found.setdefault(account, []).extend(inside)
        return found

    def before(self, day: date) -> Counter[int]:
        """The cents of each account that were posted before a day."""
        sums: Counter[int] = Counter()
        for month, held in self._months.items():
            if month < _month(day):
                sums.update(held.sums)
            elif month == _month(day):
                for account, postings in held.postings.items():
                    sums[account] += sum(p.cents for p in postings if p.entry.day < day)
        return sums


class Ledgers:
    """The ledgers of all companies, made anew where the books have changed."""

    def __init__(self, books: SharedBooks) -> None:
        self._books = books
        self._made: dict[int, tuple[int, Ledger]] = {}

    def of(self, company: Company) -> Ledger:
        """The ledger of a company as it is now."""
        revision, ledger = self._made.get(company.id, (-1, None))
        if ledger is None or revision != self._books.revision:
            ledger = Ledger(self._books, company)
            self._made[company.id] = (self._books.revision, ledger)
        return ledger


def _by_month(books: SharedBooks, company: Company) -> dict[Month, MonthOfLedger]:
    entries = [each for each in books.company_entries(company.id) if is_shown(each)]
    entries.sort(key=lambda each: (each.day, each.id))
    months = groupby(entries, key=lambda each: _month(each.day))
    return {month: _month_of_ledger(booked) for month, booked in months}


def _month_of_ledger(entries: Iterable[Entry]) -> MonthOfLedger:
    postings: dict[int, list[Posting]] = {}
    for entry in entries:
        voided = entry.state is State.CANCELLED
        for line in entry.lines:
            if line.account is not None:
                posting = Posting(entry, line, 0 if voided else line.amount)
                postings.setdefault(line.account, []).append(posting)
    sums = {account: sum(each.cents for each in held) for account, held in postings.items()}
    return MonthOfLedger(postings, Counter(sums))


def _month(day: date) -> Month:
    return day.year, day.month
