"""The lines of a structure, as choices name them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

PROFIT_AND_LOSS = "profit_and_loss"
BALANCE_SHEET = "balance_sheet"
STATEMENTS = (PROFIT_AND_LOSS, BALANCE_SHEET)
# Between the id of a line and its name, where people choose one.
BETWEEN = " · "
# Where accounts stand that nobody placed: an id begins so in every structure.
UNMAPPED = "unmapped:"


def is_unmapped(line: str) -> bool:
    """Whether it is where accounts stand that nobody placed."""
    return line.startswith(UNMAPPED)


@dataclass(frozen=True)
class Line:
    """A line of a statement; `names` by language, `level` 0 at the top, `is_leaf`: accounts stand there."""

    line: str
    statement: str
    parent: str | None
    level: int
    role: str | None
    names: Mapping[str, str]
    is_leaf: bool

    def label(self, language: str) -> str:
        """Its id and its name, as people choose it; it is known by that again."""
        return f"{self.line}{BETWEEN}{self.names[language]}"


class Lines:
    """The lines of both statements of a structure, in their order."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = {line.line: line for line in lines}
        self._named: dict[str, set[str]] = {}
        for line in self.leaves():
            for name in line.names.values():
                self._named.setdefault(name.casefold(), set()).add(line.line)

    def __iter__(self) -> Iterator[Line]:
        return iter(self._lines.values())

    def get(self, line: str) -> Line | None:
        """The line of an id; None where the structure has none."""
        return self._lines.get(line)

    def leaves(self) -> Sequence[Line]:
        """The lines that accounts can stand on."""
        return [line for line in self._lines.values() if line.is_leaf]

    def find(self, text: str) -> Line | None:
        """The line that someone wrote: its id, its label, or the name of one leaf alone in any language."""
        known = self.get(text) or self.get(text.partition(BETWEEN)[0])
        if known is not None:
            return known
        named = self._named.get(text.casefold(), set())
        return self.get(next(iter(named))) if len(named) == 1 else None

    def up_from(self, line: str) -> Iterator[Line]:
        """A line and every line that it is part of; nothing where the structure has no such line."""
        found = self.get(line)
        while found is not None:
            yield found
            found = self.get(found.parent) if found.parent else None

    def result_of_year(self) -> str | None:
        """The line of the balance sheet that the running result of profit and loss stands on."""
        return next((line.line for line in self if line.role == "result_of_year"), None)
