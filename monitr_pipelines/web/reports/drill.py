"""From a cell to its accounts, from an account to its ledger lines, from a line to its whole booking."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.reports.adjusting import adjusting_entries_of_cell
from monitr_pipelines.reports.columns import By, Span
from monitr_pipelines.reports.drill import (
    AccountOfCell,
    Place,
    accounts_of_cell,
    booking_of,
    movements_of,
    transactions_of,
)
from monitr_pipelines.reports.statement import CLOSING_CASH, OPENING_CASH, Kind, read_statement
from monitr_pipelines.web.reports.labels import span_label
from monitr_pipelines.web.reports.visits import ADJUSTABLE, AtEntity, Sheet, Visit, head_of
from monitr_pipelines.web.shell.addresses import REPORTS
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Start = Annotated[str, Query(alias="from", max_length=10)]
End = Annotated[str, Query(alias="to", max_length=10)]
Key = Annotated[str, Query(max_length=2000)]


@router.get(f"{REPORTS}/{{key}}/transactions")
def transactions(
    request: Request,
    visit: AtEntity,
    *,
    account: Key,
    start: Start = "",
    end: End = "",
    day: Annotated[str, Query(max_length=10)] = "",
    after: Key = "",
) -> Response:
    """The ledger lines of an account in a period: the first, or those after the line `after` of a `day`."""
    span = visit.period(start, end)
    movements = movements_of(visit.connection, visit.standing, account, span)
    if movements is None:
        raise HTTPException(404)
    try:
        lines = transactions_of(visit.connection, visit.standing, account, span, _place(day, after))
    except ValueError:
        raise HTTPException(404) from None
    return render(
        request,
        visit.visitor,
        "reports_transactions.html",
        account=account,
        movements=movements,
        lines=lines,
        period=span,
        is_later=bool(day),
        starts_anew=movements.type == Kind.PROFIT_AND_LOSS and not visit.is_one_year(span),
        **_labels(visit),
        **head_of(visit, ""),
    )


@router.get(f"{REPORTS}/{{key}}/booking")
def booking(request: Request, visit: AtEntity, *, line: Key, number: Key = "", after: Key = "") -> Response:
    """The whole booking of a ledger line: its first lines, or those after the line `after` of a `number`."""
    found = booking_of(visit.connection, visit.standing, line, _place(number, after) if after else None)
    if found is None:
        raise HTTPException(404)
    return render(
        request, visit.visitor, "reports_booking.html", booking=found, line=line, **head_of(visit, "")
    )


@router.get(f"{REPORTS}/{{key}}/{{sheet}}/accounts")
def accounts(
    request: Request,
    visit: AtEntity,
    sheet: Sheet,
    *,
    line: Key,
    start: Start = "",
    end: End = "",
    adjusted: str = "",
) -> Response:
    """The accounts that a cell is made of, and apart from them its adjusting entries where it has some."""
    span, kind = visit.period(start, end), sheet.kind
    given = (visit.connection, visit.standing, visit.published)
    statement = read_statement(*given, kind, period=span, by=By.FISCAL_YEAR, every_line=True)
    found = accounts_of_cell(*given, line, span, kind=kind)
    is_adjusted = adjusted == "1" and sheet in ADJUSTABLE
    entries = adjusting_entries_of_cell(*given, line, span, kind=kind) if is_adjusted else []
    row = next((row for row in statement.rows if row.line == line), None)
    if row is None:
        raise HTTPException(404)
    shown = _shown(kind, row.role)
    total = sum((shown(each) for each in found), ZERO)
    return render(
        request,
        visit.visitor,
        "reports_accounts.html",
        name=row.names[visit.visitor.language],
        accounts=found,
        total=total,
        entries=entries,
        adjustment=sum((entry.effect for entry in entries), ZERO),
        is_adjusted=is_adjusted,
        shown=shown,
        is_flow=kind is not Kind.BALANCE_SHEET,
        period=span,
        **_labels(visit),
        **head_of(visit, sheet),
    )


def _shown(kind: Kind, role: str | None) -> Callable[[AccountOfCell], Decimal]:
    """What an account gives to a cell: its movements, the other way round, or a balance."""
    if kind is Kind.BALANCE_SHEET or role == CLOSING_CASH:
        return lambda account: account.closing
    if role == OPENING_CASH:
        return lambda account: account.opening
    return lambda account: -account.moved


def _place(sort: str, key: str) -> Place | None:
    return Place(sort, key) if sort or key else None


def _labels(visit: Visit) -> dict[str, Any]:
    def label(span: Span) -> str:
        return span_label(visit.visitor.language, span)

    return {"span_label": label}
