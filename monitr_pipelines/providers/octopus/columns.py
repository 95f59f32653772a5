"""Rows of bookings by column: what `lines` makes of each, where nothing is unusual about them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Any

from msgspec import structs

from monitr_pipelines.ledger.columns import ByColumn, Column, Columns, each_once, plain_amounts
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.providers.octopus.datasets import LineRow
from monitr_pipelines.providers.octopus.lines import (
    CURRENCY,
    account_of,
    axes_of,
    booking_of,
    journal_of,
    lines_of,
    number_of,
    signed,
    told_apart,
)
from monitr_pipelines.providers.octopus.values import bare, day, exact

NAMES = tuple(each.name for each in structs.fields(LineRow))
ID = attrgetter("id")


class Page:
    """Rows of a page, at least one; `values` are those of their fields, by the name of the field."""

    def __init__(self, rows: Sequence[LineRow]) -> None:
        self.rows = rows
        self.values: Mapping[str, Sequence[Any]] = dict(
            zip(NAMES, zip(*map(structs.astuple, rows), strict=True), strict=True)
        )

    def lines(self, sign: int) -> ByColumn:
        """The lines of the page; `sign` makes debits positive."""
        return ByColumn(lambda: lines_of(self.rows, sign), lambda: self._columns(sign))

    def is_of(self, bookyear: int, journal_type: int) -> bool:
        """Whether all rows are of one bookyear and type of journal."""
        return set(self.bookyears) == {bookyear} and set(self.values["journal_type"]) == {journal_type}

    def add_to(self, sums: dict[str, Decimal], sign: int) -> None:
        """Add amounts to those of their accounts, debit positive.

        Raises:
            OurFault: An amount is none, or an account.
        """
        amounts = self.values["amount"]
        if self._plain is None:  # all that is plain is exact
            amounts = [exact(amount, "bookingAmount") for amount in amounts]
        accounts = each_once(account_of, self.values["account"])
        for account, amount in zip(accounts, _signed(amounts, sign), strict=True):
            sums[account] += amount

    @cached_property
    def bookyears(self) -> list[int]:
        """The ids of the bookyears of the rows."""
        return list(map(ID, self.values["bookyear"]))

    @cached_property
    def _plain(self) -> list[str] | None:
        return plain_amounts(self.values["amount"])

    def _columns(self, sign: int) -> Columns | None:
        values = self.values
        amounts = self._plain if sign > 0 else plain_amounts(_signed(values["amount"], sign))
        if amounts is None:
            return None
        try:
            journals = list(map(journal_of, values["journal_type"], values["journal_number"]))
            accounts = each_once(account_of, values["account"])
            days = each_once(_day, values["date"])
        except OurFault:
            return None
        bookings = list(map(booking_of, self.bookyears, journals, values["document"]))
        lines = each_once(str, values["line"])
        keys = told_apart(list(map("{}.{}".format, bookings, lines)))
        descriptions = each_once(bare, values["comment"])
        if None in descriptions:
            others = each_once(bare, values["reference"])
            descriptions = [own or other for own, other in zip(descriptions, others, strict=True)]
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
            "description": descriptions,
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
