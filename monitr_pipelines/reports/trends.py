"""What the charts show: revenue, cost and result by month, the way from last year's result, and cash."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.reports.columns import By, Span
from monitr_pipelines.reports.standing import Published, Standing
from monitr_pipelines.reports.statement import Cell, Kind, Row, read_statement, sum_of
from monitr_pipelines.warehouse.server.database import Connection

MONTHS_OF_FLOWS = 12
MONTHS_OF_CASH = 24
MOST_STEPS = 8
CASH = "cash"


@dataclass(frozen=True)
class Flows:
    """Months up to one, in order; costs are positive here, so that result = revenue - cost."""

    months: Sequence[Month]
    revenue: Sequence[Cell]
    cost: Sequence[Cell]
    result: Sequence[Cell]


@dataclass(frozen=True)
class Step:
    """How much a line adds to last year's result, or takes; `names` is None for all smaller ones together."""

    names: Mapping[str, str] | None
    amount: Decimal


@dataclass(frozen=True)
class Bridge:
    """From the result of the fiscal year so far a year before to the result now: the steps add up to it."""

    before: Decimal
    steps: Sequence[Step]
    after: Decimal


@dataclass(frozen=True)
class Cash:
    """Liquid assets at the end of each month; positive is what is there."""

    months: Sequence[Month]
    balances: Sequence[Decimal]


def read_flows(connection: Connection, standing: Standing, published: Published, last: Month) -> Flows:
    """The year up to a month, each month beside that of the year before.

    Revenue is what stands on lines that add to the result over these two years, cost what takes from it:
    so they add up to the result in every structure.
    """
    period = _up_to(last, MONTHS_OF_FLOWS, published)
    statement = read_statement(
        connection, standing, published, Kind.PROFIT_AND_LOSS, period=period, by=By.MONTH
    )
    leaves = list(_leaves_of_result(statement.rows))
    adding = [row for row in leaves if sum(row.amounts(), ZERO) > 0]
    taking = [row for row in leaves if row not in adding]
    return Flows(
        period.months(),
        _column_sums(adding, len(statement.columns)),
        _column_sums(taking, len(statement.columns), sign=-1),
        _column_sums(leaves, len(statement.columns)),
    )


def read_bridge(
    connection: Connection, standing: Standing, published: Published, last: Month
) -> Bridge | None:
    """The fiscal year up to a month beside the year before; None where the books do not reach back so far."""
    statement = read_statement(
        connection, standing, published, Kind.PROFIT_AND_LOSS, period=Span(last, last), by=By.YEAR_TO_DATE
    )
    leaves = list(_leaves_of_result(statement.rows))
    total = _column_sums(leaves, 1)[0]
    if total.before is None:
        return None
    changes = [Step(row.names, row.cells[0].change or ZERO) for row in leaves]
    by_size = sorted(range(len(changes)), key=lambda nth: abs(changes[nth].amount), reverse=True)
    largest = set(by_size[:MOST_STEPS])
    steps = [step for nth, step in enumerate(changes) if nth in largest and step.amount]
    others = total.amount - total.before - sum((step.amount for step in steps), ZERO)
    return Bridge(total.before, [*steps, Step(None, others)] if others else steps, total.amount)


def read_cash(connection: Connection, standing: Standing, published: Published, last: Month) -> Cash | None:
    """Two years of liquid assets; None where no line of the structure is for them alone."""
    period = _up_to(last, MONTHS_OF_CASH, published)
    statement = read_statement(
        connection, standing, published, Kind.BALANCE_SHEET, period=period, by=By.MONTH, every_line=True
    )
    rows = [row for row in statement.rows if row.role == CASH]
    if not rows:
        return None
    sums = _column_sums(rows, len(statement.columns))
    return Cash(period.months(), [cell.amount for cell in sums])


def _up_to(last: Month, months: int, published: Published) -> Span:
    return Span(max(last.plus(1 - months), published.first), last)


def _leaves_of_result(rows: Sequence[Row]) -> Iterator[Row]:
    """The lines at the end of the branches of the net result."""
    by_line = {row.line: row for row in rows}
    heads = {row.parent for row in rows}
    of_result = _within(by_line)
    yield from (row for row in rows if row.line not in heads and of_result(row))


def _within(by_line: Mapping[str, Row]) -> Callable[[Row], bool]:
    def is_of_result(row: Row | None) -> bool:
        while row is not None and row.role != "net_result":
            row = by_line.get(row.parent or "")
        return row is not None

    return is_of_result


def _column_sums(rows: Sequence[Row], columns: int, *, sign: int = 1) -> list[Cell]:
    """The sums of lines by column; those of the year before are unknown in a column where one is."""
    return [sum_of([row.cells[nth] for row in rows], sign=sign) for nth in range(columns)]
