"""What is read from Xero: endpoints and fields, from its own OpenAPI description (accounting 16.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Generic, TypeVar

from msgspec import Struct, field, json, structs

BOOKS = "/api.xro/2.0"


class ConnectionRow(Struct):
    """A tenant that a person connected: an organisation, or the practice of an accountant."""

    tenant: str = field(name="tenantId")
    kind: str = field(name="tenantType")


class OrganisationRow(Struct):
    """An organisation. Its fiscal year ends on a day of a month; 29 February stands for the last of it."""

    name: str = field(name="Name")
    currency: str = field(name="BaseCurrency")
    end_day: int = field(name="FinancialYearEndDay")
    end_month: int = field(name="FinancialYearEndMonth")


class AccountRow(Struct):
    """An account of the chart; bank accounts may have no code."""

    id: str = field(name="AccountID")
    name: str = field(name="Name")
    code: str | None = field(name="Code", default=None)
    kind: str | None = field(name="Class", default=None)
    system: str | None = field(name="SystemAccount", default=None)


class OptionRow(Struct):
    """An option of a tracking category."""

    id: str = field(name="TrackingOptionID")
    name: str = field(name="Name")


class CategoryRow(Struct):
    """A tracking category."""

    name: str = field(name="Name")
    options: list[OptionRow] = field(name="Options", default_factory=list)


class TrackingRow(Struct, frozen=True, gc=False):
    """The option of a tracking category that a journal line has; its names, and its id where that is told."""

    name: str | None = field(name="Name", default=None)
    option: str | None = field(name="Option", default=None)
    option_id: str | None = field(name="TrackingOptionID", default=None)


class JournalLineRow(Struct):
    """A line of a journal. `net` is what it books on its account, debit positive, tax not included."""

    account: str = field(name="AccountID")
    net: Decimal = field(name="NetAmount")
    id: str | None = field(name="JournalLineID", default=None)
    code: str | None = field(name="AccountCode", default=None)
    description: str | None = field(name="Description", default=None)
    tracking: tuple[TrackingRow, ...] | None = field(name="TrackingCategories", default=None)


class JournalRow(Struct):
    """A journal of the general ledger; it never changes once it is there."""

    id: str = field(name="JournalID")
    number: int = field(name="JournalNumber")
    date: str = field(name="JournalDate")
    created: str = field(name="CreatedDateUTC")
    lines: list[JournalLineRow] = field(name="JournalLines")
    reference: str | None = field(name="Reference", default=None)
    source: str | None = field(name="SourceType", default=None)


class AttributeRow(Struct):
    """What a cell of a report refers to, such as an account."""

    id: str = field(name="Id")
    value: str = field(name="Value")


class CellRow(Struct):
    """A cell of a report."""

    value: str | None = field(name="Value", default=None)
    attributes: list[AttributeRow] | None = field(name="Attributes", default=None)


class ReportRow(Struct):
    """A row of a report; a section has rows in it."""

    kind: str = field(name="RowType")
    cells: list[CellRow] = field(name="Cells", default_factory=list)
    rows: list["ReportRow"] = field(name="Rows", default_factory=list)


class Report(Struct):
    """A report."""

    rows: list[ReportRow] = field(name="Rows")


class Organisations(Struct):
    """An answer with the organisation of a tenant."""

    found: list[OrganisationRow] = field(name="Organisations")


class Accounts(Struct):
    """An answer with the whole chart."""

    found: list[AccountRow] = field(name="Accounts")


class TrackingCategories(Struct):
    """An answer with all tracking categories."""

    found: list[CategoryRow] = field(name="TrackingCategories")


class Journals(Struct):
    """An answer with a page of journals."""

    found: list[JournalRow] = field(name="Journals")


class Reports(Struct):
    """An answer with a report."""

    found: list[Report] = field(name="Reports")


D = TypeVar("D")


@dataclass(frozen=True)
class Dataset(Generic[D]):
    """An endpoint, the document that it answers, and the rows within it."""

    path: str
    document: type[D]
    rows: tuple[type[Struct], ...]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields that are read, as Xero calls them."""
        named = (each.encode_name for row in self.rows for each in structs.fields(row))
        return tuple(dict.fromkeys(named))

    @cached_property
    def decode(self) -> Callable[[bytes], D]:
        """An answer as declared."""
        return json.Decoder(self.document).decode


CONNECTIONS = Dataset("/connections", list[ConnectionRow], (ConnectionRow,))
ORGANISATION = Dataset(f"{BOOKS}/Organisation", Organisations, (OrganisationRow,))
ACCOUNTS = Dataset(f"{BOOKS}/Accounts", Accounts, (AccountRow,))
TRACKING_CATEGORIES = Dataset(f"{BOOKS}/TrackingCategories", TrackingCategories, (CategoryRow, OptionRow))
JOURNALS = Dataset(f"{BOOKS}/Journals", Journals, (JournalRow, JournalLineRow, TrackingRow))
TRIAL_BALANCE = Dataset(f"{BOOKS}/Reports/TrialBalance", Reports, (ReportRow, CellRow, AttributeRow))

READ = (CONNECTIONS, ORGANISATION, ACCOUNTS, TRACKING_CATEGORIES, JOURNALS, TRIAL_BALANCE)
