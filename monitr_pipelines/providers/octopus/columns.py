"""Rows of bookings by column: what `lines` makes of each, where nothing is unusual about them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from msgspec import structs

from monitr_pipelines.ledger.columns import ByColumn, Column, Columns, each_once, plain_amounts
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.providers.octopus.datasets import LineRow
from monitr_pipelines.providers.octopus.lines import (
    CURRENCY,
    account_of,
    axes_of,
    booking_of,
    description_of,
    journal_of,
    lines_of,
    number_of,
    signed,
)
from monitr_pipelines.providers.octopus.values import bare, day

# Of rows, by the name of their field.
Values: TypeAlias = Mapping[str, Sequence[Any]]
NAMES = tuple(each.name for each in structs.fields(LineRow))


def values_of(rows: Sequence[LineRow]) -> Values:
    """Rows by column; there is at least one."""
    return dict(zip(NAMES, zip(*map(structs.astuple, rows), strict=True), strict=True))


def page_of(rows: Sequence[LineRow], values: Values, sign: int) -> ByColumn:
    """The lines of a page whose rows are given both ways; `sign` makes debits positive."""
    return ByColumn(lambda: lines_of(rows, sign), lambda: _columns(values, sign))


def _columns(values: Values, sign: int) -> Columns | None:
    amounts = plain_amounts(_signed(values["amount"], sign))
    if amounts is None:
        return None
    try:
        journals = list(map(journal_of, values["journal_type"], values["journal_number"]))
        accounts = each_once(account_of, values["account"])
        days = each_once(_day, values["date"])
    except OurFault:
        return None
    years = [key.id for key in values["bookyear"]]
    bookings = list(map(booking_of, years, journals, values["document"]))
    lines = each_once(str, values["line"])
    keys = list(map("{}.{}".format, bookings, lines))
    if len(set(keys)) < len(keys):
        return None
    texts: dict[str, Column] = {
        "external_id": keys,
        "booking_date": days,
        "account_code": accounts,
        "amount": amounts,
        "booking": bookings,
        "line_number": lines,
        "period": each_once(str, values["period"]),
        "journal": journals,
        "document_number": each_once(str, values["document"]),
        "relation": each_once(number_of, values["relation"]),
        "description": list(map(description_of, values["comment"], values["reference"])),
    }
    currencies = each_once(bare, values["currency"])
    if not {None, CURRENCY}.issuperset(currencies):
        foreign = _foreign(values["foreign_amount"], currencies, sign)
        if foreign is None:
            return None
        texts["foreign_amount"], texts["foreign_currency"] = foreign
    centres = values["cost_centre"]
    return Columns(texts, each_once(axes_of, centres) if any(centres) else ())


def _foreign(
    amounts: Sequence[Decimal | None], currencies: Sequence[str | None], sign: int
) -> tuple[Column, Column] | None:
    """Amounts in another currency than that of the books, and which it is; None where one is unusual."""
    own = {None, CURRENCY}
    told = [None if found in own else amount for amount, found in zip(amounts, currencies, strict=True)]
    plain = plain_amounts(_signed([amount for amount in told if amount is not None], sign))
    if plain is None:
        return None
    texts = iter(plain)
    return (
        [None if amount is None else next(texts) for amount in told],
        [None if amount is None else found for amount, found in zip(told, currencies, strict=True)],
    )


def _signed(amounts: Sequence[Decimal], sign: int) -> Sequence[Decimal]:
    return amounts if sign > 0 else [signed(amount, sign) for amount in amounts]


def _day(value: str) -> str:
    return day(value, "documentDate").isoformat()
