"""From a figure of a statement to its accounts, their ledger lines, and the whole booking of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from monitr_pipelines.reports.columns import Span
from monitr_pipelines.reports.standing import Published, Standing
from monitr_pipelines.reports.statement import Kind
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

PAGE_SIZE = 500
# No booking and no file is of a day before it.
EARLIEST = date(1, 1, 1)


@dataclass(frozen=True)
class Place:
    """Where a page of lines ends: the next begins after it. `sort` is a day, or the number of a line."""

    sort: str
    key: str


@dataclass(frozen=True)
class AccountOfCell:
    """An account of a cell, debit positive: its balance before, what moved it, and its balance at the end."""

    account: str
    name: str
    opening: Decimal
    moved: Decimal
    closing: Decimal


@dataclass(frozen=True)
class Movements:
    """An account over a period, debit positive; `lines` moved it by `debit` and by `credit`."""

    name: str
    type: str
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal
    lines: int


@dataclass(frozen=True)
class Lines:
    """A page of ledger lines, the columns of `mapped.transactions`; `next` is None on the last page."""

    rows: Sequence[Mapping[str, Any]]
    next: Place | None


@dataclass(frozen=True)
class Booking:
    """The whole of a booking: its name in the books (None: one line), its sums, and a page of its lines."""

    booking: str | None
    count: int
    debit: Decimal
    credit: Decimal
    lines: Lines


def accounts_of_cell(
    connection: Connection, standing: Standing, published: Published, line: str, span: Span, *, kind: Kind
) -> list[AccountOfCell]:
    """The accounts of a report line, and of the lines beneath it, in the months of a column."""
    rows = database.run(
        connection,
        "statements/accounts",
        entity_id=standing.entity_id,
        structure_id=published.structure_id,
        statement=kind,
        line=line,
        **_days(span),
    )
    return [AccountOfCell(**row) for row in rows]


def movements_of(connection: Connection, standing: Standing, account: str, span: Span) -> Movements | None:
    """An account over a period; None where the entity has none of that code."""
    row = database.run(
        connection,
        "statements/account_movements",
        entity_id=standing.entity_id,
        account=account,
        **_days(span),
    ).fetchone()
    return Movements(**row) if row else None


def transactions_of(
    connection: Connection,
    standing: Standing,
    account: str,
    span: Span,
    after: Place | None = None,
    *,
    size: int | None = None,
) -> Lines:
    """The ledger lines of an account in a period, a page at a time; ValueError for a day that is none.

    `size`: how many lines a page has at the most, by default `PAGE_SIZE`.
    """
    size = size or PAGE_SIZE
    rows = database.run(
        connection,
        "statements/transactions",
        entity_id=standing.entity_id,
        account=account,
        after_day=date.fromisoformat(after.sort) if after else EARLIEST,
        after=after.key if after else "",
        most=size + 1,
        **_days(span),
    ).fetchall()
    return _page(rows, size, lambda row: row["booking_date"].isoformat())


def booking_of(
    connection: Connection, standing: Standing, external_id: str, after: Place | None = None
) -> Booking | None:
    """The booking that a ledger line is of; None where the entity has no such line."""
    key = {"entity_id": standing.entity_id, "external_id": external_id}
    total = database.run(connection, "statements/booking_total", **key).fetchone()
    if total is None:
        return None
    rows = database.run(
        connection,
        "statements/booking",
        booking=total["booking"],
        after_number=after.sort if after else "",
        after=after.key if after else "",
        most=PAGE_SIZE + 1,
        **key,
    ).fetchall()
    lines = _page(rows, PAGE_SIZE, lambda row: row["line_number"] or "")
    return Booking(total["booking"], total["lines"], total["debit"], total["credit"], lines)


def _page(rows: Sequence[Mapping[str, Any]], size: int, sort: Callable[[Mapping[str, Any]], str]) -> Lines:
    shown = rows[:size]
    more = len(rows) > size
    return Lines(shown, Place(sort(shown[-1]), shown[-1]["external_id"]) if more else None)


def _days(span: Span) -> dict[str, date]:
    return {"first": span.first.first_day, "last": span.last.first_day}
