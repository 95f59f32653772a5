"""What is read from Twinfield: browse columns, dimension types, services, limits.

Columns are those of the browse definitions 030_3 (general ledger, details) and 040_1 (annual report, totals).
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Final

from monitr_pipelines.providers.contract import RateLimit

HEAD, LINE = "fin.trs.head.", "fin.trs.line."
YEAR, PERIOD, YEAR_PERIOD = f"{HEAD}year", f"{HEAD}period", f"{HEAD}yearperiod"
STATUS, MODIFIED = f"{HEAD}status", f"{HEAD}modified"
ACCOUNT, ACCOUNT_TYPE, AMOUNT = f"{LINE}dim1", f"{LINE}dim1type", f"{LINE}basevaluesigned"
# Of some offices only: those that keep regimes for their fixed assets.
REGIMES = frozenset({f"{HEAD}regime", f"{HEAD}browseregime"})
# Provisional and final transactions together, and all others.
BOOKED, DRAFT = "normal", "temporary"


@dataclass(frozen=True)
class Browse:
    """A browse code, and the columns that are shown; a row of lines, and none of sums, has the line's key."""

    name: str
    fields: tuple[str, ...]
    of_lines: bool = True


@dataclass(frozen=True)
class Service:
    """Another question, and what is read of its answers."""

    name: str
    fields: tuple[str, ...]


LINES = Browse(
    "030_3",
    (
        YEAR,
        PERIOD,
        f"{HEAD}date",
        f"{HEAD}curcode",
        f"{HEAD}relationname",
        MODIFIED,
        ACCOUNT,
        f"{LINE}dim2",
        f"{LINE}dim2name",
        f"{LINE}dim2type",
        f"{LINE}dim3",
        f"{LINE}dim3type",
        f"{LINE}valuesigned",
        AMOUNT,
        f"{LINE}description",
    ),
)
# Which transactions changed, where they are, and which are drafts (again).
CHANGES = Browse("030_3", (YEAR, PERIOD, STATUS))
TOTALS = Browse("040_1", (YEAR, PERIOD, ACCOUNT, ACCOUNT_TYPE, AMOUNT), of_lines=False)
OFFICES = Service("offices", ("office",))
OFFICE = Service("office", ("code", "name", "basecurrency"))
DIMENSIONS = Service("DIM", ("code", "name"))
YEARS = Service("GetYears", ("int",))
PERIODS = Service("GetPeriods", ("Number", "EndDate"))
DELETED = Service("GetDeletedTransactions", ("Daybook", "TransactionNumber", "DeletionDate"))

READ = (LINES, CHANGES, TOTALS, OFFICES, OFFICE, DIMENSIONS, YEARS, PERIODS, DELETED)

BALANCE_SHEET, PROFIT_AND_LOSS = "BAS", "PNL"
RELATIONS = frozenset({"DEB", "CRD"})
# Axes by the type of a dimension; others are called by their type.
AXES = {"KPL": "Cost centre", "PRJ": "Project", "ACT": "Activity", "AST": "Asset"}
# Rows of a page of the finder.
PAGE: Final = 100
# Credits a minute, of which a question costs one; others of this client use them too.
LIMITS = (RateLimit("minute", 600, timedelta(minutes=1)),)


def fields_by_name() -> dict[str, tuple[str, ...]]:
    """What is read, by the name of each browse, list and service."""
    read = {each.name: [other.fields for other in READ if other.name == each.name] for each in READ}
    return {name: tuple(dict.fromkeys(chain.from_iterable(fields))) for name, fields in read.items()}
