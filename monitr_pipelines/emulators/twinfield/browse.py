"""The answers to questions for browse rows: the lines of transactions, or their sums. There are no pages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from monitr_pipelines.emulators.shared.records import Company, Line
from monitr_pipelines.emulators.twinfield.cells import HEADS, LINES, Head, money, of_head, xml
from monitr_pipelines.emulators.twinfield.columns import LINE, TRANSACTIONS, YEARPERIOD, Column, Kind
from monitr_pipelines.emulators.twinfield.dimensions import Dimensions, Levels
from monitr_pipelines.emulators.twinfield.offices import code_of
from monitr_pipelines.emulators.twinfield.questions import Question
from monitr_pipelines.emulators.twinfield.transactions import Transaction, Transactions

FOREIGN = f"{LINE}valuesigned"
# Asked of a transaction as it is found, or of nothing that the books hold.
CHECKED = frozenset({YEARPERIOD, "fin.trs.head.status", "fin.trs.head.browseregime"})


class TooMuch(Exception):
    """There are more rows than the server answers in its time."""


class Found(NamedTuple):
    """A line that is asked for; `number` is its place in its transaction, from 1."""

    head: Head
    number: int
    line: Line
    levels: Levels


@dataclass(frozen=True)
class Browse:
    """One question to one office.

    Args:
        transactions: Of all offices.
        company: Whose lines.
        question: Which of them.
        largest: How many rows the server answers; 0 for any number.
    """

    transactions: Transactions
    company: Company
    question: Question
    largest: int = 0

    def answer(self) -> str:
        """The document of rows.

        Raises:
            TooMuch: It would have more rows than `largest`.
        """
        found = self._found()
        rows = list(self._lines(found) if self.question.code == TRANSACTIONS else self._sums(found))
        columns = "".join(
            f'<td label="{column.label}" hideforuser="false" type="{column.kind.value}">{column.field}</td>'
            for column in self.question.shown
        )
        first = 1 if rows else 0
        return (
            f'<browse result="1" first="{first}" last="{len(rows)}" total="{len(rows)}">'
            f"<th>{columns}</th>{''.join(rows)}</browse>"
        )

    def _found(self) -> Iterator[Found]:
        dimensions = Dimensions(self.transactions.books)
        of_heads = [(HEADS[name], holds) for name, holds in self._asked() if name in HEADS]
        of_lines = [(LINES[name], holds) for name, holds in self._asked() if name in LINES]
        count = 0
        for transaction in self._transactions():
            head = Head(self.company, transaction, dimensions)
            if not all(holds(cell(head)) for cell, holds in of_heads):
                continue
            for number, line in enumerate(transaction.entry.lines, start=1):
                levels = dimensions.of_line(line)
                if all(holds(cell(line, levels)) for cell, holds in of_lines):
                    count += 1
                    if self.largest and count > self.largest:
                        raise TooMuch
                    yield Found(head, number, line, levels)

    def _transactions(self) -> Iterator[Transaction]:
        statuses = self.question.statuses
        every = self.transactions.between(self.company.id, *self.question.range(YEARPERIOD))
        return (each for each in every if each.status in statuses)

    def _asked(self) -> Iterator[tuple[str, Callable[[str], bool]]]:
        for name in self.question.ranges:
            holds = self.question.holds(name)
            if holds and name not in CHECKED:
                yield name, holds

    def _lines(self, found: Iterator[Found]) -> Iterator[str]:
        """A row for each line; the part that its transaction fills is made once."""
        of_lines = [LINES[column.field] for column in self.question.shown if column.field in LINES]
        of_heads = [cell for column in self.question.shown if (cell := of_head(column.field))]
        form = _form(self.question.shown)
        last: Head | None = None
        row = ""
        for head, number, line, levels in found:
            if head is not last:
                last = head
                filled = (*(cell(head) for cell in of_heads), _key(head))
                row = form % tuple(text.replace("%", "%%") for text in filled)
            yield row % (*[cell(line, levels) for cell in of_lines], number)

    def _sums(self, found: Iterator[Found]) -> Iterator[str]:
        """A row for each combination of what the other columns show."""
        shown = self.question.shown
        groups = [column for column in shown if column.kind is not Kind.AMOUNT]
        sums: dict[tuple[str, ...], list[int]] = {}
        for head, _, line, levels in found:
            group = tuple(_text(column, head, line, levels) for column in groups)
            held = sums.setdefault(group, [0, 0])
            held[0] += line.amount
            held[1] += line.amount if line.foreign is None else line.foreign
        key = f"<key><office>{code_of(self.company.id)}</office></key>"
        for group, (base, foreign) in sorted(sums.items()):
            texts = iter(group)
            cells = (
                (_amount(column, base, foreign) if column.kind is Kind.AMOUNT else next(texts))
                for column in shown
            )
            row = "".join(_cell(column, cell) for column, cell in zip(shown, cells, strict=True))
            yield f"<tr>{row}{key}</tr>"


def _cell(column: Column, content: str) -> str:
    return f'<td field="{column.field}" hideforuser="false" type="{column.kind.value}">{content}</td>'


def _key(head: Head) -> str:
    of = head.transaction
    office = code_of(head.company.id)
    return f"<office>{office}</office><code>{xml(of.daybook)}</code><number>{of.number}</number>"


def _form(shown: tuple[Column, ...]) -> str:
    """A row with places for what its transaction fills and, in what that makes, for what its line does."""
    cells = (_cell(column, _place(column.field)) for column in shown)
    return f"<tr>{''.join(cells)}<key>%s<line>%%d</line></key></tr>"


def _place(field: str) -> str:
    if field in LINES:
        return "%%s"
    return "%s" if of_head(field) else ""


def _text(column: Column, head: Head, line: Line, levels: Levels) -> str:
    if column.field in LINES:
        return LINES[column.field](line, levels)
    cell = of_head(column.field)
    return cell(head) if cell else ""


def _amount(column: Column, base: int, foreign: int) -> str:
    if column.field not in LINES:
        return ""
    return money(foreign if column.field == FOREIGN else base)
