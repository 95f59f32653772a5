"""What is wrong with the file of a structure: everything at once, each with what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.sentences import Sentence, Value, sentence


class Problem(NamedTuple):
    """One thing that is wrong.

    Args:
        row: The line of the file, from 1; None where it is the whole file.
        line: The code of the structure's line, where it is known.
        what: What is wrong, and what to do.
    """

    row: int | None
    line: str
    what: Sentence

    @property
    def text(self) -> Sentence:
        """As one reads it, with where it stands."""
        if self.row is None:
            return self.what
        if not self.line:
            return sentence("structure_at_line", row=self.row, what=self.what)
        return sentence("structure_at_line_of", row=self.row, line=self.line, what=self.what)

    @property
    def finding(self) -> Finding:
        """The same as pages show it."""
        return Finding(self.what.kind, self.text)


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

    def problem(self, kind: str, /, **values: Value) -> Problem:
        """Something that is wrong with this line."""
        return Problem(self.number, self.line, sentence(kind, **values))
