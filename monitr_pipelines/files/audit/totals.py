"""The control totals of a section of a Dutch audit file, compared with its lines."""

from decimal import Decimal

from monitr_pipelines.files.reading.amounts import AmountReader
from monitr_pipelines.files.reading.problems import BadValueError, Problems
from monitr_pipelines.ledger.money import ZERO, plain
from monitr_pipelines.ledger.sentences import sentence


class SectionTotals:
    """Counts and adds the lines of one section; a difference with its heading is only a warning."""

    def __init__(self, section: str, stated: dict[str, str], line: int | None) -> None:
        self._section = section
        self._stated = stated
        self._line = line
        self._count = 0
        self._totals = {"D": ZERO, "C": ZERO}

    def add(self, side: str, amount: Decimal) -> None:
        """A line of the section."""
        self._count += 1
        self._totals[side] += amount

    def compare(self, amounts: AmountReader, problems: Problems) -> None:
        """Warn of each control figure that the lines do not add up to."""
        stated = self._stated.get("linesCount", "")
        if stated and stated.lstrip("0") != (str(self._count) if self._count else ""):
            self._warn(problems, "control_count", "count_of_lines", stated, str(self._count))
        for side, name in (("D", "Debit"), ("C", "Credit")):
            text = self._stated.get(f"total{name}", "")
            found = self._totals[side]
            if not text:
                continue
            try:
                differs = amounts.read(text) != found
            except BadValueError:
                differs = True
            if differs:
                self._warn(
                    problems, f"control_total_{name.lower()}", f"total_{name.lower()}", text, plain(found)
                )

    def _warn(self, problems: Problems, code: str, what: str, stated: str, found: str) -> None:
        problems.warn(
            code,
            sentence("control", what=sentence(what), section=self._section, stated=stated, found=found),
            line=self._line,
        )
