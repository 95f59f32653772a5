"""The companies of the books as administrations, and what the person who agreed may see of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from monitr_pipelines.emulators.moneybird.forms import identifier, number_of
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import WHOLE, Company, Line, Relation, Share, Value

ZONES = {"BE": "Europe/Brussels", "NL": "Europe/Amsterdam"}
LANGUAGES = {"BE": "nl-be", "NL": "nl"}
PROJECT_AXIS = "project"

Row = dict[str, object]


class NotShown(ValueError):
    """The books hold what this software has no form for."""


@dataclass
class Rights:
    """What the person who gave the consent may see; tests change it while the server runs.

    Args:
        suspended: The companies whose subscription has ended: listed, and closed.
        missing: Scopes that the person has no rights for, whatever the token says.
    """

    suspended: set[int] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Administrations:
    """The companies by their identifiers."""

    books: SharedBooks
    rights: Rights = field(default_factory=Rights)
    # The project of each combination of values: large books have few of them.
    _projects: dict[tuple[Share, ...], int | None] = field(default_factory=dict, repr=False)

    def company(self, text: str) -> Company | None:
        """The company of an administration that the person may see, None where there is none."""
        company = self.books.companies.get(number_of("administration", text) or 0)
        return company if company and company.reachable else None

    def reachable(self) -> list[Company]:
        """Those that the person may see."""
        return [company for company in self.books.companies.values() if company.reachable]

    def today(self, company: Company) -> date:
        """The day where the administration is kept."""
        return self.books.clock.now().astimezone(ZoneInfo(_zone(company))).date()

    def projects(self, company: Company) -> Iterator[Value]:
        """The values of the axis `project` that a company may use: there is no other axis."""
        return (
            value
            for value in self.books.values.values()
            if self.books.axes[value.axis].code == PROJECT_AXIS and value.company in (None, company.id)
        )

    def contacts(self, company: Company) -> Iterator[Relation]:
        """The customers and suppliers of a company."""
        return (each for each in self.books.relations.values() if each.company == company.id)

    def project_of(self, line: Line) -> int | None:
        """The one project of a line, None where it has none.

        Raises:
            NotShown: It has several, or a part of one: this software has no such lines.
        """
        if line.shares not in self._projects:
            self._projects[line.shares] = self._project_in(line)
        return self._projects[line.shares]

    def row(self, company: Company, began: date) -> Row:
        """An administration as it is listed; `began` is the first day of its first year with entries."""
        locked = company.locked_through
        return {
            "id": identifier("administration", company.id),
            "name": company.name,
            "language": LANGUAGES.get(company.country, "en"),
            "currency": company.currency,
            "country": company.country,
            "time_zone": _zone(company),
            "access": "user",
            "suspended": company.id in self.rights.suspended,
            "period_locked_until": locked.isoformat() if locked else None,
            "period_start_date": began.isoformat(),
        }

    def _project_in(self, line: Line) -> int | None:
        found = [
            (value, share.percent)
            for share in line.shares
            for value in share.values
            if self.books.axes[self.books.values[value].axis].code == PROJECT_AXIS
        ]
        if len(found) > 1 or any(percent != WHOLE for _, percent in found):
            raise NotShown(f"line {line.id} is divided over projects")
        return found[0][0] if found else None


def _zone(company: Company) -> str:
    return ZONES.get(company.country, ZONES["NL"])
