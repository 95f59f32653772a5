"""What an import would do to a ledger, from totals alone: nothing is stored to know it. Debit is positive."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.ledger.turns.lines import TurnLine
from monitr_pipelines.ledger.turns.marks import opening_mark

SAMPLED_LINES = 3
MOST_BOOKINGS = 100_000
MOST_TURN_LINES = 50_000


class Cell(NamedTuple):
    """What totals are kept by: an account in a month, entries that open a year apart from others."""

    account: str
    month: Month
    opening: bool


@dataclass
class Total:
    """Lines that were added up."""

    amount: Decimal = ZERO
    lines: int = 0


class Sample(NamedTuple):
    """A line as an example, and the line of the file where it stands, if that is known."""

    line: LedgerLine
    at_line: int | None


@dataclass
class Totals:
    """The totals of a file while it is read. `unbalanced`: what bookings lack, or days where none are named.

    Of too many that were open at once (`many_bookings`) none is named: those left would be wrong ones.
    `samples` holds the first lines of each month, with where they stand in the file. `turns` holds the lines
    of the first and last days of the years of `calendar` that are not called opening ones, by day; none where
    there were too many (`many_turns`). `named` holds those of the first day of any month that call themselves
    an opening.
    """

    calendar: FiscalCalendar | None = None

    cells: dict[Cell, Total] = field(default_factory=dict)
    unbalanced: dict[str, Decimal] = field(default_factory=dict)
    samples: dict[Month, list[Sample]] = field(default_factory=dict)
    many_bookings: bool = False
    turns: dict[date, list[TurnLine]] = field(default_factory=dict)
    many_turns: bool = False
    named: dict[Month, list[TurnLine]] = field(default_factory=dict)
    _at_turn: dict[date, bool] = field(default_factory=dict)
    _turn_lines: int = 0

    def add(self, line: LedgerLine, at_line: int | None = None) -> None:
        """Count a line, which stands in this one of the file where that has numbers."""
        month = Month.of(line.booking_date)
        total = self.cells.setdefault(Cell(line.account_code, month, line.opening), Total())
        total.amount += line.amount
        total.lines += 1
        sample = self.samples.setdefault(month, [])
        if len(sample) < SAMPLED_LINES:
            sample.append(Sample(line, at_line))
        if not self.many_bookings:
            self._follow(line.booking or line.booking_date.isoformat(), line.amount)
        if not line.opening and self.calendar is not None and not self.many_turns:
            self._keep_turn(line, month, self.calendar)

    def _follow(self, booking: str, amount: Decimal) -> None:
        left = self.unbalanced.pop(booking, ZERO) + amount
        if left and len(self.unbalanced) == MOST_BOOKINGS:
            self.many_bookings = True
            self.unbalanced.clear()
        elif left:
            self.unbalanced[booking] = left

    def _keep_turn(self, line: LedgerLine, month: Month, calendar: FiscalCalendar) -> None:
        day = line.booking_date
        at_turn = self._at_turn.get(day)
        if at_turn is None:
            at_turn = self._at_turn[day] = _is_turn(day, calendar)
        if not at_turn and day.day != 1:
            return
        kept = _turn_line(line)
        if day.day == 1 and opening_mark(kept):
            self.named.setdefault(month, []).append(kept)
        if not at_turn:
            return
        self._turn_lines += 1
        if self._turn_lines > MOST_TURN_LINES:
            self.many_turns = True
            self.turns.clear()
            return
        self.turns.setdefault(day, []).append(kept)

    @property
    def months(self) -> list[Month]:
        """The months with lines, in order."""
        return sorted(self.samples)

    @property
    def openings(self) -> set[Month]:
        """The months with entries that open a year."""
        return {cell.month for cell in self.cells if cell.opening}


def _turn_line(line: LedgerLine) -> TurnLine:
    return TurnLine(
        line.external_id,
        line.booking_date,
        line.account_code,
        line.amount,
        line.booking,
        line.journal,
        line.period,
        line.description,
    )


def _is_turn(day: date, calendar: FiscalCalendar) -> bool:
    year = calendar.year_of(Month.of(day))
    return day == year.start or day + timedelta(days=1) == year.end


def lines_by_month(cells: Mapping[Cell, Total]) -> dict[Month, int]:
    """How many lines each month has."""
    lines: defaultdict[Month, int] = defaultdict(int)
    for cell, total in cells.items():
        lines[cell.month] += total.lines
    return dict(lines)


def kept(cells: Mapping[Cell, Total], replaced: Iterable[tuple[date, date]]) -> dict[Cell, Total]:
    """What stays of a ledger whose dates [from, to) are replaced, as if those were whole months."""
    ranges = list(replaced)
    return {
        cell: total
        for cell, total in cells.items()
        if not any(start <= cell.month.first_day < end for start, end in ranges)
    }


def together(*ledgers: Mapping[Cell, Total]) -> dict[Cell, Total]:
    """The cells of several ledgers, added up."""
    sums: dict[Cell, Total] = {}
    for cells in ledgers:
        for cell, total in cells.items():
            found = sums.setdefault(cell, Total())
            found.amount += total.amount
            found.lines += total.lines
    return sums
