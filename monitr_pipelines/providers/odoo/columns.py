"""Rows of journal items by column: what `lines` makes of each, where nothing is unusual about them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import compress
from operator import attrgetter, sub
from typing import Any, NamedTuple

from msgspec import structs

from monitr_pipelines.ledger.blocks import AxisSet
from monitr_pipelines.ledger.columns import ByColumn, Column, Columns, each_once, plain_amounts
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.providers.odoo.chart import Chart
from monitr_pipelines.providers.odoo.datasets import LineRow, Reference, text_of
from monitr_pipelines.providers.odoo.distribution import axes_of_whole
from monitr_pipelines.providers.odoo.lines import lines_of, sides_of

FIELDS = tuple(each.name for each in structs.fields(LineRow))
ID = attrgetter("id")


class Counted(NamedTuple):
    """Lines as they are counted, by column."""

    entries: Sequence[int]
    days: Sequence[date]
    debits: Sequence[Decimal]
    balances: Sequence[Decimal]


class Page:
    """Rows of a page, at least one; `values` are those of their fields, by the name of the field."""

    def __init__(self, rows: Sequence[LineRow]) -> None:
        self.rows = rows
        self.values: Mapping[str, Sequence[Any]] = dict(
            zip(FIELDS, zip(*map(structs.astuple, rows), strict=True), strict=True)
        )

    def lines(self, chart: Chart) -> ByColumn:
        """The lines of the page."""
        return ByColumn(lambda: lines_of(self.rows, chart), lambda: self._columns(chart))

    def counted(self) -> Counted:
        """The lines as they are counted.

        Raises:
            InconsistentData: Debit and credit of a line are not its balance, or an amount is none.
        """
        debit, credit, balance = (self.values[name] for name in ("debit", "credit", "balance"))
        on_both_sides = any(compress(credit, debit))
        if self._balances is None or on_both_sides or tuple(map(sub, debit, credit)) != balance:
            debit, balance = zip(*map(sides_of, self.rows), strict=True)
        return Counted(self.ids("move_id"), self.values["date"], debit, balance)

    def ids(self, field: str) -> list[int]:
        """The ids of the rows that a field refers to."""
        return list(map(ID, self.values[field]))

    @cached_property
    def _balances(self) -> list[str] | None:
        return plain_amounts(self.values["balance"])

    def _columns(self, chart: Chart) -> Columns | None:
        try:
            axes = self._axes(chart)
        except InconsistentData:
            return None
        foreign = self._foreign()
        if self._balances is None or axes is None or foreign is None:
            return None
        values, codes = self.values, chart.journals
        descriptions = each_once(text_of, values["name"])
        if None in descriptions:
            others = each_once(text_of, values["ref"])
            descriptions = [own or other for own, other in zip(descriptions, others, strict=True)]
        partners = [each.name if isinstance(each, Reference) else False for each in values["partner_id"]]
        texts: dict[str, Column] = {
            "external_id": list(map(str, values["id"])),
            "booking_date": each_once(str, values["date"]),
            "account_code": each_once(lambda id_: chart.accounts[id_].code, self.ids("account_id")),
            "amount": self._balances,
            "booking": each_once(str, self.ids("move_id")),
            "journal": [codes.get(each.id) or each.text for each in values["journal_id"]],
            "document_number": each_once(text_of, values["move_name"]),
            "relation": each_once(text_of, partners),
            "description": descriptions,
        }
        return Columns(texts | foreign, axes)

    def _axes(self, chart: Chart) -> Sequence[AxisSet] | None:
        """The axes of each line; None where a distribution cuts one into parts, or is none."""
        distributions = self.values["analytic_distribution"]
        if not any(distributions):
            return ()
        axes: list[AxisSet] = []
        for each in distributions:
            found = axes_of_whole(each, chart) if each else ()
            if found is None:
                return None
            axes.append(found)
        return axes

    def _foreign(self) -> dict[str, Column] | None:
        """Amounts in other currencies than the company's, if there are any; None where one is unusual."""
        currencies, companys = self.values["currency_id"], self.ids("company_currency_id")
        foreign = [
            isinstance(currency, Reference) and currency.id != own
            for currency, own in zip(currencies, companys, strict=True)
        ]
        if not any(foreign):
            return {}
        plain = plain_amounts(compress(self.values["amount_currency"], foreign))
        if plain is None:
            return None
        texts = iter(plain)
        return {
            "foreign_amount": [next(texts) if is_foreign else None for is_foreign in foreign],
            "foreign_currency": [
                currency.text if is_foreign else None
                for currency, is_foreign in zip(currencies, foreign, strict=True)
            ],
        }
