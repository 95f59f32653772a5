"""The chart of accounts and the analytical axes of an office: its dimensions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.twinfield.api import Api
from monitr_pipelines.providers.twinfield.datasets import AXES, BALANCE_SHEET, PROFIT_AND_LOSS
from monitr_pipelines.providers.twinfield.faults import contradicts
from monitr_pipelines.providers.twinfield.lines import axis_of
from monitr_pipelines.providers.twinfield.sign_in import TITLE

TYPES = {BALANCE_SHEET: AccountType.BALANCE_SHEET, PROFIT_AND_LOSS: AccountType.PROFIT_AND_LOSS}


@dataclass(frozen=True)
class Chart:
    """What lines refer to by code.

    Args:
        accounts: The whole chart, hidden accounts too.
        values: The values of each axis, by the type of its dimensions.
    """

    accounts: list[Account]
    values: Mapping[str, list[AxisValue]]

    def names(self, accounts: Iterable[str], values: Iterable[tuple[str, str]]) -> bool:
        """Whether it has all accounts and values that lines use; values by the type of their dimension."""
        listed = {(kind, value.code) for kind, values in self.values.items() for value in values}
        return {account.code for account in self.accounts}.issuperset(accounts) and listed.issuperset(values)


def read_chart(api: Api, used_types: Iterable[str] = ()) -> Chart:
    """The chart as it is now, with the axes that every office may have, and those that lines have.

    Raises:
        EntityGone: There is none. Every office has accounts: the user lacks the right to see the books.
        InconsistentData: An account of the balance sheet is one of the result too.
    """
    accounts = [
        Account(code, name, kind) for type_, kind in TYPES.items() for code, name in api.dimensions(type_)
    ]
    if not accounts:
        raise EntityGone(Message("books_hidden", {"title": TITLE}))
    if len({account.code for account in accounts}) < len(accounts):
        contradicts("an account is listed twice")
    values = {
        type_: [AxisValue(axis_of(type_), code, name or code) for code, name in api.dimensions(type_)]
        for type_ in dict.fromkeys([*AXES, *sorted(used_types)])
    }
    return Chart(accounts, values)
