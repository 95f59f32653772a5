"""The chart of accounts and the analytical axes of a division, and the codes that its lines are read with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2s

from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.exact.api import Api
from monitr_pipelines.providers.exact.datasets import (
    ACCOUNTS,
    AXES,
    COST_CENTRES,
    COST_UNITS,
    PROJECTS,
    Dataset,
)
from monitr_pipelines.providers.exact.sign_in import TITLE
from monitr_pipelines.providers.exact.values import Row, code, text

PROFIT_AND_LOSS = "W"
TYPES = {"B": AccountType.BALANCE_SHEET, PROFIT_AND_LOSS: AccountType.PROFIT_AND_LOSS}


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

    def names(self, used: Mapping[str, set[str]]) -> bool:
        """Whether it has all codes that lines use, by the name of their field; spaces may pad them."""
        known = {"GLAccountCode": {account.code for account in self.accounts}}
        for field, axis in AXES.items():
            known[field] = {value.code for value in self.values if value.axis == axis}
        return all({each.strip() for each in codes} <= known[field] for field, codes in used.items())


def read_chart(api: Api) -> Chart:
    """The chart as it is now.

    Raises:
        EntityGone: There is none. Every division has accounts: the user lacks the right to see the books,
            and then Exact answers all questions about them with nothing at all.
    """
    accounts = [row for page in api.pages_since(ACCOUNTS, 0) for row in page]
    if not accounts:
        raise EntityGone(Message("books_hidden", {"title": TITLE}))
    values = list(_rows_of_axes(api))
    return Chart(
        [_account(row) for row in accounts],
        [_value(AXES[field], row) for field, row in values],
        dict(map(_digests, [*accounts, *(row for _, row in values)])),
    )


def _rows_of_axes(api: Api) -> Iterator[tuple[str, Row]]:
    of_centres: tuple[tuple[str, Dataset], ...] = (("CostCenter", COST_CENTRES), ("CostUnit", COST_UNITS))
    for field, dataset in of_centres:
        yield from ((field, row) for row in api.rows(dataset))
    for page in api.pages_since(PROJECTS, 0):
        yield from (("ProjectCode", row) for row in page)


def _account(row: Row) -> Account:
    kind = TYPES.get(text(row, "BalanceType") or "")
    return Account(code(row, "Code"), text(row, "Description") or "", kind)


def _value(axis: str, row: Row) -> AxisValue:
    found = code(row, "Code")
    return AxisValue(axis, found, text(row, "Description") or found)


def _digests(row: Row) -> tuple[str, str]:
    """Five bytes of an id and four of its code: of four billion changes one is overlooked."""
    found, called = code(row, "ID").lower(), code(row, "Code")
    return (
        blake2s(found.encode(), digest_size=5).hexdigest(),
        blake2s(called.encode(), digest_size=4).hexdigest(),
    )
