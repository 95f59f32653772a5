"""A statement of an entity: its lines as a tree, periods side by side, each beside the year before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from psycopg.rows import DictRow

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.reports.columns import By, Column, Span, columns_of
from monitr_pipelines.reports.standing import Published, Standing
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

TENTH = Decimal("0.1")
HUNDRED = Decimal(100)
# Lines of a cash flow statement that are balances, and no flows: of several months the first or the last.
OPENING_CASH, CLOSING_CASH = "opening_cash", "closing_cash"
NET_RESULT = "net_result"
EVERY_MONTH = slice(None)
BALANCES = {OPENING_CASH: slice(1), CLOSING_CASH: slice(-1, None)}


class Kind(StrEnum):
    """The statements that are made of report lines."""

    PROFIT_AND_LOSS = "profit_and_loss"
    BALANCE_SHEET = "balance_sheet"
    CASH_FLOW = "cash_flow"


@dataclass(frozen=True)
class Cell:
    """An amount and that of the same period a year before.

    `before` is None where the books do not reach back over the whole of that period. Amounts are in the
    entity's currency: profit and loss credit positive (revenue +, cost -), balance sheet debit positive, cash
    flow positive where cash comes in.
    """

    amount: Decimal
    before: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """How much more it is than a year before."""
        return None if self.before is None else self.amount - self.before

    @property
    def percent(self) -> Decimal | None:
        """The change in per cent of the amount a year before, to a tenth; None where that was nothing."""
        if not self.before:
            return None
        return ((self.amount - self.before) * HUNDRED / abs(self.before)).quantize(TENTH)


@dataclass(frozen=True)
class Row:
    """A report line; `names` by language, `level` 0 at the top, `cells` in the order of the columns.

    `parent` is the line that it is part of; `top` says that it is a main line, wherever it stands. `total` is
    the whole period, where columns can be added up.
    """

    line: str
    parent: str | None
    level: int
    role: str | None
    top: bool
    names: Mapping[str, str]
    cells: Sequence[Cell]
    total: Cell | None

    def amounts(self) -> Iterable[Decimal]:
        """Every amount that the line shows."""
        for cell in self.cells:
            yield cell.amount
            yield cell.before or ZERO


@dataclass(frozen=True)
class Statement:
    """A statement over a period; its lines in the order of the structure, without those of no figures."""

    kind: Kind
    period: Span
    by: By
    columns: Sequence[Column]
    rows: Sequence[Row]

    @property
    def has_total(self) -> bool:
        """Whether the columns add up to the period: flows do, balances and running totals do not."""
        return self.kind is not Kind.BALANCE_SHEET and self.by is not By.YEAR_TO_DATE


def read_statement(
    connection: Connection,
    standing: Standing,
    published: Published,
    kind: Kind,
    *,
    period: Span,
    by: By,
    every_line: bool = False,
    adjusted: bool = False,
) -> Statement:
    """Read a statement in one query; `period` is within the months of `published`.

    `every_line`: lines without figures too. `adjusted`: adjusting entries are added to the figures.
    """
    columns = columns_of(standing.calendar, period, by)
    months, parts = months_of(columns, lambda span: _counted(kind, by, span))
    to_date = kind is not Kind.BALANCE_SHEET and by is By.YEAR_TO_DATE
    rows = read_lines(connection, standing, published, kind, months, to_date=to_date, adjusted=adjusted)
    statement = Statement(kind, period, by, columns, ())
    return statement_of(statement, rows, parts, published, every_line=every_line)


def main_lines(statement: Statement) -> Statement:
    """A statement of its main lines alone, each beneath the nearest one that it is part of."""
    parents = {row.line: row.parent for row in statement.rows}
    levels: dict[str, int] = {}
    rows = []
    for row in statement.rows:
        if row.level and not row.top and row.role != NET_RESULT:
            continue
        parent = row.parent
        while parent is not None and parent not in levels:
            parent = parents.get(parent)
        levels[row.line] = 0 if parent is None else levels[parent] + 1
        rows.append(replace(row, parent=parent, level=levels[row.line]))
    return replace(statement, rows=rows)


def spans_of(columns: Sequence[Column]) -> list[Span]:
    """The periods of all columns, then those of the year before."""
    return [*(column.span for column in columns), *(column.before for column in columns)]


def months_of(
    columns: Sequence[Column], counted: Callable[[Span], Sequence[Month]]
) -> tuple[list[Month], list[list[int]]]:
    """The months that count in any period of the columns, and the numbers, from 1, of those of each."""
    by_span = [counted(span) for span in spans_of(columns)]
    months = sorted({month for each in by_span for month in each})
    numbers = {month: number for number, month in enumerate(months, 1)}
    return months, [[numbers[month] for month in each] for each in by_span]


def statement_of(
    statement: Statement,
    rows: Sequence[DictRow],
    parts: Sequence[Sequence[int]],
    published: Published,
    *,
    every_line: bool = False,
) -> Statement:
    """Fill a statement with its lines: each with amounts by the numbers of months, `parts` of each period."""
    known = [_is_known(statement.kind, span, published) for span in spans_of(statement.columns)]
    made = [_row(row, statement, parts, known) for row in rows]
    return replace(statement, rows=made if every_line else _with_figures(made))


def cells_of(
    row: DictRow, parts: Sequence[Sequence[int]], known: Sequence[bool], taken: slice = EVERY_MONTH
) -> list[Cell]:
    """The cells of a line; of several months `taken` count."""
    found = dict(zip(row["numbers"] or (), row["amounts"] or (), strict=True))
    amounts = [_sum(found, numbers[taken]) if found else ZERO for numbers in parts]
    many = len(parts) // 2
    return [Cell(amounts[nth], amounts[many + nth] if known[many + nth] else None) for nth in range(many)]


def read_lines(
    connection: Connection,
    standing: Standing,
    published: Published,
    kind: Kind,
    months: Sequence[Month],
    *,
    to_date: bool,
    adjusted: bool = False,
) -> list[DictRow]:
    """The lines of a statement with their `amounts` beside the `numbers` of their months, the first is 1.

    `to_date`: what there is since the start of the fiscal year, in the place of a month's own. `adjusted`:
    with what adjusting entries change.
    """
    return database.run(
        connection,
        "statements/statement",
        statement=kind,
        entity_id=standing.entity_id,
        structure_id=published.structure_id,
        months=[month.first_day for month in months],
        to_date=to_date,
        adjusted=adjusted,
    ).fetchall()


def _counted(kind: Kind, by: By, span: Span) -> list[Month]:
    """The months that are added up: the last, of a balance and of what runs since the year's start."""
    if kind is Kind.BALANCE_SHEET or by is By.YEAR_TO_DATE:
        return [span.last]
    return span.months()


