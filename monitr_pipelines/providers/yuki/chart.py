"""The chart of accounts and the projects of an administration."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
        """The accounts, with the types that rows of balances tell.

        The chart has the kind of each account as a number of which the meaning is not known: an account that
        never had a balance is of the statement that all others of its kind are of, if they agree.
        """
        told = {needed(row, "Code"): TYPES.get(needed(row, "BalanceType")) for row in balances}
        of_kind: defaultdict[str | None, set[AccountType | None]] = defaultdict(set)
        for row in self.rows:
            if (code := needed(row, "code")) in told:
                of_kind[row.get("type")].add(told[code])
        return [_account(row, told, of_kind[row.get("type")]) for row in self.rows]


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


def _account(row: Row, told: Mapping[str, AccountType | None], of_kind: set[AccountType | None]) -> Account:
    code = needed(row, "code")
    (common,) = of_kind if len(of_kind) == 1 else (None,)
    return Account(code, bare(row.get("descripton")) or "", told.get(code) or common)


def _project(row: Row) -> AxisValue:
    code = needed(row, "code")
    return AxisValue(PROJECT, code, bare(row.get("description")) or code)


def _digest(what: str, code: str) -> str:
    """Five bytes of a name: of a billion changes one is overlooked in the largest chart."""
    return blake2s(f"{what}\0{code}".encode(), digest_size=5).hexdigest()
