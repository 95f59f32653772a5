"""What is read from Odoo: models, fields, and which of their rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeAlias

from msgspec import Struct, structs

from monitr_pipelines.providers.odoo.months import after

Domain = list[Any]

# Rows of a request: 2,000 lines take a server about a second.
PAGE = 2000


# `False` stands for whatever is empty.
Text: TypeAlias = str | bool


class Reference(Struct, array_like=True, forbid_unknown_fields=True, gc=False):
    """Another row: its id and how Odoo calls it."""

    id: int
    name: Text

    @property
    def text(self) -> str | None:
        """The name, None where it is empty."""
        return text_of(self.name)


class LineRow(Struct, gc=False):
    """A journal item; amounts are debit positive but for `credit`."""

    id: int
    move_id: Reference
    move_name: Text
    debit: Decimal
    credit: Decimal
    balance: Decimal
    date: date
    company_id: Reference
    company_currency_id: Reference
    account_id: Reference
    journal_id: Reference
    partner_id: Reference | bool
    name: Text
    ref: Text
    currency_id: Reference | bool
    amount_currency: Decimal
    analytic_distribution: dict[str, Decimal] | bool | None


@dataclass(frozen=True)
class Dataset:
    """Rows of a model, by ascending id; dicts unless `row` declares another type."""

    model: str
    fields: tuple[str, ...]
    row: type[LineRow] | None = None


LINE = "account.move.line"
ANALYTIC = "account.analytic.account"
COMPANIES = Dataset("res.company", ("name", "currency_id", "fiscalyear_last_month"))
ACCOUNTS = Dataset("account.account", ("code", "name", "account_type"))
JOURNALS = Dataset("account.journal", ("code",))
AXIS_VALUES = Dataset(ANALYTIC, ("code", "name", "root_plan_id"))
PARTNERS = Dataset("res.partner", ("display_name",))
IDS = Dataset(LINE, ())
AMOUNTS = Dataset(LINE, ("move_id", "move_name", "debit", "credit", "balance"))
LINES = Dataset(LINE, tuple(each.name for each in structs.fields(LineRow) if each.name != "id"), LineRow)
READ = (COMPANIES, ACCOUNTS, JOURNALS, AXIS_VALUES, PARTNERS, LINES)


def text_of(value: Text) -> str | None:
    """A text, None where it is empty."""
    return value if value and isinstance(value, str) else None


# Lines that are text between others: no account, no amount.
TEXT_LINES = ["line_section", "line_subsection", "line_note"]


def posted_lines(company: int) -> Domain:
    """The lines of the ledger; drafts and what was canceled are none of it."""
    return [
        ["company_id", "=", company],
        ["parent_state", "=", "posted"],
        ["display_type", "not in", TEXT_LINES],
    ]


def in_months(months: Iterable[date]) -> Domain:
    """Rows of months, each given by its first day; adjacent months are one range."""
    first_days = sorted(months)
    begins = [day for before, day in pairwise([date.min, *first_days]) if after(before) != day]
    ends = [after(day) for day, behind in pairwise([*first_days, date.max]) if after(day) != behind]
    ranges = [
        part
        for start, end in zip(begins, ends, strict=True)
        for part in ("&", ["date", ">=", f"{start}"], ["date", "<", f"{end}"])
    ]
    return ["|"] * (len(begins) - 1) + ranges
