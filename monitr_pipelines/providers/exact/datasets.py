"""What is read from Exact Online: endpoints, fields, limits.

From Exact's REST API reference (`HlpRestAPIResourcesDetails`); the limits are those of an app and a
division without a premium contract, and headers tell where they are others.
"""

from dataclasses import dataclass
from datetime import timedelta

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
BALANCES = Dataset(
    "financial/ReportingBalance",
    ("GLAccountCode", "BalanceType", "ReportingYear", "ReportingPeriod", "Amount"),
)
# Rows of balances beyond which no earlier year is asked for, after an increment and after a whole ledger:
# they come 60 a page, and a division allows 60 calls a minute.
MANY_BALANCES, MOST_BALANCES = 1_200, 12_000
COST_CENTRES = Dataset("hrm/Costcenters", ("ID", "Code", "Description"))
COST_UNITS = Dataset("hrm/Costunits", ("ID", "Code", "Description"))

# Endpoints by row version: `Timestamp` is one, and the only field that may be filtered.
ACCOUNTS = Dataset("sync/Financial/GLAccounts", ("Timestamp", "ID", "Code", "Description", "BalanceType"))
PROJECTS = Dataset("sync/Project/Projects", ("Timestamp", "ID", "Code", "Description"))
DELETED = Dataset("sync/Deleted", ("Timestamp", "Division", "EntityType", "EntityKey", "DeletedDate"))
LINES = Dataset(
    "sync/Financial/TransactionLines",
    (
        "Timestamp",
        "ID",
        "Division",
        "EntryID",
        "EntryNumber",
        "LineNumber",
        "Date",
        "FinancialYear",
        "FinancialPeriod",
        "JournalCode",
        "Type",
        "GLAccountCode",
        "AmountDC",
        "AmountFC",
        "Currency",
        "Description",
        "AccountName",
        "CostCenter",
        "CostUnit",
        "ProjectCode",
        "Modified",
    ),
)

READ = (DIVISIONS, PERIODS, ACCOUNTS, COST_CENTRES, COST_UNITS, PROJECTS, LINES, DELETED, BALANCES)

# Axes by the field of a line; a line has at most one value of each.
AXES = {"CostCenter": "Cost centre", "CostUnit": "Cost unit", "ProjectCode": "Project"}


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
