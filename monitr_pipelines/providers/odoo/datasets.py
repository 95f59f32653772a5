"""What is read from Odoo: models, fields, and which of their rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from monitr_pipelines.providers.odoo.months import after

Domain = list[Any]

# Rows of a request: 2,000 lines take a server about a second.
PAGE = 2000


@dataclass(frozen=True)
class Dataset:
    """Rows of a model, by ascending id."""

    model: str
    fields: tuple[str, ...]


LINE = "account.move.line"
ANALYTIC = "account.analytic.account"
COMPANIES = Dataset("res.company", ("name", "currency_id", "fiscalyear_last_month"))
ACCOUNTS = Dataset("account.account", ("code", "name", "account_type"))
JOURNALS = Dataset("account.journal", ("code",))
AXIS_VALUES = Dataset(ANALYTIC, ("code", "name", "root_plan_id"))
PARTNERS = Dataset("res.partner", ("display_name",))
IDS = Dataset(LINE, ())
AMOUNTS = Dataset(LINE, ("move_id", "move_name", "debit", "credit", "balance"))
LINES = Dataset(
    LINE,
    (
        *AMOUNTS.fields,
        "date",
        "company_id",
        "company_currency_id",
        "account_id",
        "journal_id",
        "partner_id",
        "name",
        "ref",
        "currency_id",
        "amount_currency",
        "analytic_distribution",
    ),
)
READ = (COMPANIES, ACCOUNTS, JOURNALS, AXIS_VALUES, PARTNERS, LINES)
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
