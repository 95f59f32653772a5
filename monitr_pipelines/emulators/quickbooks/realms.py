"""The companies as QuickBooks Online has them: their realm ids, what they track, in which currencies."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import WHOLE, Axis, Company, Line, Share, Value

FIRST_REALM = 9_130_350_000_000_000
LOCATION_AXIS = "department"
ACCRUAL, CASH = "Accrual", "Cash"
CELLS = 400_000


class NotShown(ValueError):
    """The books hold what this software has no form for."""


@dataclass(frozen=True)
class Setup:
    """What can be chosen of the emulated companies; see `OPTIONS` of the package.

    Args:
        several: Whether they keep books in several currencies; None: where a line of theirs does.
        tracked: Whether their plan has classes and locations.
        basis: The accounting method of reports that are asked for without one.
        cells: How many a report has at most.
    """

    several: bool | None = None
    tracked: bool = True
    basis: str = ACCRUAL
    cells: int = CELLS


@dataclass(frozen=True)
class Codes:
    """The one class and location of a line."""

    klass: Value | None = None
    location: Value | None = None


def realm_of(company: int) -> str:
    """The id of a company in addresses."""
    return str(FIRST_REALM + company)


class Realms:
    """The companies of the books by their realm ids."""

    def __init__(self, books: SharedBooks, setup: Setup) -> None:
        self.books = books
        self.setup = setup
        foreign = {entry.company for entry, line in books.lines() if line.currency}
        self._several = {
            company: company in foreign if setup.several is None else setup.several
            for company in books.companies
        }
        # By the shares of a line, at a revision of the books: most lines have those of others.
        self._codes: tuple[int, dict[tuple[Share, ...], Codes]] = (-1, {})

    def company(self, realm: str) -> Company | None:
        """The company of a realm that the person may use, None where there is none."""
        return next((company for company in self.reachable() if realm_of(company.id) == realm), None)

    def reachable(self) -> list[Company]:
        """Those that the person may use."""
        return [company for company in self.books.companies.values() if company.reachable]

    def several_currencies(self, company: Company) -> bool:
        """Whether a company keeps books in several currencies: once it does, it always will."""
        return self._several[company.id]

    def axes(self) -> tuple[Axis | None, Axis | None]:
        """What classes and locations hold; this software has no third one."""
        axes = self.books.axes.values()
        klass = next((axis for axis in axes if axis.code != LOCATION_AXIS), None)
        return klass, next((axis for axis in axes if axis.code == LOCATION_AXIS), None)

    def values(self, company: Company, axis: Axis | None) -> Iterator[Value]:
        """The values of an axis that a company may use."""
        return (
            value
            for value in self.books.values.values()
            if axis is not None and value.axis == axis.id and value.company in (None, company.id)
        )

    def codes(self, line: Line) -> Codes:
        """The class and the location of a line.

        Raises:
            NotShown: It is divided, or has two values of an axis: this software has no such lines.
        """
        revision = self.books.revision
        if self._codes[0] != revision:
            self._codes = (revision, {(): Codes()})
        if (known := self._codes[1].get(line.shares)) is None:
            known = self._codes[1][line.shares] = self._codes_of(line)
        return known

    def _codes_of(self, line: Line) -> Codes:
        values = [self.books.values[value] for share in line.shares for value in share.values]
        by_axis = {value.axis: value for value in values}
        if len(by_axis) < len(values) or any(share.percent != WHOLE for share in line.shares):
            raise NotShown(f"line {line.id} is divided over values of an axis")
        return Codes(*(by_axis.get(axis.id) if axis else None for axis in self.axes()))
