"""Statements by analytical axes: profit and loss of one value, and a line by all values."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitr_pipelines.reports.columns import By, Column, Span, columns_of
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
class AxisValue:
    """A value of an axis, such as a cost centre; `value` is empty for what has none of that axis."""

    axis: str
    value: str
    name: str


@dataclass(frozen=True)
class ByValue:
    """What moved on a line for a value of an axis, in the order of the columns."""

    value: AxisValue
    cells: Sequence[Cell]


def read_axis_values(connection: Connection, standing: Standing) -> list[AxisValue]:
    """The values that have figures, by axis; the first five hundred."""
    rows = database.run(connection, "statements/axis_values", entity_id=standing.entity_id, most=MOST_VALUES)
    return [AxisValue(**row) for row in rows]


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
