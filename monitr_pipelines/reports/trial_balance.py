"""The trial balance of a period: every account with what it had, what moved it, and what it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.reports.columns import Span
from monitr_pipelines.reports.standing import Standing
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# No account of the books: where results of earlier years stand that nothing carried over.
RESULT_CARRIED_FORWARD = "(result)"
AMOUNTS = ("opening", "debit", "credit", "closing", "after_closing")


@dataclass(frozen=True)
class Balance:
    """An account, debit positive, in the entity's currency; `after_closing`: with what closes the year.

    `type` is the statement that it is of, `balance_sheet` or `profit_and_loss`.
    """

    account: str
    name: str
    type: str
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal
    after_closing: Decimal


@dataclass(frozen=True)
class TrialBalance:
    """The accounts of a period by their codes, and their sums under the names of their columns."""

    period: Span
    balances: Sequence[Balance]
    totals: Balance

    @cached_property
    def amounts(self) -> Sequence[str]:
        """The columns that say something: balances after the closing where entries close the year."""
        is_closed = any(each.closing != each.after_closing for each in self.balances)
        return AMOUNTS if is_closed else AMOUNTS[:-1]


def read_trial_balance(connection: Connection, standing: Standing, period: Span) -> TrialBalance:
    """Read it in one query; `period` is within the months of the books."""
    rows = database.run(
        connection,
        "statements/trial_balance",
        entity_id=standing.entity_id,
        first=period.first.first_day,
        last=period.last.first_day,
    )
    balances = []
    for row in rows:
        closing = row["opening"] + row["debit"] - row["credit"]
        after = closing + row["closing_entries"]
        moved = (row["opening"], row["debit"], row["credit"])
        balances.append(Balance(row["account"], row["name"], row["type"], *moved, closing, after))
    sums = (sum((getattr(each, name) for each in balances), ZERO) for name in AMOUNTS)
    return TrialBalance(period, balances, Balance("", "", "", *sums))
