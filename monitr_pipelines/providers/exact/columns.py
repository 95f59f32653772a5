"""Rows of transaction lines by column: what `lines` makes of each, where nothing is unusual about them."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import structs

from monitr_pipelines.ledger.blocks import AxisSet
from monitr_pipelines.ledger.columns import ByColumn, Column, Columns, each_once, plain_amounts
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.providers.exact.datasets import AXES, LineRow
from monitr_pipelines.providers.exact.lines import OPENING, axes_of, day_of, lines_of, period_name
from monitr_pipelines.providers.exact.values import bare

# Of rows, by the name of their field.
Values: TypeAlias = Mapping[str, Sequence[Any]]
NAMES = tuple(each.name for each in structs.fields(LineRow))


def values_of(rows: Sequence[LineRow]) -> Values:
    """Rows by column; there is at least one."""
    return dict(zip(NAMES, zip(*map(structs.astuple, rows), strict=True), strict=True))


def page_of(rows: Sequence[LineRow], values: Values, currency: str) -> ByColumn:
    """The lines of a page whose rows are given both ways; `currency` is the division's."""
    return ByColumn(lambda: lines_of(rows, currency), lambda: _columns(values, currency))


def _columns(values: Values, currency: str) -> Columns | None:
    keys, entries, accounts = (_stripped(values[name]) for name in ("id", "entry", "account"))
    amounts = plain_amounts(values["amount"])
    if amounts is None or not (all(keys) and all(entries) and all(accounts)):
        return None
    try:
        days = each_once(_day, values["date"])
    except OurFault:
        return None
    texts: dict[str, Column] = {
        "external_id": keys,
        "booking_date": days,
        "account_code": accounts,
        "amount": amounts,
        "booking": entries,
        "line_number": each_once(str, values["line_number"]),
        "period": list(map(period_name, values["year"], values["period"])),
        "journal": each_once(bare, values["journal"]),
        "document_number": each_once(str, values["entry_number"]),
        "relation": each_once(bare, values["relation"]),
        "description": each_once(bare, values["description"]),
        "version": list(map(str, values["timestamp"])),
    }
    if OPENING in values["type"]:
        texts["opening"] = ["t" if kind == OPENING else "f" for kind in values["type"]]
    currencies = each_once(bare, values["currency"])
    if not {None, currency}.issuperset(currencies):
        foreign = _foreign(values["foreign_amount"], currencies, currency)
        if foreign is None:
            return None
        texts["foreign_amount"], texts["foreign_currency"] = foreign
    return Columns(texts, _axes([values[name] for name in AXES]))


def _foreign(
    amounts: Sequence[Any], currencies: Sequence[str | None], own: str
) -> tuple[Column, Column] | None:
    """Amounts in another currency than that of the division, and which it is; None where one is unusual."""
    none = {None, own}
    told = [
        None if currency in none else amount for amount, currency in zip(amounts, currencies, strict=True)
    ]
    plain = plain_amounts(amount for amount in told if amount is not None)
    if plain is None:
        return None
    texts = iter(plain)
    return (
        [None if amount is None else next(texts) for amount in told],
        [None if amount is None else currency for amount, currency in zip(told, currencies, strict=True)],
    )


def _axes(codes: Sequence[Sequence[str | None]]) -> Sequence[AxisSet]:
    if not any(map(any, codes)):
        return ()
    return list(map(axes_of, *codes))


def _stripped(texts: Sequence[str]) -> list[str]:
    return list(map(str.strip, texts))


def _day(value: str) -> str:
    return day_of(value).isoformat()
