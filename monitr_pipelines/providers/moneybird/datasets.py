"""What is read from Moneybird: endpoints, fields, limits.

From Moneybird's OpenAPI description (github.com/moneybird/openapi, version v2-20260821). Ids are numbers of
eighteen digits, written as texts or as numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Generic, TypeAlias, TypeVar

from msgspec import UNSET, Struct, UnsetType, json, structs

from monitr_pipelines.providers.contract import RateLimit
from monitr_pipelines.providers.retries import RateHeaders

# Rows of a page: what Moneybird allows at most.
PAGE = 100
# Documents that are told by one question.
MOST_DOCUMENTS = 100

Id: TypeAlias = str | int


class AdministrationRow(Struct, gc=False):
    """An administration; its books begin with the year that `period_start_date` is the start of."""

    id: Id
    name: str
    currency: str
    suspended: bool
    period_start_date: str | None


class AccountRow(Struct, gc=False):
    """A ledger account; `account_id` is the code that people know it by, if they gave it one."""

    id: Id
    name: str
    account_type: str
    account_id: str | None


class ProjectRow(Struct, gc=False):
    """A project."""

    id: Id
    name: str


class SumRow(Struct, gc=False):
    """What an account has on one side, or stands at, debit positive."""

    ledger_account_id: Id
    value: Decimal


class Sums(Struct):
    """The same of many accounts."""

    ledger_accounts: list[SumRow]


class GeneralLedger(Struct):
    """What moved on each account within a period, and where it stands behind it."""

    debit_sums: Sums
    credit_sums: Sums
    final_balance: Sums


class EntryRow(Struct, gc=False):
    """A line of the journal; whether debit or credit is positive is not described."""

    id: Id
    date: str
    document_type: str | None
    document_id: Id | None
    ledger_account_id: Id
    project_id: Id | None
    amount: Decimal
    description: str | None


class VersionRow(Struct, gc=False):
    """A document and the moment of its last change, in seconds since 1970."""

    id: Id
    version: int | str


class DetailRow(Struct, gc=False):
    """A line of an invoice, whose amount may be spread over a period."""

    period: str | UnsetType | None = UNSET


class DocumentRow(Struct):
    """Where a document is booked: on its date, and in the periods of its lines.

    Invoices to customers call their date `invoice_date`; those that were not sent have none.
    """

    date: str | UnsetType | None = UNSET
    invoice_date: str | UnsetType | None = UNSET
    details: list[DetailRow] | UnsetType = UNSET


R = TypeVar("R", bound=Struct)


@dataclass(frozen=True)
class Dataset(Generic[R]):
    """An endpoint, and its answer: rows, or one object."""

    path: str
    row: type[R]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields that are read."""
        return tuple(each.encode_name for each in structs.fields(self.row))

    @cached_property
    def rows(self) -> Callable[[bytes], list[R]]:
        """An answer of rows as declared."""
        return json.Decoder(list[self.row]).decode  # type: ignore[name-defined]

    @cached_property
    def one(self) -> Callable[[bytes], R]:
        """An answer of one object as declared."""
        return json.Decoder(self.row).decode


@dataclass(frozen=True)
class Family:
    """Documents of one kind, which are booked in the journal: `GET` tells versions, `POST` the documents."""

    path: str
    fields: tuple[str, ...]

    @property
    def name(self) -> str:
        """As cursors call it."""
        return self.path.removesuffix("/synchronization.json").rpartition("/")[2]


def _family(path: str, *fields: str) -> Family:
    return Family(f"{path}/synchronization.json", ("id", "version", *fields))


ADMINISTRATIONS = Dataset("administrations.json", AdministrationRow)
ACCOUNTS = Dataset("ledger_accounts.json", AccountRow)
PROJECTS = Dataset("projects.json", ProjectRow)
BALANCES = Dataset("reports/general_ledger.json", GeneralLedger)
ENTRIES = Dataset("reports/journal_entries.json", EntryRow)
JOURNAL_DOCUMENTS = _family("documents/general_journal_documents", "date")
PURCHASE_INVOICES = _family("documents/purchase_invoices", "date", "details")
RECEIPTS = _family("documents/receipts", "date", "details")
SALES_INVOICES = _family("sales_invoices", "invoice_date", "details")
EXTERNAL_INVOICES = _family("external_sales_invoices", "date", "details")
MUTATIONS = _family("financial_mutations", "date")
FAMILIES = (
    JOURNAL_DOCUMENTS,
    PURCHASE_INVOICES,
    RECEIPTS,
    SALES_INVOICES,
    EXTERNAL_INVOICES,
    MUTATIONS,
)
READ = (ADMINISTRATIONS, ACCOUNTS, PROJECTS, BALANCES, ENTRIES, *FAMILIES)

PROJECT = "Project"

# For the whole platform, by user or token; see also helpcenter.moneybird.nl, "API token limiet".
LIMITS = (RateLimit("five minutes", 150, timedelta(minutes=5)),)
RATE_HEADERS = (RateHeaders("five minutes", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),)
