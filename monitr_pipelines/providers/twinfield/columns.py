"""Rows of a browse by column: what `lines` makes of each, where nothing is unusual about them."""

import re
from collections.abc import Callable, Sequence
from itertools import compress

from monitr_pipelines.ledger.blocks import AxisSet
from monitr_pipelines.ledger.columns import FALSE_TRUE, ByColumn, Column, Columns, each_once, none_if_empty
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.providers.twinfield import lines
from monitr_pipelines.providers.twinfield.browse import CODE, LINE, NUMBER, Rows
from monitr_pipelines.providers.twinfield.datasets import ACCOUNT, AMOUNT, MODIFIED
from monitr_pipelines.providers.twinfield.values import day

# Amounts that are written as the ledger writes them, each within what a double holds.
PLAIN = re.compile(r"(?:-?+(?:0|[1-9]\d{0,10}+)(?:\.\d{1,4}+)?+\n)*+", re.ASCII).fullmatch
# Moments, each of which is the number that its line has as a version.
MOMENTS = re.compile(r"(?:[1-9]\d{13}\n)*+", re.ASCII).fullmatch


def page_of(rows: Rows, currency: str) -> ByColumn:
    """The lines of some rows; `currency` is the office's."""
    return ByColumn(lambda: lines.lines_of(rows, currency), lambda: _columns(rows, currency))


def _columns(rows: Rows, currency: str) -> Columns | None:
    """By column; None where a line is unusual."""
    texts = rows.texts
    numbers = texts[LINE]
    foreign = _foreign(texts[lines.FOREIGN], texts[lines.CURRENCY], currency)
    versions = texts[MODIFIED]
    if foreign is None or not (_are(PLAIN, texts[AMOUNT]) and _are(MOMENTS, versions)):
        return None
    if not (all(numbers) and all(texts[ACCOUNT])):
        return None
    try:
        days = each_once(lambda text: day(text).isoformat(), texts[lines.DATE])
        axes = _axes([texts[name] for name in lines.AXES_READ])
    except OurFault:
        return None
    found: dict[str, Column] = {
        "external_id": list(map("{}-{}".format, rows.bookings, numbers)),
        "booking_date": days,
        "account_code": texts[ACCOUNT],
        "amount": texts[AMOUNT],
        "booking": rows.bookings,
        "line_number": numbers,
        "period": rows.periods,
        "journal": texts[CODE],
        "document_number": texts[NUMBER],
        "relation": list(map(lines.relation_of, *(texts[name] for name in lines.RELATIONS_READ))),
        "description": none_if_empty(texts[lines.DESCRIPTION]),
        "opening": each_once(lambda period: FALSE_TRUE[lines.is_opening(period)], rows.periods),
        "version": versions,
    }
    return Columns(found | foreign, axes)


def _foreign(amounts: Sequence[str], currencies: Sequence[str], own: str) -> dict[str, Column] | None:
    """Amounts in another currency than the office's, if there are any; None where one is unusual."""
    if set(currencies) <= {own}:
        return {}
    foreign = [currency != own for currency in currencies]
    if not all(currencies) or not _are(PLAIN, list(compress(amounts, foreign))):
        return None
    return {
        "foreign_amount": [amount if other else None for amount, other in zip(amounts, foreign, strict=True)],
        "foreign_currency": [
            code if other else None for code, other in zip(currencies, foreign, strict=True)
        ],
    }


def _axes(columns: Sequence[Sequence[str]]) -> Sequence[AxisSet]:
    second, _, third, _ = columns
    if not any(second) and not any(third):
        return ()
    axes = list(map(lines.axes_of, *columns))
    return axes if any(axes) else ()


def _are(usual: Callable[[str], re.Match[str] | None], texts: Sequence[str]) -> bool:
    written = "\n".join([*texts, ""])
    return usual(written) is not None and written.count("\n") == len(texts)
