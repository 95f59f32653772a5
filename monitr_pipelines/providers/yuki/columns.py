"""Records of transaction details by column: what `lines` makes of each, where nothing is unusual about it."""

import re
from collections.abc import Iterable

from monitr_pipelines.ledger.columns import ByColumn, Column, Columns, each_once
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.providers.yuki.details import DATE, Details
from monitr_pipelines.providers.yuki.lines import HOME, axes_of, lines_of
from monitr_pipelines.providers.yuki.values import day_of

# Amounts as a Decimal of them is written, at most fifteen digits.
USUAL = re.compile(r"(?:-?+(?:0|[1-9][0-9]{0,10}+)(?:\.[0-9]{1,4}+)?+\n)*+").fullmatch


def page_of(rows: Details) -> ByColumn:
    """The lines of records; there is at least one."""
    return ByColumn(lambda: lines_of(rows.each()), lambda: _columns(rows))


def _columns(rows: Details) -> Columns | None:
    keys, accounts = rows.bare("id"), rows.bare("glAccountCode")
    amounts = rows.texts["transactionAmount"]
    if not (all(amounts) and _usual(amounts) and all(keys) and all(accounts)):
        return None
    try:
        days = each_once(_day, rows.texts[DATE])
    except OurFault:
        return None
    documents = rows.bare("documentID")
    texts: dict[str, Column] = {
        "external_id": keys,
        "booking_date": days,
        "account_code": accounts,
        "amount": amounts,
        "booking": [document or key for document, key in zip(documents, keys, strict=True)],
        "period": rows.bare("periodId"),
        "document_number": rows.bare("documentReference"),
        "relation": rows.bare("fullName"),
        "description": rows.bare("description"),
    }
    currencies = rows.bare("currency")
    if not HOME.issuperset(currencies):
        told = rows.bare("transactionAmountForeignCurrency")
        foreign = [
            None if currency in HOME else amount for amount, currency in zip(told, currencies, strict=True)
        ]
        if not _usual(filter(None, foreign)):
            return None
        texts["foreign_amount"] = foreign
        texts["foreign_currency"] = [
            None if amount is None else currency for amount, currency in zip(foreign, currencies, strict=True)
        ]
    projects = rows.texts["projectCode"]
    return Columns(texts, list(map(axes_of, projects)) if any(projects) else ())


def _usual(amounts: Iterable[str | None]) -> bool:
    return USUAL("\n".join([*filter(None, amounts), ""])) is not None


def _day(value: str) -> str:
    return day_of(value, DATE).isoformat()