def _is_known(kind: Kind, span: Span, published: Published) -> bool:
    first = span.last if kind is Kind.BALANCE_SHEET else span.first
    return first >= published.first


def _row(row: DictRow, statement: Statement, parts: Sequence[Sequence[int]], known: Sequence[bool]) -> Row:
    taken = BALANCES.get(row["role"] or "", EVERY_MONTH)
    cells = cells_of(row, parts, known, taken)
    total = sum_of(cells[taken]) if statement.has_total else None
    names = {language: row[f"name_{language}"] for language in ("en", "nl", "fr")}
    return Row(row["line"], row["parent"], row["level"], row["role"], row["top"], names, cells, total)


def _sum(found: Mapping[int, Decimal], numbers: Sequence[int]) -> Decimal:
    return sum((found[number] for number in numbers if number in found), ZERO)


def sum_of(cells: Sequence[Cell], *, sign: int = 1) -> Cell:
    """What cells add up to; the year before is unknown where it is of one of them, or there is none."""
    before = [cell.before for cell in cells if cell.before is not None]
    is_known = len(before) == len(cells) and bool(cells)
    amount = sign * sum((cell.amount for cell in cells), ZERO)
    return Cell(amount, sign * sum(before, ZERO) if is_known else None)


def _with_figures(rows: Sequence[Row]) -> list[Row]:
    """Lines with a figure and those that they are part of; the top lines and the net result always."""
    parents = {row.line: row.parent for row in rows}
    kept: set[str] = set()
    for row in rows:
        line: str | None = row.line
        is_always = row.role == NET_RESULT or (row.level == 0 and row.role != "unmapped")
        while line is not None and line not in kept and (is_always or any(row.amounts())):
            kept.add(line)
            line = parents.get(line)
    return [row for row in rows if row.line in kept]
