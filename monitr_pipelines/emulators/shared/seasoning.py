"""What small invented books have besides plain posted entries, so that a reader meets everything once."""

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import WHOLE, Entry, Line, Share, State

EVERY_DRAFT, EVERY_CANCELLED, EVERY_FOREIGN, EVERY_REMARK = 41, 67, 9, 13
DOLLARS_PER_100_EUROS = 108
# How a value and those after it share a line, in hundredths of a per cent: in full, in part, too much.
DIVISIONS = ((WHOLE,), (60_00, 40_00), (50_00,), (33_33, 33_33, 33_34), (80_00, 40_00), (12_50, 12_50))


@dataclass(frozen=True)
class Seasoning:
    """Drafts, cancelled entries, another currency; splits and remarks where the software has them."""

    books: SharedBooks
    splits: bool
    remarks: bool

    def applied(self, entry: Entry) -> Entry:
        """The entry as its place among all entries has it."""
        lines = tuple(self._divided(line) for line in entry.lines)
        if entry.id % EVERY_FOREIGN == 0:
            lines = tuple(_in_dollars(line) for line in lines)
        if self.remarks and entry.id % EVERY_REMARK == 0:
            (line_id,) = self.books.new_line_ids(entry.id, 1)
            lines = (*lines, Line(line_id, None, 0, entry.stamp, "As agreed by telephone"))
        if entry.id % EVERY_DRAFT == 0:
            # Every other draft has a number already.
            number = entry.number if entry.id % 2 else ""
            return replace(entry, lines=lines, state=State.DRAFT, number=number)
        state = State.CANCELLED if entry.id % EVERY_CANCELLED == 0 else entry.state
        return replace(entry, lines=lines, state=state)

    def _divided(self, line: Line) -> Line:
        if not (self.splits and line.shares):
            return line
        division = DIVISIONS[line.id % len(DIVISIONS)]
        first, *others = line.shares[0].values
        parts = zip(self._neighbours(first, len(division)), division, strict=True)
        if len(division) == 1 and division[0] == WHOLE and line.id % 2:
            # Each axis by itself, not crossed.
            return line._replace(shares=tuple(Share((value,)) for value in line.shares[0].values))
        return line._replace(shares=tuple(Share((value, *others), percent) for value, percent in parts))

    def _neighbours(self, value: int, count: int) -> list[int]:
        axis = self.books.values[value].axis
        values = [each.id for each in self.books.values.values() if each.axis == axis]
        start = values.index(value)
        return [values[(start + step) % len(values)] for step in range(count)]


@lru_cache(maxsize=65_536)
def cents(amount: Decimal) -> int:
    """An amount as whole cents; equal amounts of large books are one object.

    Raises:
        ValueError: It has fractions of a cent.
    """
    scaled = amount.scaleb(2)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} is not in whole cents")
    return int(scaled)


def _in_dollars(line: Line) -> Line:
    return line._replace(foreign=line.amount * DOLLARS_PER_100_EUROS // 100, currency="USD")
