"""The chart of accounts and the analytical axes of a division."""

from collections.abc import Iterator

from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.exact.api import Api
from monitr_pipelines.providers.exact.datasets import (
    ACCOUNTS,
    COST_CENTRE,
    COST_CENTRES,
    COST_UNIT,
    COST_UNITS,
    PROJECT,
    PROJECTS,
)
from monitr_pipelines.providers.exact.sign_in import TITLE
from monitr_pipelines.providers.exact.values import bare, code, needed, text

PROFIT_AND_LOSS = "W"
TYPES = {"B": AccountType.BALANCE_SHEET, PROFIT_AND_LOSS: AccountType.PROFIT_AND_LOSS}


def read_accounts(api: Api) -> list[Account]:
    """The whole chart, blocked accounts too.

    Raises:
        EntityGone: There is none. Every division has accounts: the user lacks the right to see the books,
            and then Exact answers all questions about them with nothing at all.
    """
    accounts = [
        Account(
            needed(row.code, "Code"), bare(row.description) or "", TYPES.get(bare(row.balance_type) or "")
        )
        for page in api.pages_since(ACCOUNTS, 0)
        for row in page
    ]
    if not accounts:
        raise EntityGone(Message("books_hidden", {"title": TITLE}))
    return accounts


def read_axes(api: Api) -> Iterator[AxisValue]:
    """Every cost centre, cost unit and project, ended ones too."""
    for axis, dataset in ((COST_CENTRE, COST_CENTRES), (COST_UNIT, COST_UNITS)):
        for row in api.rows(dataset):
            found = code(row, "Code")
            yield AxisValue(axis, found, text(row, "Description") or found)
    for page in api.pages_since(PROJECTS, 0):
        for project in page:
            found = needed(project.code, "Code")
            yield AxisValue(PROJECT, found, bare(project.description) or found)
