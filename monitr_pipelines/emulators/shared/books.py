"""One set of books of several companies, in memory: what is in them, and how to look at it.

Whoever changes them is a `Bookkeeper`. Half a million lines take some 130 MB, and looking at them in pages
takes no more. All looks and changes hold `lock`.
"""

import threading
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.records import (
    Account,
    Axis,
    Company,
    Entry,
    Gone,
    Journal,
    Line,
    Relation,
    Stamp,
    State,
    Value,
    money,
)
from monitr_pipelines.ledger.records import AccountType


class Placed(NamedTuple):
    """A line with its entry."""

    entry: Entry
    line: Line


class NoSuchRow(KeyError):
    """There is no row with this id, or nobody can see it yet."""


@dataclass
class SharedBooks:
    """The rows by id. `revision` counts what others can see change; `version` counts what is written."""

    clock: Clock
    companies: dict[int, Company] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    journals: dict[int, Journal] = field(default_factory=dict)
    relations: dict[int, Relation] = field(default_factory=dict)
    axes: dict[int, Axis] = field(default_factory=dict)
    values: dict[int, Value] = field(default_factory=dict)
    entries: dict[int, Entry] = field(default_factory=dict)
    gone: list[Gone] = field(default_factory=list)
    version: int = 0
    revision: int = 0
    last_entry: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    # The entry of each line by the line's id, 0 where it is gone: eight bytes a line.
    _owners: "array[int]" = field(default_factory=lambda: array("q", [0]), repr=False)
    _by_version: tuple[int, list[tuple[int, int]]] = field(default=(-1, []), repr=False)

    def stamp(self) -> Stamp:
        """A stamp for something that is written now."""
        self.version += 1
        return Stamp(self.version, self.clock.tick())

    def new_line_ids(self, entry: int, count: int) -> range:
        """Ids for new lines of an entry: higher than any that was ever given."""
        first = len(self._owners)
        self._owners.extend([entry] * count)
        return range(first, first + count)

    def forget_line(self, line: int) -> None:
        """A line is gone; its id is not given again."""
        self._owners[line] = 0

    def company_entries(self, company: int) -> Iterator[Entry]:
        """The entries of a company that others can see, by id."""
        return (each for each in self.entries.values() if each.company == company and each.committed)

    def entry(self, entry: int) -> Entry:
        """An entry that others can see.

        Raises:
            NoSuchRow: There is none with this id.
        """
        found = self.entries.get(entry)
        if found is None or not found.committed:
            raise NoSuchRow(entry)
        return found

    def line(self, line: int) -> Placed:
        """A line that others can see, with its entry.

        Raises:
            NoSuchRow: There is none with this id.
        """
        owner = self._owners[line] if 0 < line < len(self._owners) else 0
        entry = self.entry(owner)
        return Placed(entry, next(each for each in entry.lines if each.id == line))

    def lines(self, after: int = 0) -> Iterator[Placed]:
        """The lines of all companies with higher ids than `after`, by id."""
        owners = self._owners
        entry: Entry | None = None
        by_id: dict[int, Line] = {}
        for line in range(after + 1, len(owners)):
            owner = owners[line]
            if not owner:
                continue
            if entry is None or entry.id != owner:
                entry = self.entries[owner]
                by_id = {each.id: each for each in entry.lines}
            if entry.committed:
                yield Placed(entry, by_id[line])

    def lines_changed(self, after: int) -> Iterator[Placed]:
        """The lines of all companies with higher versions than `after`, by version."""
        revision, order = self._by_version
        if revision != self.revision:
            order = sorted((placed.line.stamp.version, placed.line.id) for placed in self.lines())
            self._by_version = (self.revision, order)
        first = bisect_right(order, after, key=lambda pair: pair[0])
        return (self.line(line) for _, line in order[first:])

    def movements(self, company: int, first: date | None, last: date | None) -> Counter[int]:
        """Cents by account id of what is posted from one day to another, both included; None: without end."""
        sums: Counter[int] = Counter()
        for entry in self.company_entries(company):
            if entry.state is not State.POSTED:
                continue
            if (first is None or entry.day >= first) and (last is None or entry.day <= last):
                for line in entry.lines:
                    if line.account is not None:
                        sums[line.account] += line.amount
        return sums

    def trial_balance(self, company: int, at: date) -> dict[str, Decimal]:
        """Closing balances by account code at the end of a day, debit positive, without those at zero.

        Balance sheet accounts since ever, profit and loss accounts since the fiscal year began.
        """
        since = fiscal_year_start(self.companies[company].fiscal_year_start, at)
        ever, year = self.movements(company, None, at), self.movements(company, since, at)
        closing: dict[str, Decimal] = {}
        for account in self.accounts.values():
            sums = ever if account.type is AccountType.BALANCE_SHEET else year
            if account.company == company and sums[account.id]:
                closing[account.code] = money(sums[account.id])
        return closing


def fiscal_year_start(month: int, at: date) -> date:
    """The first day of the fiscal year that a day lies in."""
    return date(at.year if at.month >= month else at.year - 1, month, 1)
