"""What is read from Exact Online: endpoints, fields, limits.

From Exact's REST API reference (`HlpRestAPIResourcesDetails`); the limits are those of an app and a
division without a premium contract, and headers tell where they are others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Generic, TypeVar

from msgspec import Struct, field, json, structs

from monitr_pipelines.providers.contract import RateLimit
from monitr_pipelines.providers.retries import RateHeaders

# Rows of a page of the endpoints below `sync/`.
PAGE = 1000


@dataclass(frozen=True)
class Dataset:
    """An endpoint below a division, and the fields that are asked for."""

    path: str
    fields: tuple[str, ...]


DIVISIONS = Dataset(
    "system/Divisions",
    ("Code", "Description", "Currency", "Status", "DivisionMoveDate", "DivisionHRLinkUnlinkDate"),
)
PERIODS = Dataset("financial/FinancialPeriods", ("FinYear", "FinPeriod", "StartDate", "EndDate"))
# Rows of balances beyond which no earlier year is asked for, after an increment and after a whole ledger:
# they come 60 a page, and a division allows 60 calls a minute.
MANY_BALANCES, MOST_BALANCES = 1_200, 12_000
COST_CENTRES = Dataset("hrm/Costcenters", ("ID", "Code", "Description"))
COST_UNITS = Dataset("hrm/Costunits", ("ID", "Code", "Description"))


class SyncRow(Struct, gc=False):
    """A row of an endpoint by row version: `timestamp` is one, and the only field that may be filtered."""

    timestamp: int = field(name="Timestamp")


class AccountRow(SyncRow):
    """An account of the chart."""

    id: str = field(name="ID")
    code: str = field(name="Code")
    description: str | None = field(name="Description")
    balance_type: str | None = field(name="BalanceType")


class ProjectRow(SyncRow):
    """A project."""

    id: str = field(name="ID")
    code: str = field(name="Code")
    description: str | None = field(name="Description")


class DeletedRow(SyncRow):
    """A row of the log of deletions: what was deleted is known by kind and key."""

    division: int = field(name="Division")
    entity_type: int = field(name="EntityType")
    entity_key: str = field(name="EntityKey")
    written: str | None = field(name="DeletedDate")


class LineRow(SyncRow):
    """A transaction line; amounts of the division's currency are `DC`, debit positive."""

    id: str = field(name="ID")
    division: int = field(name="Division")
    entry: str = field(name="EntryID")
    entry_number: int = field(name="EntryNumber")
    line_number: int = field(name="LineNumber")
    date: str = field(name="Date")
    year: int = field(name="FinancialYear")
    period: int = field(name="FinancialPeriod")
    journal: str | None = field(name="JournalCode")
    type: int = field(name="Type")
    account: str = field(name="GLAccountCode")
    amount: Decimal = field(name="AmountDC")
    foreign_amount: Decimal | None = field(name="AmountFC")
    currency: str | None = field(name="Currency")
    description: str | None = field(name="Description")
    relation: str | None = field(name="AccountName")
    cost_centre: str | None = field(name="CostCenter")
    cost_unit: str | None = field(name="CostUnit")
    project: str | None = field(name="ProjectCode")
    written: str | None = field(name="Modified")


class BalanceRow(Struct, gc=False):
    """What moved on an account within a reporting period, debit positive; a part of it."""

    account: str = field(name="GLAccountCode")
    balance_type: str | None = field(name="BalanceType")
    year: int = field(name="ReportingYear")
    period: int = field(name="ReportingPeriod")
    amount: Decimal | None = field(name="Amount")


R = TypeVar("R", bound=Struct)
S = TypeVar("S", bound=SyncRow)


class Inner(Struct, Generic[R]):
    """A page, and the address of the next one."""

    results: list[R]
    next: str | None = field(name="__next", default=None)


class Envelope(Struct, Generic[R]):
    """An answer; services of OData's first version leave the inner envelope out."""

    d: Inner[R] | list[R]


@dataclass(frozen=True)
class TypedDataset(Generic[R]):
    """An endpoint, and its rows; what is asked for is what they declare."""

    path: str
    row: type[R]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields that are asked for, as Exact calls them."""
        return tuple(each.encode_name for each in structs.fields(self.row))

    @cached_property
    def decode(self) -> Callable[[bytes], Envelope[R]]:
        """An answer as declared; numbers of 64 bits may come as text."""
        return json.Decoder(Envelope[self.row], strict=False).decode  # type: ignore[name-defined]


class SyncDataset(TypedDataset[S]):
    """An endpoint by row version."""


BALANCES = TypedDataset("financial/ReportingBalance", BalanceRow)
ACCOUNTS = SyncDataset("sync/Financial/GLAccounts", AccountRow)
PROJECTS = SyncDataset("sync/Project/Projects", ProjectRow)
DELETED = SyncDataset("sync/Deleted", DeletedRow)
LINES = SyncDataset("sync/Financial/TransactionLines", LineRow)

READ = (DIVISIONS, PERIODS, ACCOUNTS, COST_CENTRES, COST_UNITS, PROJECTS, LINES, DELETED, BALANCES)

COST_CENTRE, COST_UNIT, PROJECT = "Cost centre", "Cost unit", "Project"
# Axes by the field of a line; a line has at most one value of each.
AXES = {"cost_centre": COST_CENTRE, "cost_unit": COST_UNIT, "project": PROJECT}


def limits_of(division: str | None) -> tuple[RateLimit, ...]:
    """The limits of a division; None before it is known which one a user has."""
    return (
        RateLimit(f"minute {division or ''}".strip(), 60, timedelta(minutes=1)),
        RateLimit(f"day {division or ''}".strip(), 5000, timedelta(days=1)),
    )


def rate_headers_of(division: str | None) -> tuple[RateHeaders, ...]:
    """How Exact tells what is left of them; resets are in milliseconds since 1970."""
    minute, day = limits_of(division)
    return tuple(
        RateHeaders(name, f"{prefix}-Limit", f"{prefix}-Remaining", f"{prefix}-Reset")
        for name, prefix in ((minute.name, "X-RateLimit-Minutely"), (day.name, "X-RateLimit"))
    )
