"""The company, its chart of accounts, and its classes and locations."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.quickbooks import datasets
from monitr_pipelines.providers.quickbooks.api import Api
from monitr_pipelines.providers.quickbooks.datasets import CLASS_COLUMN, LOCATION_COLUMN, Dataset
from monitr_pipelines.providers.quickbooks.sign_in import TITLE
from monitr_pipelines.providers.quickbooks.values import Object, needed, part, text, unknown

TYPES = {
    **dict.fromkeys(("Asset", "Equity", "Liability"), AccountType.BALANCE_SHEET),
    **dict.fromkeys(("Expense", "Revenue"), AccountType.PROFIT_AND_LOSS),
}
RETAINED_EARNINGS = "RetainedEarnings"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
LISTS = {CLASS_COLUMN: datasets.CLASSES, LOCATION_COLUMN: datasets.LOCATIONS}


@dataclass(frozen=True)
class Company:
    """What decides how the ledger of a company is asked for.

    Args:
        name: As QuickBooks shows it.
        currency: Its home currency.
        many_currencies: Whether amounts are told in the currency of a transaction too.
        axes: Columns of the axes that it uses.
        first_month: Of its fiscal year.
    """

    name: str
    currency: str
    many_currencies: bool
    axes: Sequence[str]
    first_month: int


@dataclass(frozen=True)
class Chart:
    """What lines refer to.

    Args:
        accounts: By id, which the general ledger names; two may have one name under different parents.
        values: By column and id.
        named: The ids of values by column and full name.
        retained: Codes of accounts to which reports add the results of earlier years by themselves.
    """

    accounts: Mapping[str, Account]
    values: Mapping[str, Mapping[str, AxisValue]]
    named: Mapping[str, Mapping[str, str]]
    retained: frozenset[str]

    @property
    def codes(self) -> dict[str, str]:
        """The codes of accounts by id: lines have the code that they were read with."""
        return {id_: account.code for id_, account in self.accounts.items()}


def read_company(api: Api) -> Company:
    """The company as it is now."""
    info, preferences = api.company_info(), api.preferences()
    currencies = part(preferences, "CurrencyPrefs")
    accounting = part(preferences, "AccountingInfoPrefs")
    by_class = accounting.get("ClassTrackingPerTxn") or accounting.get("ClassTrackingPerTxnLine")
    used = {CLASS_COLUMN: by_class, LOCATION_COLUMN: accounting.get("TrackDepartments")}
    return Company(
        text(info, "CompanyName") or "",
        needed(part(currencies, "HomeCurrency"), "value"),
        currencies.get("MultiCurrencyEnabled") is True,
        tuple(column for column, tracked in used.items() if tracked is True),
        _month(text(info, "FiscalYearStartMonth") or text(accounting, "FirstMonthOfFiscalYear")),
    )


def read_chart(api: Api, company: Company) -> Chart:
    """The chart as it is now.

    Raises:
        EntityGone: There is none. Every company has accounts: the user lacks the right to see the books.
    """
    rows = list(api.rows(datasets.ACCOUNTS))
    if not rows:
        raise EntityGone(Message("books_hidden", {"title": TITLE}))
    numbers = Counter(text(row, "AcctNum") for row in rows)
    accounts = {needed(row, "Id"): _account(row, numbers) for row in rows}
    retained = (row for row in rows if text(row, "AccountSubType") == RETAINED_EARNINGS)
    values = {column: _values(api, LISTS[column], datasets.AXES[column]) for column in company.axes}
    return Chart(
        accounts,
        values,
        {column: {value.name: id_ for id_, value in found.items()} for column, found in values.items()},
        frozenset(accounts[needed(row, "Id")].code for row in retained),
    )


def _account(row: Object, numbers: Mapping[str | None, int]) -> Account:
    """By its number where it alone has that; else its id tells it apart: names are not unique."""
    number, id_ = text(row, "AcctNum"), needed(row, "Id")
    code = number if number and numbers[number] == 1 else f"{number or ''}#{id_}"
    name = text(row, "FullyQualifiedName") or needed(row, "Name")
    kind = text(row, "Classification")
    return Account(code, name, TYPES.get(kind or "") if kind else None)


def _values(api: Api, dataset: Dataset, axis: str) -> dict[str, AxisValue]:
    rows = list(api.rows(dataset))
    return {
        needed(row, "Id"): AxisValue(axis, needed(row, "Id"), needed(row, "FullyQualifiedName"))
        for row in rows
    }


def _month(name: str | None) -> int:
    """The number of a month; QuickBooks writes its English name."""
    return MONTHS.index(name) + 1 if name in MONTHS else unknown("a fiscal year begins in no month")
