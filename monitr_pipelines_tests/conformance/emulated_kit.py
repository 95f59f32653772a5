"""Emulators as the software that a provider is tried on: small books with everything in them, edited."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from conformance_kit import Case, Rows
from edits_kit import Edit, History

from monitr_pipelines import emulators
from monitr_pipelines.emulators.frame.contract import Emulator
from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import MICROSECOND, Clock
from monitr_pipelines.emulators.shared.invented import MORNING, Size, invented_books
from monitr_pipelines.emulators.shared.records import Axis, Share, State, Value

# One entry in so many is kept of the smallest books: months with a few entries, of all kinds.
ONE_IN = 7
# Rows of a page of which such books have several.
PAGE = 40
# Connectors take a transaction to last an hour at most; a grant may end that nobody uses for a month.
LONGEST_TRANSACTION = timedelta(minutes=59)
PAUSES = (timedelta(), timedelta(minutes=1), timedelta(minutes=58), timedelta(hours=3), timedelta(days=20))


@dataclass
class Emulated:
    """An emulator of one provider on a port of this machine."""

    case: Case
    emulator: Emulator
    server: Server
    books: SharedBooks
    history: History

    @property
    def settings(self) -> Mapping[str, str]:
        """Those of another connection each time: a token may be good for one alone."""
        return self.emulator.settings(self.server.address)

    @property
    def administration(self) -> str:
        return self.emulator.administrations()[0].id

    def apply(self, edits: Sequence[Edit]) -> None:
        with self.books.lock:
            self.history.apply(edits)

    def settle(self) -> None:
        with self.books.lock:
            self.history.settle()

    def pass_time(self, how: int) -> None:
        """A pause, before which whoever has been at it for too long by then commits."""
        pause = PAUSES[how % len(PAUSES)]
        with self.books.lock:
            begun = [self.books.entries[each].stamp.time for each in self.history.late]
            if begun and _ago(self.books.clock, min(begun)) + pause > LONGEST_TRANSACTION:
                self.history.settle()
            self.books.clock.advance(pause)

    def requests(self) -> int:
        return self.server.exchanges.total

    def rows(self) -> Rows:
        company = next(iter(self.books.companies))
        posted = [each for each in self.books.company_entries(company) if each.state is State.POSTED]
        lines = (line for entry in posted for line in entry.lines if line.account is not None)
        accounts = (each for each in self.books.accounts.values() if each.company == company)
        values = [each.axis for each in self.books.values.values()]
        return Rows(
            sum(1 for _ in lines),
            sum(1 for _ in accounts),
            tuple(map(values.count, self.books.axes)),
            len(posted),
        )


@contextmanager
def emulated(case: Case, *, page: int | None = None, size: Size | None = None) -> Iterator[Emulated]:
    """A new emulator, with small books unless a size is given, with so many rows of a page."""
    kind = emulators.kinds()[case.name]
    clock = Clock(MORNING)
    books = invented_books(size, clock) if size else small_books(kind.size, clock)
    emulator = kind.build(books, case.conformance.variants[case.variant])
    with pages_of(case, page), serve(emulator, clock) as server:
        yield Emulated(case, emulator, server, books, History(books))


def small_books(size: Size, clock: Clock) -> SharedBooks:
    """Two small companies of which one entry in seven is left, with a third axis that some lines have."""
    books = invented_books(replace(size, entries_per_month=2), clock)
    for entry in [each for each in books.entries.values() if each.id % ONE_IN]:
        for line in entry.lines:
            books.forget_line(line.id)
        del books.entries[entry.id]
    stamp = next(iter(books.companies.values())).stamp
    axis = Axis(len(books.axes) + 1, "unit", "Unit", stamp)
    books.axes[axis.id] = axis
    for number in range(1, 3):
        value = Value(len(books.values) + 1, axis.id, f"U{number}", f"Unit {number}", None, stamp)
        books.values[value.id] = value
    one_of_each = {value.axis: value.id for value in books.values.values()}
    for entry in list(books.entries.values())[::3]:
        first = entry.lines[0]._replace(shares=(Share(tuple(one_of_each.values())),))
        books.entries[entry.id] = replace(entry, lines=(first, *entry.lines[1:]))
    return books


@contextmanager
def pages_of(case: Case, rows: int | None) -> Iterator[None]:
    """Pages of about so many lines; None leaves them as they are."""
    if rows is None or not case.conformance.page:
        yield
        return
    first, *others = case.conformance.page
    with (
        patch(first, rows // case.conformance.lines_a_row),
        pages_of(replace(case, conformance=replace(case.conformance, page=others)), rows),
    ):
        yield


def _ago(clock: Clock, microseconds: int) -> timedelta:
    return (clock.now() - datetime.fromtimestamp(0, UTC)) - microseconds * MICROSECOND
