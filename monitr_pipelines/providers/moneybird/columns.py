"""Rows of the journal by column: what `lines` makes of each, where nothing is unusual about them."""

from collections.abc import Sequence

from msgspec import structs

from monitr_pipelines.ledger.columns import ByColumn, Column, Columns, each_once, plain_amounts
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.providers.moneybird.chart import Chart
from monitr_pipelines.providers.moneybird.datasets import EntryRow, Id
from monitr_pipelines.providers.moneybird.lines import DEBIT_POSITIVE, axes_of, lines_of, text_of
from monitr_pipelines.providers.moneybird.values import bare, day_of

NAMES = tuple(each.name for each in structs.fields(EntryRow))


def page_of(rows: Sequence[EntryRow], chart: Chart, sign: int) -> ByColumn:
    """The lines of rows whose accounts the chart has; there is at least one."""
    return ByColumn(lambda: lines_of(rows, chart, sign), lambda: _columns(rows, chart, sign))


def _columns(rows: Sequence[EntryRow], chart: Chart, sign: int) -> Columns | None:
    values = dict(zip(NAMES, zip(*map(structs.astuple, rows), strict=True), strict=True))
    told = values["amount"]
    plain = plain_amounts(told if sign == DEBIT_POSITIVE else (each.copy_negate() for each in told))
    if plain is None:
        return None
    try:
        days = each_once(_day, values["date"])
    except OurFault:
        return None
    texts: dict[str, Column] = {
        "external_id": list(map(str, values["id"])),
        "booking_date": days,
        "account_code": each_once(lambda id_: _code(chart, id_), values["ledger_account_id"]),
        "amount": plain,
        "booking": each_once(text_of, values["document_id"]),
        "journal": each_once(bare, values["document_type"]),
        "description": each_once(bare, values["description"]),
    }
    projects = values["project_id"]
    return Columns(texts, list(map(axes_of, projects)) if any(projects) else ())


def _day(text: str) -> str:
    return day_of(text, "date").isoformat()


def _code(chart: Chart, id_: Id) -> str:
    return chart.accounts[str(id_)].code
