"""The chart of accounts and the projects of an administration."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2s

from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.yuki.api import Api
from monitr_pipelines.providers.yuki.datasets import ACCOUNTS, PROJECT, PROJECTS, TITLE
from monitr_pipelines.providers.yuki.values import Row, bare, needed

TYPES = {"B": AccountType.BALANCE_SHEET, "W": AccountType.PROFIT_AND_LOSS}
EVERY = {"searchOption": "All", "searchValue": ""}


@dataclass(frozen=True)
class Chart:
    """What lines refer to by code.

    Args:
        rows: The accounts, those that are not in use any more too.
        values: The projects, ended ones too.
        names: Digests of the codes of all of them: what gets another code stamps no line.
    """

    rows: list[Row]
    values: list[AxisValue]
    names: frozenset[str]

    def lists(self, accounts: set[str], projects: set[str]) -> bool:
        """Whether it has all of these codes."""
        return accounts <= {needed(row, "code") for row in self.rows} and projects <= {
            value.code for value in self.values
        }

    def accounts(self, balances: Iterable[Row]) -> list[Account]:
        """The accounts, with the types that rows of balances tell: the chart has them in no known form."""
        types = {needed(row, "Code"): TYPES.get(needed(row, "BalanceType")) for row in balances}
        return [
            Account(code, bare(row.get("descripton")) or "", types.get(code))
            for row in self.rows
            for code in [needed(row, "code")]
        ]


def read_chart(api: Api, administration: str) -> Chart:
    """The chart as it is now.

    Raises:
        EntityGone: There is none: every administration has accounts, but the key may not see them.
    """
    accounts = api.rows(ACCOUNTS, {"administrationID": administration})
    if not accounts:
        raise EntityGone(Message("books_hidden", {"title": TITLE}))
    projects = api.rows(PROJECTS, {"administrationID": administration, **EVERY})
    return Chart(
        accounts,
        [_project(row) for row in projects],
        frozenset(
            [
                *(_digest("account", needed(row, "code")) for row in accounts),
                *(_digest(needed(row, "id").lower(), needed(row, "code")) for row in projects),
            ]
        ),
    )


def _project(row: Row) -> AxisValue:
    code = needed(row, "code")
    return AxisValue(PROJECT, code, bare(row.get("description")) or code)


def _digest(what: str, code: str) -> str:
    """Five bytes of a name: of a billion changes one is overlooked in the largest chart."""
    return blake2s(f"{what}\0{code}".encode(), digest_size=5).hexdigest()
