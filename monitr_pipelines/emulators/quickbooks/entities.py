"""The kinds of entities that can be asked for, with their rows and what a query may filter them by."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitr_pipelines.emulators.quickbooks.chart import Charts
from monitr_pipelines.emulators.quickbooks.forms import Document, Refused
from monitr_pipelines.emulators.quickbooks.masters import Masters
from monitr_pipelines.emulators.quickbooks.realms import Realms
from monitr_pipelines.emulators.quickbooks.transactions import ENTITIES, Gone, Transactions, changed
from monitr_pipelines.emulators.shared.records import Company

FILTERS = frozenset({"Id", "MetaData.CreateTime", "MetaData.LastUpdatedTime"})
NAMED = frozenset({"Active", "Name", "FullyQualifiedName", "DisplayName"})
ACCOUNT = frozenset({"AcctNum", "AccountType", "AccountSubType", "Classification", "SubAccount"})
TRANSACTION = frozenset({"TxnDate", "DocNumber"})
# Transactions that any company may have, and these books do not.
WITHOUT_ROWS = (
    *("BillPayment", "CreditMemo", "Deposit", "Payment"),
    *("RefundReceipt", "SalesReceipt", "Transfer", "VendorCredit"),
)


@dataclass(frozen=True)
class Entity:
    """A kind of entities.

    Args:
        name: As answers call it.
        rows: Makes the rows of a company, by id; those that are many only as far as they changed at or after
            a moment in µs since 1970.
        filters: What a query may filter by.
        listed: Whether a query leaves out those that are not active unless it asks for them.
        single: Whether a company has one row of it.
        gone: Those that were deleted.
    """

    name: str
    rows: Callable[[Company, int], Iterable[Document]]
    filters: frozenset[str] = FILTERS
    listed: bool = False
    single: bool = False
    gone: Callable[[Company], Iterable[Gone]] = lambda _: ()


def entities(realms: Realms, charts: Charts, transactions: Transactions) -> Mapping[str, Entity]:
    """All of them by name."""
    masters, books, tracked = Masters(realms), realms.books, realms.setup.tracked

    def accounts(company: Company, _: int) -> Iterable[Document]:
        return charts.of(company).rows(books.movements(company.id, None, None))

    named = FILTERS | NAMED
    known = [
        Entity("CompanyInfo", masters.company_info, single=True),
        Entity("Preferences", masters.preferences, single=True),
        Entity("Account", accounts, named | ACCOUNT, listed=True),
        Entity("Class", masters.classes if tracked else _not_in_plan, named, listed=True),
        Entity("Department", masters.locations if tracked else _not_in_plan, named, listed=True),
        Entity("Customer", masters.customers, named, listed=True),
        Entity("Vendor", masters.vendors, named, listed=True),
        *(_transaction(transactions, name) for name in ENTITIES),
        *(Entity(name, lambda *_: (), FILTERS | TRANSACTION) for name in WITHOUT_ROWS),
    ]
    return {each.name: each for each in known}


def _not_in_plan(_: Company, __: int) -> Iterable[Document]:
    detail = "Permission Denied Error : The subscription does not have this feature."
    raise Refused("Permission Denied Error", detail, "5020")


def _transaction(transactions: Transactions, name: str) -> Entity:
    def rows(company: Company, since: int) -> Iterable[Document]:
        return (
            transactions.row(company, entry)
            for entry in transactions.shown(company, name)
            if changed(entry).time >= since
        )

    return Entity(name, rows, FILTERS | TRANSACTION, gone=lambda company: transactions.gone(company, name))


def moment_of(row: Document) -> datetime:
    """When an entity last changed, as it tells it: to the second."""
    told = row["MetaData"]
    return datetime.fromisoformat(str(told["LastUpdatedTime"] if isinstance(told, Mapping) else told))
