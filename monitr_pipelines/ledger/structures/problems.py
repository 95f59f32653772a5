"""What is wrong with the file of a structure: everything at once, each with what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong.

    Args:
        row: The line of the file, from 1; None where it is the whole file.
        line: The code of the structure's line, where it is known.
        what: What is wrong, a sentence.
        remedy: What to do, a sentence.
    """

    row: int | None
    line: str
    what: str
    remedy: str

    @property
    def text(self) -> str:
        """As one reads it."""
        of_line = f" ({self.line})" if self.line else ""
        place = f"Line {self.row}{of_line}: " if self.row is not None else ""
        return f"{place}{self.what} {self.remedy}"


class BadStructure(Exception):
    """A file that is no structure; nothing of it is taken over."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.row or 0))
        super().__init__("\n".join(problem.text for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: its number, and its cells by column, without the blanks around them."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def line(self) -> str:
        """The code of the structure's line."""
        return self["line"]

    def problem(self, what: str, remedy: str) -> Problem:
        """Something that is wrong with this line."""
        return Problem(self.number, self.line, what, remedy)
