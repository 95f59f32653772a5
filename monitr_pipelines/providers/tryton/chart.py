"""The chart of accounts and the analytical axes of one company, by the ids that lines refer to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.providers.tryton.datasets import ACCOUNTS, AXIS_VALUES
from monitr_pipelines.providers.tryton.reading import Row, rows
from monitr_pipelines.providers.tryton.rpc import Rpc, UnknownName

# Accounts off the balance sheet have neither: the country's chart decides.
TYPES = {"balance": AccountType.BALANCE_SHEET, "income": AccountType.PROFIT_AND_LOSS}
ROOT = "root"


@dataclass(frozen=True)
class Chart:
    """What lines refer to.

    Args:
        accounts: By id.
        values: Values of axes, by id.
        roots: The axis of each value, by its id: values are cut into parts by axes.
        has_axes: Whether the database has analytical accounting at all.
        newest: The latest stamp of any of it.
    """

    accounts: dict[int, Account]
    values: dict[int, AxisValue]
    roots: dict[int, int]
    has_axes: bool
    newest: datetime | None

    def covers(self, accounts: Iterable[int], values: Iterable[int]) -> bool:
        """Whether every id is known."""
        return self.accounts.keys() >= set(accounts) and self.values.keys() >= set(values)


def read_chart(rpc: Rpc, company: int) -> Chart:
    """The chart as it is now, ended and archived accounts too."""
    own = [["company", "=", company]]
    accounts = list(rows(rpc, ACCOUNTS, own))
    try:
        analytic, has_axes = list(rows(rpc, AXIS_VALUES, own)), True
    except UnknownName:
        analytic, has_axes = [], False
    axes = {row["id"]: row["code"] or row["name"] for row in analytic if row["type"] == ROOT}
    return Chart(
        accounts={row["id"]: _account(row) for row in accounts if row["type."]},
        values={
            row["id"]: AxisValue(axes[row["root"]], _code(row), row["name"])
            for row in analytic
            if row["root"] in axes
        },
        roots={row["id"]: row["root"] for row in analytic if row["root"] in axes},
        has_axes=has_axes,
        newest=max((row["write_date"] for row in [*accounts, *analytic] if row["write_date"]), default=None),
    )


def _account(row: Row) -> Account:
    return Account(_code(row), row["name"], TYPES.get(row["type."]["statement"]))


def _code(row: Row) -> str:
    """Tryton lets accounts have no code: their id stands in, in a form that no chart uses."""
    return row["code"] or f"#{row['id']}"
