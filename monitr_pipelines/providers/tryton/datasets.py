"""What is read from Tryton: models, fields, and which of their rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitr_pipelines.providers.tryton.values import moment

Domain = list[Any]

# Rows of a request: 1000 lines with all their fields take a small server about two seconds.
PAGE = 1000


@dataclass(frozen=True)
class Dataset:
    """Rows of a model, by ascending id."""

    model: str
    fields: tuple[str, ...]


COMPANIES = Dataset("company.company", ("party.name", "currency.code"))
FISCAL_YEARS = Dataset("account.fiscalyear", ("company", "start_date", "end_date"))
ACCOUNTS = Dataset("account.account", ("code", "name", "type.statement", "write_date"))
BALANCES = Dataset("account.account", ("debit", "credit"))
AXIS_VALUES = Dataset("analytic_account.account", ("code", "name", "type", "root", "write_date"))
MOVES = Dataset("account.move", ("create_date", "write_date"))
LINES = Dataset(
    "account.move.line",
    (
        "debit",
        "credit",
        "account",
        "description",
        "party.name",
        "amount_second_currency",
        "second_currency.code",
        "move.company",
        "move.date",
        "move.number",
        "move.description",
        "move.period.name",
        "move.journal.code",
        "move.journal.name",
        "create_date",
        "write_date",
    ),
)
ALLOCATED_LINES = Dataset(
    LINES.model,
    (*LINES.fields, "analytic_lines.account", "analytic_lines.debit", "analytic_lines.credit"),
)
READ = (COMPANIES, FISCAL_YEARS, ACCOUNTS, AXIS_VALUES, MOVES, ALLOCATED_LINES)

# What shows that a move reads otherwise than before. Posting stamps the move; reconciling and every
# change of analytic lines stamp the line; a new code of an account or axis value stamps only that.
MOVE_STAMPS = (
    "create_date",
    "write_date",
    "lines.create_date",
    "lines.write_date",
    "lines.account.write_date",
)
ALLOCATION_STAMPS = ("lines.analytic_lines.account.write_date",)


def posted_lines(company: int) -> Domain:
    """The lines of the ledger; drafts are none of it."""
    return [["move.company", "=", company], ["move.state", "=", "posted"]]


def posted_moves(company: int) -> Domain:
    """The moves of the ledger."""
    return [["company", "=", company], ["state", "=", "posted"]]


def stamped_since(start: datetime, stamps: tuple[str, ...]) -> Domain:
    """Rows of which any stamp is of that moment or later."""
    return ["OR", *([stamp, ">=", moment(start)] for stamp in stamps)]
