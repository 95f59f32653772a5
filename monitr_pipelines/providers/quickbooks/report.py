"""The report of the general ledger: sections of accounts within one another, laid out as rows by column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import attrgetter, itemgetter
from typing import NamedTuple

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.providers.quickbooks.datasets import (
    BEGINNING,
    CREDIT,
    DATE,
    DEBIT,
    HOME_CREDIT,
    HOME_DEBIT,
    TYPE,
    Cell,
    Report,
    Row,
)
from monitr_pipelines.providers.quickbooks.values import amount, amounts, contradicts, unknown

NO_DATA = "NoReportData"
ACCRUAL = "Accrual"
SIDES = {DEBIT: CREDIT, HOME_DEBIT: HOME_CREDIT}
NOTHING = (ZERO, ZERO)
VALUE, ID = attrgetter("value"), attrgetter("id")


class Window(NamedTuple):
    """Booking dates from `start` up to, not including, `end`."""

    start: date
    end: date


class Sums(NamedTuple):
    """What a section says that some rows add up to; `opening` is what stood there before them."""

    first: int
    behind: int
    sums: Sequence[Cell]
    opening: Sequence[Decimal]


@dataclass
class Table:
    """Rows of a general ledger by column.

    Args:
        places: Where each column stands in a row.
        rows: The cells of transactions.
        accounts: The id of the account of each of them.
    """

    places: dict[str, int]
    rows: list[list[Cell]] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    _texts: dict[str, list[str]] = field(default_factory=dict)
    _ids: dict[str, list[str | None]] = field(default_factory=dict)

    def texts(self, column: str) -> list[str]:
        """What stands in a column, once all rows are there."""
        if column not in self._texts:
            self._texts[column] = list(map(VALUE, self._cells(column)))
        return self._texts[column]

    def ids(self, column: str) -> list[str | None]:
        """The ids of what is named in a column, once all rows are there."""
        if column not in self._ids:
            self._ids[column] = list(map(ID, self._cells(column)))
        return self._ids[column]

    def side(self, column: str) -> list[Decimal]:
        """The amounts of a column, in the home currency; most cells of a side are empty."""
        return amounts(self.texts(column), column)

    def _cells(self, column: str) -> Iterator[Cell]:
        return map(itemgetter(self.places[column]), self.rows)


class Reading:
    """Lays out the sections of one report.

    Raises:
        OurFault: A row or a column is unknown.
        InconsistentData: A section does not add up to what it says.
    """

    def __init__(self, report: Report, columns: Sequence[str]) -> None:
        keys = [each.key for each in report.columns.columns]
        if missing := set(columns) - set(keys):
            unknown(f"a report without {', '.join(sorted(missing))}")
        self.table = Table({key: place for place, key in enumerate(keys)})
        self._width = len(keys)
        self._debit = next(each for each in SIDES if each in columns)
        self._sums: list[Sums] = []
        self._take(report.rows.rows, None)
        self.debits, self.credits = map(self.table.side, (self._debit, SIDES[self._debit]))
        for told in self._sums:
            self._prove(told)

    def _take(self, rows: Sequence[Row], account: str | None) -> Sequence[Decimal]:
        """Lay out rows of an account; what stood there before them, by side."""
        date, kind = self.table.places[DATE], self.table.places[TYPE]
        add, add_account, width = self.table.rows.append, self.table.accounts.append, self._width
        opening: Sequence[Decimal] = NOTHING
        for row in rows:
            cells = row.cells
            if cells is None:
                opening = _added(opening, self._section(row, account))
            elif len(cells) != width:
                unknown("a row has not as many cells as there are columns")
            elif cells[date].value == BEGINNING and not cells[kind].value:
                opening = _added(opening, self._sides(cells))
            else:
                add(cells)
                add_account(account or unknown("a transaction stands on no account"))
        return opening

    def _section(self, row: Row, account: str | None) -> Sequence[Decimal]:
        """A section without a header is what a parent account has of its own."""
        if row.header is None and row.rows is None and row.sums is None:
            unknown("a row has neither cells nor rows")
        first = len(self.table.rows)
        own = row.header.cells[0].id if row.header is not None and row.header.cells else account
        opening = self._take(row.rows.rows if row.rows else (), own)
        if row.sums is not None:
            self._sums.append(Sums(first, len(self.table.rows), row.sums.cells, opening))
        return opening

    def _sides(self, cells: Sequence[Cell]) -> Sequence[Decimal]:
        """The debit and the credit of cells that are no transaction's."""
        return [
            amount(cells[self.table.places[side]].value, side) for side in (self._debit, SIDES[self._debit])
        ]

    def _prove(self, told: Sums) -> None:
        """Sums that are not told prove nothing; whether they hold what stood there before is not known."""
        if len(told.sums) != self._width:
            unknown("the sums of a section have not as many cells as there are columns")
        sides = (
            (self._debit, self.debits, told.opening[0]),
            (SIDES[self._debit], self.credits, told.opening[1]),
        )
        for column, of_side, before in sides:
            value = told.sums[self.table.places[column]].value
            if not value.strip():
                continue
            found = sum(of_side[told.first : told.behind], ZERO)
            if amount(value, column) not in {found, found + before}:
                contradicts("the rows of a section do not add up to what it says")


def _added(one: Sequence[Decimal], other: Sequence[Decimal]) -> Sequence[Decimal]:
    """Both sides of two amounts together."""
    return one if other is NOTHING else [first + second for first, second in zip(one, other, strict=True)]


def read_report(report: Report, columns: Sequence[str], window: Window, last: date, currency: str) -> Reading:
    """The rows of a report of a window, whose last day is given.

    Raises:
        OurFault: It has a form that is not known.
        InconsistentData: It is another one than was asked for, or contradicts itself.
    """
    heading = report.heading
    told = (heading.name, heading.basis, heading.start, heading.end, heading.currency)
    asked = ("GeneralLedger", ACCRUAL, f"{window.start}", f"{last}", currency)
    if any(found not in {None, wanted} for found, wanted in zip(told, asked, strict=True)):
        contradicts("a report of another basis, currency or range of dates than was asked for")
    reading = Reading(report, columns)
    empty = next((each.value == "true" for each in heading.options if each.name == NO_DATA), None)
    if empty is not None and empty == bool(reading.table.rows) and (empty or not report.rows.rows):
        contradicts("a report has rows and says that it has none, or has none and says that it has some")
    return reading
