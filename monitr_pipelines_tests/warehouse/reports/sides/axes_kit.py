"""That figures by the values of an axis add up to those of all."""

from collections.abc import Sequence
from decimal import Decimal

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.reports.axis import (
    read_axis_values,
    read_line_by_value,
    read_profit_by_values,
    read_profit_of_value,
)
from monitr_pipelines.reports.columns import By, Span
from monitr_pipelines.reports.standing import Published, Standing, read_standing
from monitr_pipelines.reports.statement import Cell, Kind, Statement, read_statement
from monitr_pipelines.warehouse.server.database import Connection


def axes_add_up(connection: Connection, entity: str, months: Sequence[Month]) -> None:
    """The values of an axis add up to profit and loss, and to each line of it; side by side too."""
    standing = read_standing(connection, entity)
    assert standing is not None
    assert standing.published is not None
    given = (connection, standing, standing.published)
    asked = {"period": Span(months[2], months[-1]), "by": By.YEAR_TO_DATE}
    values = read_axis_values(connection, standing)
    whole_of = read_statement(*given, Kind.PROFIT_AND_LOSS, **asked)
    sums: dict[str, list[Decimal]] = {row.line: [Decimal(0)] * len(row.cells) for row in whole_of.rows}
    for value in values:
        for row in read_profit_of_value(*given, value, **asked).rows:
            before = sums.get(row.line, [Decimal(0)] * len(row.cells))
            sums[row.line] = [had + cell.amount for had, cell in zip(before, row.cells, strict=True)]
    if values:
        for row in whole_of.rows:
            assert sums[row.line] == [cell.amount for cell in row.cells], row.line
        columns, by_value = read_line_by_value(*given, "9904", "cost", **asked)
        totals = [sum(each.cells[nth].amount for each in by_value) for nth in range(len(columns))]
        assert totals == sums["9904"]
        assert {each.value.value for each in by_value} <= {value.value for value in values}
        for first in (2, -3):
            period = Span(months[first], months[-1])
            for shown in (values, values[:1]):
                found = read_profit_by_values(*given, shown, period=period)
                assert [column.value for column in found.columns][: len(shown)] == shown
                _add_up(given, found)


def _add_up(given: tuple[Connection, Standing, Published], found: Statement) -> None:
    """Values, and the others where there are some, add up to the statement of all; a year before too."""
    totals = {row.line: row.total for row in found.rows}
    of_all = {"by": By.FISCAL_YEAR, "every_line": True}
    for row in read_statement(*given, Kind.PROFIT_AND_LOSS, period=found.period, **of_all).rows:
        total = totals.pop(row.line, Cell(Decimal(0), None))
        assert total.amount == sum(cell.amount for cell in row.cells), row.line
        if total.before is not None:
            before = read_statement(*given, Kind.PROFIT_AND_LOSS, period=found.columns[0].before, **of_all)
            (same,) = (each for each in before.rows if each.line == row.line)
            assert total.before == sum(cell.amount for cell in same.cells), row.line
    assert not totals
