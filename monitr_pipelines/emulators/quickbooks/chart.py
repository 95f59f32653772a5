"""The chart of accounts: types, accounts below accounts, and the account that results end up in.

What an account is, and below which other one it stands, follows from its number as it is first seen: in this
software neither changes with the number.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from monitr_pipelines.emulators.quickbooks.forms import Document, amount, currency, metadata, reference
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Account, Company, Stamp
from monitr_pipelines.ledger.records import AccountType

# Ids above those of all accounts of the books: each company has a `Retained Earnings` that nobody opened.
FIRST_RETAINED = 9_000_000
ROOT_DIGITS = 2
RESULTS = ("Expense", "Revenue")


class AccountKind(NamedTuple):
    """What kind an account is of: `Classification`, `AccountType`, `AccountSubType`."""

    classification: str
    type: str
    subtype: str

    @property
    def credit(self) -> bool:
        """Whether its balances are positive on the credit side."""
        return self.classification in ("Liability", "Equity", "Revenue")


RETAINED = AccountKind("Equity", "Equity", "RetainedEarnings")
OTHER_ASSET = AccountKind("Asset", "Other Current Asset", "OtherCurrentAssets")
EXPENSE = AccountKind("Expense", "Expense", "OtherMiscellaneousServiceCost")
# By the beginnings of Belgian numbers, longer ones first.
KINDS: Mapping[str, AccountKind] = {
    "17": AccountKind("Liability", "Long Term Liability", "NotesPayable"),
    "40": AccountKind("Asset", "Accounts Receivable", "AccountsReceivable"),
    "41": OTHER_ASSET,
    "44": AccountKind("Liability", "Accounts Payable", "AccountsPayable"),
    "49": OTHER_ASSET,
    "60": AccountKind("Expense", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    "1": AccountKind("Equity", "Equity", "PaidInCapitalOrSurplus"),
    "2": AccountKind("Asset", "Fixed Asset", "MachineryAndEquipment"),
    "3": AccountKind("Asset", "Other Current Asset", "Inventory"),
    "4": AccountKind("Liability", "Other Current Liability", "OtherCurrentLiabilities"),
    "5": AccountKind("Asset", "Bank", "Checking"),
    "6": EXPENSE,
    "7": AccountKind("Revenue", "Income", "SalesOfProductIncome"),
}
# In which reports list accounts.
ORDER = (
    "Bank",
    "Accounts Receivable",
    "Other Current Asset",
    "Fixed Asset",
    "Accounts Payable",
    "Other Current Liability",
    "Long Term Liability",
    "Equity",
    "Income",
    "Cost of Goods Sold",
    "Expense",
)


def kind_of(account: Account) -> AccountKind:
    """What an account is by its number, as far as that agrees with the statement it belongs to."""
    kind = next((kind for start, kind in KINDS.items() if account.code.startswith(start)), None)
    if account.type is AccountType.PROFIT_AND_LOSS:
        return kind if kind and kind.classification in RESULTS else EXPENSE
    return kind if kind and kind.classification not in RESULTS else OTHER_ASSET


@dataclass(frozen=True)
class Charted:
    """An account in the chart of a company; the one that nobody opened has no number."""

    id: int
    kind: AccountKind
    number: str
    name: str
    stamp: Stamp
    archived: bool = False
    parent: "Charted | None" = None

    @property
    def label(self) -> str:
        """As reports name it where accounts have numbers."""
        return f"{self.number} {self.name}".strip()

    @cached_property
    def path(self) -> str:
        """Its name behind those of the accounts that it stands below."""
        return f"{self.parent.path}:{self.name}" if self.parent else self.name


class Chart:
    """The accounts of a company at one revision of the books."""

    def __init__(self, company: Company, accounts: Iterable[Charted]) -> None:
        self.company = company
        listed = sorted(accounts, key=lambda each: (ORDER.index(each.kind.type), each.number, each.id))
        self.accounts = {each.id: each for each in listed}
        self.below: dict[int | None, list[Charted]] = {}
        for each in listed:
            self.below.setdefault(each.parent.id if each.parent else None, []).append(each)

    @property
    def retained(self) -> Charted:
        """The account that the results of earlier years are shown in, without any entry."""
        return self.accounts[FIRST_RETAINED + self.company.id]

    def rows(self, sums: Counter[int]) -> list[Document]:
        """The accounts as entities, by id, from the cents that were ever posted on each."""
        return [self._row(each, sums) for _, each in sorted(self.accounts.items())]

    def _row(self, each: Charted, sums: Counter[int]) -> Document:
        own = self._balance(each, sums)
        row: dict[str, object] = {
            "Name": each.name,
            "SubAccount": each.parent is not None,
            "FullyQualifiedName": each.path,
            "Active": not each.archived,
            "Classification": each.kind.classification,
            "AccountType": each.kind.type,
            "AccountSubType": each.kind.subtype,
            "CurrentBalance": amount(own),
            "CurrentBalanceWithSubAccounts": amount(
                own + sum(self._balance(child, sums) for child in self.below.get(each.id, []))
            ),
            "CurrencyRef": currency(self.company.currency),
            "domain": "QBO",
            "sparse": False,
            "Id": str(each.id),
            "SyncToken": str(each.stamp.version),
            "MetaData": metadata(each.stamp.time, each.stamp.time),
        }
        if each.parent:
            row["ParentRef"] = {"value": str(each.parent.id)}
        return row | ({"AcctNum": each.number} if each.number else {})

    def _balance(self, each: Charted, sums: Counter[int]) -> int:
        if each.kind.classification in RESULTS:
            return 0
        return -sums[each.id] if each.kind.credit else sums[each.id]


class Charts:
    """The charts of all companies, made anew where the books have changed."""

    def __init__(self, books: SharedBooks) -> None:
        self._books = books
        # The kind of each account and the id of the one above it, as they were when it was first seen.
        self._places: dict[int, tuple[AccountKind, int | None]] = {}
        self._made: dict[int, tuple[int, Chart]] = {}

    def of(self, company: Company) -> Chart:
        """The chart of a company as it is now."""
        revision, chart = self._made.get(company.id, (-1, None))
        if chart is None or revision != self._books.revision:
            own = [each for each in self._books.accounts.values() if each.company == company.id]
            self._place(own)
            chart = Chart(company, [*self._charted(own), self._retained(company)])
            self._made[company.id] = (self._books.revision, chart)
        return chart

    def _place(self, accounts: list[Account]) -> None:
        roots: dict[tuple[str, AccountKind], int] = {}
        for account in sorted(accounts, key=lambda each: each.code):
            if account.id in self._places:
                continue
            kind = kind_of(account)
            root = roots.setdefault((account.code[:ROOT_DIGITS], kind), account.id)
            self._places[account.id] = (kind, None if root == account.id else root)

    def _charted(self, accounts: list[Account]) -> Iterable[Charted]:
        made: dict[int, Charted] = {}
        for account in sorted(accounts, key=lambda each: self._places[each.id][1] is not None):
            kind, above = self._places[account.id]
            name = f"{account.name} (deleted)" if account.archived else account.name
            made[account.id] = Charted(
                account.id,
                kind,
                account.code,
                name,
                account.stamp,
                account.archived,
                made.get(above) if above else None,
            )
        return made.values()

    def _retained(self, company: Company) -> Charted:
        stamp = self._books.companies[company.id].stamp
        return Charted(FIRST_RETAINED + company.id, RETAINED, "", "Retained Earnings", stamp)


def account_reference(account: Charted) -> Document:
    """What a line says of its account."""
    return reference(account.id, account.path)
