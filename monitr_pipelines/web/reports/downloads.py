"""Statements as files: workbooks and CSV."""

from collections.abc import Mapping
from enum import StrEnum

from fastapi import APIRouter, Response

from monitr_pipelines.reports.columns import AxisValue
from monitr_pipelines.reports.statement import Row, Statement
from monitr_pipelines.reports.trial_balance import RESULT_CARRIED_FORWARD, Balance, TrialBalance
from monitr_pipelines.web.reports.files import Table, as_csv, as_workbook
from monitr_pipelines.web.reports.labels import column_label, span_label
from monitr_pipelines.web.reports.statements import axis_choices, read_balance, read_sheet, settled
from monitr_pipelines.web.reports.visits import Asked, AskedFor, AtEntity, Sheet, Visit
from monitr_pipelines.web.shell.addresses import REPORTS
from monitr_pipelines.web.shell.headers import PAGE_HEADERS
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import text

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class Form(StrEnum):
    """The kinds of files."""

    XLSX = "xlsx"
    CSV = "csv"


WRITERS = {
    Form.XLSX: (as_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    Form.CSV: (as_csv, "text/csv; charset=utf-8"),
}


@router.get(f"{REPORTS}/{{key}}/{{sheet}}/download.{{form}}")
def download(visit: AtEntity, sheet: Sheet, form: Form, asked: AskedFor) -> Response:
    """What a page shows, in a file; 404 where there are no figures."""
    choices = axis_choices(visit, sheet)
    asked = settled(asked, sheet, choices)
    is_balance = sheet is Sheet.TRIAL_BALANCE
    table = _balance(visit, asked) if is_balance else _statement(visit, sheet, asked, choices)
    write, media_type = WRITERS[form]
    period = visit.period(asked.start, asked.end)
    marked = "-adjusted" if asked.adjusted else ""
    name = f"{visit.standing.entity_id}-{sheet}-{period.first}-{period.last}{marked}.{form}"
    headers = {**PAGE_HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Response(write(table), media_type=media_type, headers=headers)


def _statement(visit: Visit, sheet: Sheet, asked: Asked, choices: Mapping[str, AxisValue]) -> Table:
    statement = read_sheet(visit, sheet, asked, choices)
    language = visit.visitor.language
    heads = [text(language, "reports.line"), ""]
    for column in statement.columns:
        label = column_label(language, visit.standing.calendar, column)
        heads.append(_adjusted(language, label) if asked.adjusted else label)
        before = span_label(language, column.before)
        heads += [_adjusted(language, before) if asked.adjusted else before] if asked.compare else []
    if statement.has_total:
        heads.append(text(language, "reports.total"))
        heads += [text(language, "reports.year_before")] if asked.compare else []
    rows = [_row(statement, row, asked, language) for row in statement.rows]
    value = choices.get(asked.of)
    of = f" · {value.axis}: {value.value or text(language, 'reports.without_value')}" if value else ""
    of += f" · {text(language, 'reports.by_value', axis=asked.across)}" if asked.across else ""
    return Table(_title(visit, sheet, asked) + of, visit.published.at, heads, rows)


def _row(statement: Statement, row: Row, asked: Asked, language: str) -> list[object]:
    cells = [*row.cells, *([row.total] if statement.has_total and row.total else [])]
    amounts = [
        each for cell in cells for each in ([cell.amount, cell.before] if asked.compare else [cell.amount])
    ]
    return [row.line, " " * 2 * row.level + row.names[language], *amounts]


def _balance(visit: Visit, asked: Asked) -> Table:
    balance: TrialBalance = read_balance(visit, asked)
    language = visit.visitor.language
    names = balance.amounts
    heads = [text(language, "reports.account"), "", *(text(language, f"reports.{name}") for name in names)]
    rows: list[list[object]] = [
        [*_account(language, each), *(getattr(each, name) for name in names)] for each in balance.balances
    ]
    total = [text(language, "reports.total"), "", *(getattr(balance.totals, name) for name in names)]
    return Table(_title(visit, Sheet.TRIAL_BALANCE, asked), visit.published.at, heads, [*rows, total])


def _account(language: str, balance: Balance) -> tuple[str, str]:
    if balance.account == RESULT_CARRIED_FORWARD:
        return "", text(language, "reports.carried")
    return balance.account, balance.name


def _title(visit: Visit, sheet: Sheet, asked: Asked) -> str:
    language = visit.visitor.language
    period = span_label(language, visit.period(asked.start, asked.end))
    title = text(language, f"reports.sheet.{sheet.replace('-', '_')}")
    title = _adjusted(language, title) if asked.adjusted else title
    return f"{title} · {visit.standing.name} · {period} · {visit.standing.currency}"


def _adjusted(language: str, label: str) -> str:
    """A label that says that adjusting entries are in the figures."""
    return text(language, "reports.adjusted.label", label=label)
