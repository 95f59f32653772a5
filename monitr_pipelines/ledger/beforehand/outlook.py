"""What an import would do to a ledger, from totals alone: nothing is stored to know it.

Amounts are debit positive; a net result is positive where there is a profit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month
from monitr_pipelines.ledger.records import AccountType, LedgerLine
from monitr_pipelines.ledger.segments import ledger_months

SAMPLED_LINES = 3
MOST_BOOKINGS = 100_000


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


@dataclass
class Totals:
    """The totals of a file while it is read. `unbalanced`: what bookings lack, or days where none are named.

    `samples` holds the first lines of each month; `many_bookings` that there were too many to follow.
    """

    cells: dict[Cell, Total] = field(default_factory=dict)
    unbalanced: dict[str, Decimal] = field(default_factory=dict)
    samples: dict[Month, list[LedgerLine]] = field(default_factory=dict)
    many_bookings: bool = False

    def add(self, line: LedgerLine) -> None:
        """Count a line."""
        month = Month.of(line.booking_date)
        total = self.cells.setdefault(Cell(line.account_code, month, line.opening), Total())
        total.amount += line.amount
        total.lines += 1
        sample = self.samples.setdefault(month, [])
        if len(sample) < SAMPLED_LINES:
            sample.append(line)
        booking = line.booking or line.booking_date.isoformat()
        left = self.unbalanced.pop(booking, ZERO) + line.amount
        if left and len(self.unbalanced) < MOST_BOOKINGS:
            self.unbalanced[booking] = left
        elif left:
            self.many_bookings = True

    @property
    def months(self) -> list[Month]:
        """The months with lines, in order."""
        return sorted(self.samples)

    @property
    def openings(self) -> set[Month]:
        """The months with entries that open a year."""
        return {cell.month for cell in self.cells if cell.opening}


class YearFigures(NamedTuple):
    """A fiscal year's net result, and at its end the accounts of the balance sheet that are in debit.

    `closed`: entries of the year leave nothing on any account of profit and loss, so that totals do not tell
    its result.
    """

    year: FiscalYear
    net_result: Decimal
    balance_total: Decimal
    closed: bool


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


def figures(
    cells: Mapping[Cell, Total], types: Mapping[str, AccountType], calendar: FiscalCalendar
) -> list[YearFigures]:
    """Result and balance total of each fiscal year with lines, as its statements would show them.

    Entries that open a year count only where the year before is not in the ledger.
    """
    openings: dict[Month, bool] = {}
    for cell in cells:
        openings[cell.month] = openings.get(cell.month, False) or cell.opening
    starts = {month.year: month.segment for month in ledger_months(openings, calendar)}
    by_year: defaultdict[FiscalYear, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_year[calendar.year_of(cell.month)].append(cell)
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    told: list[YearFigures] = []
    segment = None
    for year in sorted(by_year):
        begins = starts[year] == year
        if starts[year] != segment:
            segment = starts[year]
            balances.clear()
        told.append(_year(year, _counted(by_year[year], begins=begins), cells, types, balances))
    return told


def _counted(cells: Sequence[Cell], *, begins: bool) -> list[Cell]:
    return [cell for cell in cells if begins or not cell.opening]


def _year(
    year: FiscalYear,
    counted: Sequence[Cell],
    cells: Mapping[Cell, Total],
    types: Mapping[str, AccountType],
    balances: defaultdict[str, Decimal],
) -> YearFigures:
    results: defaultdict[str, Decimal] = defaultdict(Decimal)
    for cell in counted:
        if types.get(cell.account) is not AccountType.PROFIT_AND_LOSS:
            balances[cell.account] += cells[cell].amount
        elif not cell.opening:
            results[cell.account] += cells[cell].amount
    return YearFigures(
        year,
        -sum(results.values(), ZERO),
        sum((amount for amount in balances.values() if amount > 0), ZERO),
        closed=bool(results) and not any(results.values()),
    )
