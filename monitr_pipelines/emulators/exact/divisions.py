"""The companies as divisions: their numbers, where they stand, who may see them, and row versions.

A row version (`Timestamp`) counts every row that is written in a database, whatever table it is in. When a
division is moved to another database all its rows are counted anew there: they may come lower than before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from monitr_pipelines.emulators.exact.forms import ZONES, wall_time
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Axis, Company, Stamp, Value

FIRST_CODE = 510_000
# Rows that are written at once have versions of their own: this many fit, more than any entry has lines.
AT_ONCE = 100_000
FIRST_DATABASE, LATER_DATABASE = 10**12, 10**11
PROJECT_AXIS = "project"


def code_of(company: int) -> int:
    """The number of a company's division."""
    return FIRST_CODE + company


def row_version(company: Company, stamp: Stamp, ordinal: int = 0) -> int:
    """The version of the row that was written at a moment, `ordinal` among those written with it."""
    database = FIRST_DATABASE if company.moved is None else LATER_DATABASE
    return database + stamp.version * AT_ONCE + ordinal


def version_before(company: Company, timestamp: int) -> int:
    """The version of the books that all rows above a row version are written after."""
    database = FIRST_DATABASE if company.moved is None else LATER_DATABASE
    return max(0, (timestamp - database) // AT_ONCE - 1)


@dataclass
class Rights:
    """What the person who gave the consent may see; tests change it while the server runs.

    Args:
        reasons: Why a division is refused (status 403), by its number; None stands for all.
        unscoped: Endpoints that the program was not registered for, such as `hrm/Costcenters`: status 403.
        hidden: Endpoints that the person has no rights on: they answer no rows, with status 200.
        archived: When a division was archived, by its number.
    """

    reasons: dict[int | None, str] = field(default_factory=dict)
    unscoped: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    archived: dict[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Divisions:
    """The companies of the books by the numbers of their divisions."""

    books: SharedBooks
    rights: Rights = field(default_factory=Rights)

    def company(self, code: int) -> Company | None:
        """The company of a division, None where there is none."""
        return self.books.companies.get(code - FIRST_CODE)

    def reachable(self) -> list[Company]:
        """Those that the person may use."""
        return [company for company in self.books.companies.values() if company.reachable]

    def zone(self, company: Company | None = None) -> ZoneInfo:
        """Where the clock on the wall hangs: in the instance's country."""
        country = company.country if company else next(iter(self.books.companies.values())).country
        return ZONES.get(country, ZONES["NL"])

    def written(self, company: Company, stamp: Stamp) -> str:
        """A moment of change as rows have it."""
        return wall_time(stamp.time, self.zone(company))

    def axes(self) -> tuple[Axis | None, Axis | None, Axis | None]:
        """What cost centres, cost units and projects hold: projects the axis of that name."""
        others = [axis for axis in self.books.axes.values() if axis.code != PROJECT_AXIS]
        project = next((axis for axis in self.books.axes.values() if axis.code == PROJECT_AXIS), None)
        centre, unit, *_ = [*others, None, None]
        return centre, unit, project

    def values(self, company: Company, axis: Axis | None) -> Iterator[Value]:
        """The values of an axis that a company may use."""
        return (
            value
            for value in self.books.values.values()
            if axis is not None and value.axis == axis.id and value.company in (None, company.id)
        )
