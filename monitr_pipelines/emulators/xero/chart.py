"""Which type and class of Xero an account has: by its statement and the first digits of the Belgian chart."""

from functools import lru_cache
from typing import NamedTuple

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Account
from monitr_pipelines.ledger.records import AccountType

BANK = "BANK"
RETAINED_PREFIX = "14"
RETAINED_CODE, RETAINED_NAME = "960", "Retained Earnings"


class Kind(NamedTuple):
    """The type of an account and the class that follows from it."""

    type: str
    group: str


CURRENT, EXPENSE = Kind("CURRENT", "ASSET"), Kind("EXPENSE", "EXPENSE")
EQUITY = Kind("EQUITY", "EQUITY")
BALANCE_SHEET = (
    ("1", EQUITY),
    ("17", Kind("TERMLIAB", "LIABILITY")),
    ("2", Kind("FIXED", "ASSET")),
    ("3", Kind("INVENTORY", "ASSET")),
    ("4", CURRENT),
    ("44", Kind("CURRLIAB", "LIABILITY")),
    ("45", Kind("CURRLIAB", "LIABILITY")),
    ("48", Kind("CURRLIAB", "LIABILITY")),
    ("55", Kind(BANK, "ASSET")),
)
PROFIT_AND_LOSS = (
    ("60", Kind("DIRECTCOSTS", "EXPENSE")),
    ("61", Kind("OVERHEADS", "EXPENSE")),
    ("63", Kind("DEPRECIATN", "EXPENSE")),
    ("7", Kind("REVENUE", "REVENUE")),
    ("74", Kind("OTHERINCOME", "REVENUE")),
)


def kind_of(account: Account) -> Kind:
    """The longest prefix decides; its statement where none does."""
    return _kind(account.code, account.type)


@lru_cache(maxsize=4096)
def _kind(code: str, statement: AccountType) -> Kind:
    balance = statement is AccountType.BALANCE_SHEET
    known = BALANCE_SHEET if balance else PROFIT_AND_LOSS
    fitting = [(prefix, kind) for prefix, kind in known if code.startswith(prefix)]
    return max(fitting)[1] if fitting else CURRENT if balance else EXPENSE


def retained_account(books: SharedBooks, company: int) -> int:
    """The account that earlier years' results are carried to; 0 for one on which nothing is ever booked."""
    own = (
        each.id
        for each in books.accounts.values()
        if each.company == company
        and each.type is AccountType.BALANCE_SHEET
        and each.code.startswith(RETAINED_PREFIX)
    )
    return next(own, 0)
