"""Profit and loss, balance sheet and trial balance as pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response

from monitr_pipelines.reports.adjusting import has_adjustments
from monitr_pipelines.reports.axis import read_axis_values, read_profit_by_values, read_profit_of_value
from monitr_pipelines.reports.columns import AxisValue, By
from monitr_pipelines.reports.statement import Row, Statement, main_lines, read_statement
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
    if visit.standing.published is None:
        return render(request, visit.visitor, "reports_none.html", **head_of(visit, sheet))
    if sheet is Sheet.TRIAL_BALANCE:
        asked = settled(asked, sheet, {})
        balance = read_balance(visit, asked)
        return render(
            request, visit.visitor, "reports_balance.html", balance=balance, **_common(visit, sheet, asked)
        )
    choices = axis_choices(visit, sheet)
    asked = settled(asked, sheet, choices)
    statement = read_sheet(visit, sheet, asked, choices)
    ends = [urlencode({"from": one.span.first, "to": one.span.last}) for one in statement.columns]
    calendar = visit.standing.calendar
    return render(
        request,
        visit.visitor,
        "reports_statement.html",
        statement=statement,
        lines=list(_lines(visit, sheet, statement.rows, asked)),
        bys=list(By),
        axes=sorted({each.axis for each in choices.values()}),
        column_label=lambda column: column_label(visit.visitor.language, calendar, column),
        ends=ends,
        choices=choices,
        is_narrowed=asked.is_narrowed,
        is_adjustable=not asked.is_narrowed
        and sheet in ADJUSTABLE
        and has_adjustments(visit.connection, visit.standing),
        **_common(visit, sheet, asked),
    )


def read_sheet(visit: Visit, sheet: Sheet, asked: Asked, choices: Mapping[str, AxisValue]) -> Statement:
    """The statement that an address asks for: profit and loss perhaps of one value of an axis, or by all."""
    statement = _read(visit, sheet, asked, choices)
    return main_lines(statement) if asked.is_short else statement


def _read(visit: Visit, sheet: Sheet, asked: Asked, choices: Mapping[str, AxisValue]) -> Statement:
    period = visit.period(asked.start, asked.end)
    given = (visit.connection, visit.standing, visit.published)
    if asked.across:
        values = [each for each in choices.values() if each.axis == asked.across]
        return read_profit_by_values(*given, values, period=period)
    if asked.of:
        return read_profit_of_value(*given, choices[asked.of], period=period, by=asked.by)
    return read_statement(*given, sheet.kind, period=period, by=asked.by, adjusted=asked.adjusted)


def settled(asked: Asked, sheet: Sheet, choices: Mapping[str, AxisValue]) -> Asked:
    """What a sheet has of what is asked for.

    A value or an axis that has no figures, or none any more, is everything. Columns by the values of an axis
    are of all values. Adjusting entries are of no value.
    """
    is_axis = asked.across in {each.axis for each in choices.values()}
    asked = replace(asked, across=asked.across if is_axis else "")
    asked = replace(asked, of=asked.of if asked.of in choices and not is_axis else "")
    return replace(asked, adjusted=asked.adjusted and sheet in ADJUSTABLE and not asked.is_narrowed)


def axis_choices(visit: Visit, sheet: Sheet) -> Mapping[str, AxisValue]:
    """The values of axes that a statement can be narrowed to, by what its address says of them."""
    if sheet is not Sheet.PROFIT_AND_LOSS:
        return {}
    values = read_axis_values(visit.connection, visit.standing)
    return {f"{quote(each.axis, safe='')}={quote(each.value or '', safe='')}": each for each in values}


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
