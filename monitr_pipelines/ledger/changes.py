"""What a source says has changed: a stream of these is all that the loader needs to know.

Most accounting software can only be read truly by replacing whole bookings or periods, so `Replace`
is the usual change: every line must lie in its scope, unchanged lines are left alone, and what
remains of the scope is deleted last.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeAlias

from monitr_pipelines.ledger.blocks import Block
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine

Cursor: TypeAlias = Mapping[str, Any]
DateRange: TypeAlias = tuple[date, date]


class Scope(Protocol):
    """The part of a ledger that a Replace stands for.

    `ranges` and `bookings` are asked for once the lines are exhausted; a scope has one or the other.
    """

    def contains(self, line: LedgerLine) -> bool:
        """Whether a line lies in the scope."""

    def holds(self, days: AbstractSet[date], bookings: AbstractSet[str | None]) -> bool:
        """Whether all lines of such booking dates and bookings lie in it: asked once for many lines."""

    def ranges(self) -> list[DateRange]:
        """Booking dates [from, to) that are replaced."""

    def bookings(self) -> Iterable[str]:
        """Keys of the bookings that are replaced."""


@dataclass(frozen=True)
class WholeLedger:
    """Everything the entity has."""

    def contains(self, line: LedgerLine) -> bool:  # noqa: ARG002 - the protocol's signature
        """Every line does."""
        return True

    def holds(self, days: AbstractSet[date], bookings: AbstractSet[str | None]) -> bool:  # noqa: ARG002
        """All lines do."""
        return True

    def ranges(self) -> list[DateRange]:
        """All of time."""
        return [(date.min, date.max)]

    def bookings(self) -> Iterable[str]:
        """None by key."""
        return ()


@dataclass(frozen=True)
class Dates:
    """Booking dates from `start` up to, not including, `end`."""

    start: date
    end: date

    def contains(self, line: LedgerLine) -> bool:
        """Whether the booking date is in the range."""
        return self.start <= line.booking_date < self.end

    def holds(self, days: AbstractSet[date], bookings: AbstractSet[str | None]) -> bool:  # noqa: ARG002
        """Whether all booking dates are in the range."""
        return all(self.start <= day < self.end for day in days)

    def ranges(self) -> list[DateRange]:
        """The range itself."""
        return [(self.start, self.end)]

    def bookings(self) -> Iterable[str]:
        """None by key."""
        return ()


@dataclass(frozen=True)
class Bookings:
    """Whole journal entries, by key."""

    keys: frozenset[str]

    def contains(self, line: LedgerLine) -> bool:
        """Whether the line belongs to one of the bookings."""
        return line.booking in self.keys

    def holds(self, days: AbstractSet[date], bookings: AbstractSet[str | None]) -> bool:  # noqa: ARG002
        """Whether all bookings are among them."""
        return bookings <= self.keys

    def ranges(self) -> list[DateRange]:
        """None by date."""
        return []

    def bookings(self) -> Iterable[str]:
        """The keys."""
        return self.keys


@dataclass
class MonthsOfItsLines:
    """The months that the lines themselves fall in; known once the lines are exhausted."""

    months: set[Month] = field(default_factory=set, kw_only=True)

    def contains(self, line: LedgerLine) -> bool:
        """Every line does: it stretches the scope over its own month."""
        self.months.add(Month.of(line.booking_date))
        return True

    def holds(self, days: AbstractSet[date], bookings: AbstractSet[str | None]) -> bool:  # noqa: ARG002
        """All lines do: they stretch the scope over their months."""
        self.months.update(map(Month.of, days))
        return True

    def ranges(self) -> list[DateRange]:
        """The months that the lines seen so far fall in."""
        return [(month.first_day, month.plus(1).first_day) for month in sorted(self.months)]

    def bookings(self) -> Iterable[str]:
        """None by key."""
        return ()


@dataclass
class FiscalYearsOfItsLines(MonthsOfItsLines):
    """The fiscal years that the lines themselves fall in; known once the lines are exhausted."""

    calendar: FiscalCalendar

    def ranges(self) -> list[DateRange]:
        """The fiscal years that the lines seen so far fall in."""
        years = sorted({self.calendar.year_of(month) for month in self.months})
        return [(year.start, year.end) for year in years]


@dataclass(frozen=True)
class Upsert:
    """Lines that are new or changed; nothing is deleted."""

    lines: Iterable[LedgerLine]


@dataclass(frozen=True)
class Delete:
    """Keys of lines that the source says no longer exist."""

    keys: Iterable[str]


@dataclass(frozen=True)
class Replace:
    """All lines of a scope as they are now."""

    scope: Scope
    lines: Iterable[LedgerLine]


@dataclass(frozen=True)
class Written:
    """Lines of a scope that are text already; None where they are upserted."""

    scope: Scope | None
    blocks: Iterable[Block]


Change: TypeAlias = Upsert | Delete | Replace


def lines_of(changes: Iterable[Change]) -> Generator[LedgerLine]:
    """The lines of all changes, whatever they replace."""
    for change in changes:
        if not isinstance(change, Delete):
            yield from change.lines


class Delivery(Protocol):
    """Changes of one origin that belong together: a provider's answer, or one ledger file.

    `accounts`, `axes`, `findings` and `cursor` are complete once `changes` is exhausted.
    """

    @property
    def keys_by_content(self) -> bool:
        """Whether ids are made from the content of lines, so that equal ids are as many lines."""

    @property
    def appended(self) -> bool:
        """Whether lines come without an id of their own, so that repeating them would double them."""

    @property
    def lists_are_whole(self) -> bool:
        """Whether `accounts` and `axes` are all that there are, so that what they no longer name is gone."""

    @property
    def accounts(self) -> Mapping[str, Account]:
        """Accounts that came with the lines, by code."""

    @property
    def axes(self) -> AbstractSet[AxisValue]:
        """Axis values that came with the lines."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What was odd about the delivery, though not wrong."""

    @property
    def cursor(self) -> Cursor:
        """Where the next increment begins; it is committed with the lines."""

    def changes(self) -> Iterator[Change | Written]:
        """The changes, their lines streamed; all written ones number sets of axis values alike."""
