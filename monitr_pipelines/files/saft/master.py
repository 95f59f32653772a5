"""The master data of a SAF-T file: accounts with the balances that they state, and names of relations."""

from collections.abc import Mapping

from monitr_pipelines.files.reading.accounts import check_code
from monitr_pipelines.files.reading.limits import add_account
from monitr_pipelines.ledger.limits import MOST_ACCOUNTS, MOST_AXIS_VALUES
from monitr_pipelines.ledger.records import Account, AccountType

# The accounts of the general ledger that lines are booked on; the others of a chart add these up, or are
# those of a cost accounting, which repeats the general ledger.
MOVEMENT = "GM"
SUMS = frozenset({"GR", "GA", "AR", "AA"})
# The classes of the chart SNC: 1 to 5 are the balance sheet, 6 to 8 expenses, income and results.
BALANCE_SHEET = "12345"


class SaftMaster:
    """What lines refer to, gathered as it comes along before them."""

    def __init__(self, accounts: dict[str, Account]) -> None:
        self._accounts = accounts
        self._sums: dict[str, str] = {}
        self._relations: dict[str, str] = {}

    def account(self, values: Mapping[str, str]) -> None:
        """An Account; one that adds up others is named only where a line is booked on it all the same."""
        code = values.get("AccountID", "")
        name = values.get("AccountDescription") or code
        if values.get("GroupingCategory", "").upper() not in SUMS:
            self._add(code, name)
        elif len(self._sums) < MOST_ACCOUNTS:
            self._sums[code] = name

    def used(self, code: str) -> str:
        """The account of a line, or BadValueError."""
        if code not in self._accounts:
            self._add(code, self._sums.get(code, code))
        return code

    def relation(self, code: str, name: str) -> None:
        """A Customer or a Supplier."""
        if code and name and len(self._relations) < MOST_AXIS_VALUES:
            self._relations[code] = name

    def relation_name(self, code: str) -> str | None:
        """The name of a customer or supplier, its code where the file does not name it."""
        return self._relations.get(code, code) or None

    def _add(self, code: str, name: str) -> None:
        check_code(code, "AccountID")
        kind = AccountType.BALANCE_SHEET if code[0] in BALANCE_SHEET else AccountType.PROFIT_AND_LOSS
        add_account(self._accounts, Account(code, name, kind))
