"""Months, and what shows that one reads otherwise than before."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.providers.odoo.values import INEXACT


class Total(NamedTuple):
    """What Odoo says of all posted lines of a month.

    A line that comes, goes, or moves to another date changes the number of lines of a month; one that is
    edited carries a newer stamp. Both show whenever the change was committed.

    Args:
        lines: How many there are.
        debit: Their sum.
        newest: Their latest stamp, in UTC and whole seconds, as Odoo writes it.
    """

    lines: int = 0
    debit: Decimal = ZERO
    newest: str = ""

    def and_lines(self, lines: int, debit: Decimal) -> "Total":
        """With more lines, and the sum of their debits."""
        return self._replace(lines=self.lines + lines, debit=self.debit + debit)

    def equals(self, other: "Total") -> bool:
        """Whether both are of as many lines with the same sum, as far as Odoo can tell it."""
        rough = min(self.debit, other.debit) >= INEXACT
        return self.lines == other.lines and (rough or self.debit == other.debit)


Totals = Mapping[date, Total]


def month_of(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def after(month: date) -> date:
    """The first day of the next month; that of the last month of all time is its last day."""
    if month.year == date.max.year and month.month == 12:
        return date.max
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def as_json(totals: Totals) -> dict[str, list[Any]]:
    """As cursors hold totals."""
    return {f"{month}": [total.lines, f"{total.debit:f}", total.newest] for month, total in totals.items()}


def of_json(stored: Mapping[str, Any]) -> dict[date, Total]:
    """From a cursor."""
    return {
        date.fromisoformat(month): Total(lines, Decimal(debit), newest)
        for month, (lines, debit, newest) in stored.items()
    }
