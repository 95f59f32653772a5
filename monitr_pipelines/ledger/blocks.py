"""Lines as text, a block at a time: written once, where they are read, and kept so until they are copied."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

AxisSet: TypeAlias = tuple[tuple[str, str], ...]
# Of each field the texts of all lines, or the one that all have.
FieldColumns: TypeAlias = Mapping[str, str | Sequence[str]]
NO_AXES = "0"


class Block(NamedTuple):
    """Some lines as PostgreSQL's COPY reads them (text format): UTF-8, one a row, each ended by a newline.

    The fields of a row are those of a LedgerLine in their order, without `axes`; the number of that set comes
    last. `axes` holds the sets that are named here for the first time in their stream, with their numbers.
    `exact`: whether all amounts have a form that no column of four decimals rounds. `columns`: the same
    fields by their names, where none of them is escaped and they are still at hand.
    """

    lines: int
    text: bytes
    axes: tuple[tuple[AxisSet, str], ...]
    exact: bool
    columns: FieldColumns | None = None


class AxisNumbers(dict[AxisSet, str]):
    """The numbers of sets of axis values: known ones, and new ones as they come; 0 stands for none."""

    def __init__(self, known: Mapping[AxisSet, int] | None = None) -> None:
        known = known or {}
        super().__init__({axes: str(number) for axes, number in known.items()})
        self[()] = NO_AXES
        self._last = max(known.values(), default=0)
        self._new: list[tuple[AxisSet, str]] = []

    def __missing__(self, axes: AxisSet) -> str:
        ordered = tuple(sorted(axes))
        if ordered != axes:
            number = self[ordered]
        else:
            self._last += 1
            number = str(self._last)
            self._new.append((axes, number))
        self[axes] = number
        return number

    def take_new(self) -> tuple[tuple[AxisSet, str], ...]:
        """The sets that were numbered since this was asked last; each once, its axes in order."""
        new, self._new = tuple(self._new), []
        return new

    def ordered(self) -> list[tuple[AxisSet, str]]:
        """Each set that there is once, though lines may name its axes in any order."""
        return [(axes, number) for axes, number in self.items() if axes and axes == tuple(sorted(axes))]

    def learn(self, axes: AxisSet, number: str) -> None:
        """Take a number that was given before this process began."""
        self[axes] = number
        self._last = max(self._last, int(number))
