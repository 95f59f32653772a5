"""Rows that a program prints between and below the lines of a table: totals, page headers, footnotes.

They are left out, counted and told. A total is checked first: it must be what the lines since the start, or
since some total before it, add up to, so that no line is missing.
"""

import io
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from monitr_pipelines.files.reading.headers import plain_name
from monitr_pipelines.files.reading.problems import BadValueError, Problems
from monitr_pipelines.files.reading.records import DelimitedText
from monitr_pipelines.files.tables.layout import Layout
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.sentences import sentence

# Of a total or a sum that is carried to the next page, in the languages of the field.
TOTAL = re.compile(
    r"\b(?:sub|sous|tussen|zwischen|grand|end|gesamt|eind)?[ -]?"
    r"(?:totaa?l(?:en)?|totaux|summen?|totale?s?|report|transport|ubertrag|transporteren|a reporter)\b"
)
# Of what programs print at the end of a page or of a file.
FOOT = re.compile(
    r"(?:page|pagina|pag|seite|printed|print date|afgedrukt|gedrukt|afdrukdatum|imprime|edite|edition|"
    r"gedruckt|erstellt|aangemaakt|generated|exported|created|einde|end of|fin de)\b"
)
SHOWN_LINES = 10
TAIL = 4096


@dataclass
class Sums:
    """What lines add up to, both sides positive, and what they did at each total before."""

    debit: Decimal = ZERO
    credit: Decimal = ZERO
    marks: set[tuple[Decimal, Decimal]] = field(default_factory=lambda: {(ZERO, ZERO)})

    def add(self, amount: Decimal) -> None:
        """Take a line into account; `amount` is debit positive."""
        if amount > ZERO:
            self.debit += amount
        else:
            self.credit -= amount

    def has(self, debit: Decimal, credit: Decimal | None) -> bool:
        """Whether a total is what lines since some mark add up to, by side or, with one column, netted."""
        if credit is None:
            net = self.debit - self.credit - debit
            return any(before - after == net for before, after in self.marks)
        return (self.debit - debit, self.credit - credit) in self.marks

    def mark(self) -> None:
        """A total stands here."""
        self.marks.add((self.debit, self.credit))


@dataclass
class PrintedRows:
    """Tells rows that are no lines.

    Args:
        layout: The columns.
        number: Reads an amount, or raises BadValueError.
        above: The cells above the header: programs repeat these on every page.
        first: The first line of the table. Where it comes once more below a header, it is no next page.
        knows_sums: Whether every line is added, so that totals can be checked; else none is left out.
    """

    layout: Layout
    number: Callable[[str], Decimal]
    above: Sequence[str] = ()
    first: Sequence[str] = ()
    knows_sums: bool = True
    sums: Sums = field(default_factory=Sums)
    left_out: list[int] = field(default_factory=list)
    totals: int = 0
    below_header: bool = False

    def add(self, amount: Decimal) -> None:
        """Take a line into account, before the rows behind it are asked about."""
        self.sums.add(amount)

    def is_one(self, record: Sequence[str], line: int, problems: Problems) -> bool:
        """Whether a row is left out; a problem is what calls itself a total and is none of these lines."""
        filled = [cell.strip() for cell in record if cell.strip()]
        if not filled:
            return False
        self.below_header = self._is_header(record)
        if self.below_header or self._is_note(filled):
            self.left_out.append(line)
            return True
        return self._is_total(record, line, problems)

    def starts_again(self, record: Sequence[str], line: int, problems: Problems) -> bool:
        """Whether a line is the first once more, right below a header: a file that holds its lines twice."""
        again = self.below_header and record == self.first
        self.below_header = False
        if again:
            problems.add("second_header", sentence("starts_again"), line=line)
        return again

    def tell(self, problems: Problems) -> None:
        """Say once what was left out, if anything was."""
        if self.left_out:
            lines = ", ".join(map(str, self.left_out[:SHOWN_LINES]))
            more = ", …" if len(self.left_out) > SHOWN_LINES else ""
            told = sentence("rows_left_out", count=len(self.left_out), totals=self.totals, lines=lines + more)
            problems.warn("rows_left_out", told, line=self.left_out[0])

    def _is_header(self, record: Sequence[str]) -> bool:
        headers = self.layout.headers
        return len(record) == len(headers) and all(
            plain_name(cell) == plain_name(header) for cell, header in zip(record, headers, strict=True)
        )

    def _is_note(self, filled: Sequence[str]) -> bool:
        if len(filled) > 1 and filled[0] not in self.above:
            return False
        return filled[0] in self.above or FOOT.match(_plain(filled[0])) is not None

    def _is_total(self, record: Sequence[str], line: int, problems: Problems) -> bool:
        dated = any(map(str.isdigit, self._cell(record, "date")))
        if dated or not self.knows_sums or len(record) != len(self.layout.headers):
            return False
        named = any(TOTAL.search(_plain(cell)) for cell in record)
        if not named and (self._cell(record, "account_code") or self._cell(record, "description")):
            return False
        try:
            debit, credit = self._amounts(record)
        except BadValueError:
            return False
        if self.sums.has(debit, credit):
            self.sums.mark()
            self.totals += 1
            self.left_out.append(line)
            return True
        if named:
            problems.add("total_differs", self._difference(debit, credit), line=line)
        return named

    def _amounts(self, record: Sequence[str]) -> tuple[Decimal, Decimal | None]:
        if "amount" in self.layout.places:
            return self.number(self._cell(record, "amount")), None
        debit, credit = (self._cell(record, side) for side in ("debit", "credit"))
        return self.number(debit) if debit else ZERO, self.number(credit) if credit else ZERO

    def _difference(self, debit: Decimal, credit: Decimal | None) -> str:
        if credit is None:
            return sentence("total_differs", total=debit, found=self.sums.debit - self.sums.credit)
        return sentence(
            "totals_differ",
            debit=debit,
            credit=credit,
            found_debit=self.sums.debit,
            found_credit=self.sums.credit,
        )

    def _cell(self, record: Sequence[str], name: str) -> str:
        place = self.layout.places.get(name)
        return record[place].strip() if place is not None and place < len(record) else ""


def has_totals(source: DelimitedText) -> bool:
    """Whether a file ends with a total, as those do that have any: then its lines have to be added up."""
    stream = source.stream
    stream.seek(0, io.SEEK_END)
    stream.seek(max(0, stream.tell() - TAIL))
    return TOTAL.search(_plain(stream.read(TAIL).decode(source.encoding, "ignore"))) is not None


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
