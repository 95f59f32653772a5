"""The chart of accounts and the analytical axes of a division, and the codes that its lines are read with."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2s

from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.exact.api import Api
from monitr_pipelines.providers.exact.datasets import (
    ACCOUNTS,
    AXES,
    COST_CENTRE,
    COST_CENTRES,
    COST_UNIT,
    COST_UNITS,
    PROJECT,
    PROJECTS,
    AccountRow,
)
from monitr_pipelines.providers.exact.sign_in import TITLE
from monitr_pipelines.providers.exact.values import bare, code, needed, text

PROFIT_AND_LOSS = "W"
TYPES = {"B": AccountType.BALANCE_SHEET, PROFIT_AND_LOSS: AccountType.PROFIT_AND_LOSS}
CENTRES = ((COST_CENTRE, COST_CENTRES), (COST_UNIT, COST_UNITS))


@dataclass(frozen=True)
class Chart:
    """What lines refer to by code.

    Args:
        accounts: The whole chart, blocked accounts too.
        values: Every cost centre, cost unit and project, ended ones too.
        codes: A digest of the code of each, by one of its id: an account that gets another code gives none
            of its lines another row version.
    """

    accounts: list[Account]
    values: list[AxisValue]
    codes: Mapping[str, str]

    def names(self, used: Mapping[str, set[str | None]]) -> bool:
        """Whether it has all codes that lines use, by their field; spaces may pad them."""
        known = {"account": {account.code for account in self.accounts}}
        for field, axis in AXES.items():
            known[field] = {value.code for value in self.values if value.axis == axis}
        return all(set(filter(None, map(bare, codes))) <= known[field] for field, codes in used.items())


def read_chart(api: Api) -> Chart:
    """The chart as it is now.

    Raises:
        EntityGone: There is none. Every division has accounts: the user lacks the right to see the books,
            and then Exact answers all questions about them with nothing at all.
    """
    accounts = [row for page in api.pages_since(ACCOUNTS, 0) for row in page]
    if not accounts:
        raise EntityGone(Message("books_hidden", {"title": TITLE}))
    centres = [(axis, row) for axis, dataset in CENTRES for row in api.rows(dataset)]
    projects = [row for page in api.pages_since(PROJECTS, 0) for row in page]
    values = [
        *(_value(axis, code(row, "Code"), text(row, "Description")) for axis, row in centres),
        *(_value(PROJECT, needed(row.code, "Code"), bare(row.description)) for row in projects),
    ]
    called = [
        *((row.id, row.code) for row in accounts),
        *((row.id, row.code) for row in projects),
        *((code(row, "ID"), code(row, "Code")) for _, row in centres),
    ]
    return Chart([_account(row) for row in accounts], values, dict(_digests(*each) for each in called))


def _account(row: AccountRow) -> Account:
    kind = TYPES.get(bare(row.balance_type) or "")
    return Account(needed(row.code, "Code"), bare(row.description) or "", kind)


def _value(axis: str, found: str, description: str | None) -> AxisValue:
    return AxisValue(axis, found, description or found)


def _digests(id_: str, called: str) -> tuple[str, str]:
    """Five bytes of an id and four of its code: of four billion changes one is overlooked."""
    return (
        blake2s(needed(id_, "ID").lower().encode(), digest_size=5).hexdigest(),
        blake2s(needed(called, "Code").encode(), digest_size=4).hexdigest(),
    )
