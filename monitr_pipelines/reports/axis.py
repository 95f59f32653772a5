"""Statements by analytical axes: profit and loss of one value, or of all side by side; a line by values."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitr_pipelines.reports.asking import UnknownAxis
from monitr_pipelines.reports.columns import AxisValue, By, Column, Span, columns_of, columns_of_values
from monitr_pipelines.reports.standing import Published, Standing
from monitr_pipelines.reports.statement import (
    Cell,
    Kind,
    Statement,
    cells_of,
    months_of,
    spans_of,
    statement_of,
)
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

MOST_VALUES = 500


@dataclass(frozen=True)
class ByValue:
    """What moved on a line for a value of an axis, in the order of the columns."""

    value: AxisValue
    cells: Sequence[Cell]


def read_axis_values(connection: Connection, standing: Standing) -> list[AxisValue]:
    """The values that have figures, by axis; the first five hundred."""
    rows = database.run(connection, "statements/axis_values", entity_id=standing.entity_id, most=MOST_VALUES)
    return [AxisValue(**row) for row in rows]


def values_of(connection: Connection, standing: Standing, axis: str, most: int) -> list[AxisValue]:
    """The values of an axis that have figures, by code, the first `most`; UnknownAxis where there is none."""
    every = read_axis_values(connection, standing)
    found = [each for each in every if each.axis == axis]
    if not found:
        known = ", ".join(sorted({each.axis for each in every})) or "none"
        raise UnknownAxis(
            f"No figures of {standing.key} have a value of the axis {axis!r}; axes are: {known}."
        )
    return found[:most]


def read_profit_of_value(
    connection: Connection,
    standing: Standing,
    published: Published,
    value: AxisValue,
    *,
    period: Span,
    by: By,
) -> Statement:
    """Profit and loss of one value of an axis, in one query; `period` is within the months of `published`."""
    columns = columns_of(standing.calendar, period, by)
    months, parts = months_of(columns, Span.months)
    rows = database.run(
        connection,
        "statements/axis_statement",
        entity_id=standing.entity_id,
        structure_id=published.structure_id,
        axis=value.axis,
        value=value.value,
        months=[month.first_day for month in months],
    ).fetchall()
    statement = Statement(Kind.PROFIT_AND_LOSS, period, by, columns, ())
    return statement_of(statement, rows, parts, published)


def read_profit_by_values(
    connection: Connection,
    standing: Standing,
    published: Published,
    values: Sequence[AxisValue],
    *,
    period: Span,
) -> Statement:
    """Profit and loss of a period, a column for each value of one axis, in one query.

    What is of other values stands in a column of its own behind them, if there is any: the total is that of
    the whole statement.
    """
    axis = values[0].axis
    columns = columns_of_values(standing.calendar, period, [*values, AxisValue(axis, None, "")])
    spans = (columns[0].span, columns[0].before)
    rows = database.run(
        connection,
        "statements/axis_columns",
        entity_id=standing.entity_id,
        structure_id=published.structure_id,
        axis=axis,
        values=[each.value for each in values],
        firsts=[span.first.first_day for span in spans],
        lasts=[span.last.first_day for span in spans],
    ).fetchall()
    many = len(columns)
    if {many, 2 * many}.isdisjoint(number for row in rows for number in row["numbers"] or ()):
        columns.pop()
    parts = [[before + nth] for before in (0, many) for nth in range(1, len(columns) + 1)]
    statement = Statement(Kind.PROFIT_AND_LOSS, period, By.FISCAL_YEAR, columns, ())
    return statement_of(statement, rows, parts, published)


def read_line_by_value(
    connection: Connection,
    standing: Standing,
    published: Published,
    line: str,
    axis: str,
    *,
    period: Span,
    by: By,
) -> tuple[Sequence[Column], list[ByValue]]:
    """A line of a statement, a subtotal too, by the values of an axis that moved it, in one query.

    Of a balance sheet it is what was booked within each column, debit positive.
    """
    columns = columns_of(standing.calendar, period, by)
    months, parts = months_of(columns, Span.months)
    rows = database.run(
        connection,
        "statements/axis_line",
        entity_id=standing.entity_id,
        structure_id=published.structure_id,
        line=line,
        axis=axis,
        months=[month.first_day for month in months],
    )
    known = [span.first >= published.first for span in spans_of(columns)]
    return columns, [
        ByValue(AxisValue(axis, row["value"], row["name"]), cells_of(row, parts, known)) for row in rows
    ]
