"""Profit and loss, balance sheet and trial balance as pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response

from monitr_pipelines.reports.adjusting import has_adjustments
from monitr_pipelines.reports.axis import AxisValue, read_axis_values, read_profit_of_value
from monitr_pipelines.reports.columns import By
from monitr_pipelines.reports.statement import Row, Statement, read_statement
from monitr_pipelines.reports.trial_balance import TrialBalance, read_trial_balance
from monitr_pipelines.web.reports.labels import column_label, span_label
from monitr_pipelines.web.reports.visits import ADJUSTABLE, Asked, AskedFor, AtEntity, Sheet, Visit, head_of
from monitr_pipelines.web.shell.addresses import REPORTS
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(f"{REPORTS}/{{key}}/{{sheet}}")
def statement_page(request: Request, visit: AtEntity, sheet: Sheet, asked: AskedFor) -> Response:
    """A statement; where there are no figures yet, the page says so."""
    asked = asked.on(sheet)
    if visit.standing.published is None:
        return render(request, visit.visitor, "reports_none.html", **head_of(visit, sheet))
    if sheet is Sheet.TRIAL_BALANCE:
        balance = read_balance(visit, asked)
        return render(
            request, visit.visitor, "reports_balance.html", balance=balance, **_common(visit, sheet, asked)
        )
    choices = axis_choices(visit, sheet)
    # A value that has no figures, or none any more, is everything.
    value = choices.get(asked.of)
    asked = unadjusted(asked) if value else asked
    statement = read_sheet(visit, sheet, asked, value)
    ends = [urlencode({"from": one.span.first, "to": one.span.last}) for one in statement.columns]
    calendar = visit.standing.calendar
    return render(
        request,
        visit.visitor,
        "reports_statement.html",
        statement=statement,
        lines=list(_lines(visit, sheet, statement.rows, asked)),
        bys=list(By),
        column_label=lambda column: column_label(visit.visitor.language, calendar, column),
        ends=ends,
        choices=choices,
        is_narrowed=value is not None,
        is_adjustable=value is None
        and sheet in ADJUSTABLE
        and has_adjustments(visit.connection, visit.standing),
        **_common(visit, sheet, asked),
    )


def read_sheet(visit: Visit, sheet: Sheet, asked: Asked, value: AxisValue | None) -> Statement:
    """The statement that an address asks for: profit and loss perhaps of one value of an axis."""
    period = visit.period(asked.start, asked.end)
    given = (visit.connection, visit.standing, visit.published)
    if value is not None:
        return read_profit_of_value(*given, value, period=period, by=asked.by)
    return read_statement(*given, sheet.kind, period=period, by=asked.by, adjusted=asked.adjusted)


def unadjusted(asked: Asked) -> Asked:
    """What is asked for, without adjusting entries: those of one value of an axis are the ledger's alone."""
    return replace(asked, adjusted=False)


def axis_choices(visit: Visit, sheet: Sheet) -> Mapping[str, AxisValue]:
    """The values of axes that a statement can be narrowed to, by what its address says of them."""
    if sheet is not Sheet.PROFIT_AND_LOSS:
        return {}
    values = read_axis_values(visit.connection, visit.standing)
    return {f"{quote(each.axis, safe='')}={quote(each.value, safe='')}": each for each in values}


def read_balance(visit: Visit, asked: Asked) -> TrialBalance:
    """The trial balance that an address asks for."""
    return read_trial_balance(visit.connection, visit.standing, visit.period(asked.start, asked.end))


def _common(visit: Visit, sheet: Sheet, asked: Asked) -> dict[str, Any]:
    return {
        "asked": asked,
        "period": visit.period(asked.start, asked.end),
        "span_label": lambda span: span_label(visit.visitor.language, span),
        **head_of(visit, sheet),
    }


def _lines(visit: Visit, sheet: Sheet, rows: Sequence[Row], asked: Asked) -> Iterator[Mapping[str, Any]]:
    """The rows with what folding makes of them, and where their figures lead; the months stand behind it."""
    parents = {row.line: row.parent for row in rows}
    heads = set(parents.values())
    hidden: set[str] = set()
    for row in rows:
        if row.parent in hidden or row.parent in asked.shut:
            hidden.add(row.line)
        yield {
            "row": row,
            "is_head": row.line in heads,
            "is_hidden": row.line in hidden,
            "address": visit.link(sheet, "accounts", line=row.line, adjusted="1" if asked.adjusted else ""),
        }
