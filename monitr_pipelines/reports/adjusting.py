"""Adjusting entries behind the figures of a statement, apart from ledger lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.reports.columns import Span
from monitr_pipelines.reports.standing import Published, Standing
from monitr_pipelines.reports.statement import Kind
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class EntryOfCell:
    """An adjusting entry that changes a cell of a statement.

    `amount` is debit positive; `effect` is what it adds to the cell, with the sign of the statement. `place`
    is the account or the report line that it is on, `names` its name by language.
    """

    month: Month
    place: str
    names: Mapping[str, str]
    axis: str
    axis_value: str
    reason: str
    added_by: str
    added_at: datetime
    amount: Decimal
    effect: Decimal


def has_adjustments(connection: Connection, standing: Standing) -> bool:
    """Whether adjusting entries change any figure of the entity."""
    found = connection.execute(
        "select from marts.adjustment where entity_id = %s limit 1", [standing.entity_id]
    )
    return found.fetchone() is not None


def adjusting_entries_of_cell(
    connection: Connection, standing: Standing, published: Published, line: str, span: Span, *, kind: Kind
) -> list[EntryOfCell]:
    """The entries on a report line and those beneath it: of the months, or of a balance at their end."""
    rows = database.run(
        connection,
        "statements/adjusting_entries",
        entity_id=standing.entity_id,
        structure_id=published.structure_id,
        statement=kind,
        line=line,
        first=span.first.first_day,
        last=span.last.first_day,
    )
    return [
        EntryOfCell(
            Month.of(row["month"]),
            row["place"],
            {language: row[f"name_{language}"] for language in ("en", "nl", "fr")},
            row["axis"] or "",
            row["axis_value"] or "",
            row["reason"],
            row["added_by"],
            row["added_at"],
            row["amount"],
            -row["amount"] if kind is Kind.PROFIT_AND_LOSS else row["amount"],
        )
        for row in rows
    ]
