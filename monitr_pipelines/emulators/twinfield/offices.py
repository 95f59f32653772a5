"""The companies as offices: their codes, who may see them, and how moments, years and periods are written."""

from dataclasses import dataclass, field
from datetime import date
from xml.sax.saxutils import escape

from monitr_pipelines.emulators.shared.books import SharedBooks, fiscal_year_start
from monitr_pipelines.emulators.shared.clock import moment
from monitr_pipelines.emulators.shared.records import Company

PREFIX = "OFF"


def code_of(company: int) -> str:
    """The code of a company's office, unique within the organisation."""
    return f"{PREFIX}{company:03d}"


def period_of(company: Company, day: date) -> tuple[int, int]:
    """The financial year, named by the calendar year in which it ends, and the month in it."""
    start = fiscal_year_start(company.fiscal_year_start, day)
    months = (day.year - start.year) * 12 + day.month - start.month
    return start.year + (company.fiscal_year_start > 1), months + 1


def day(of: date) -> str:
    """A day as browse rows have it."""
    return f"{of:%Y%m%d}"


def stamp(microseconds: int) -> str:
    """A moment in µs since 1970 as browse rows have it: UTC, in whole seconds."""
    return f"{moment(microseconds):%Y%m%d%H%M%S}"


@dataclass
class Rights:
    """What the person who gave the consent may do; tests change it while the server runs.

    Args:
        reasons: The fault code with which an office is refused, by its code; None stands for all.
    """

    reasons: dict[str | None, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Offices:
    """The companies of the books by the codes of their offices."""

    books: SharedBooks
    rights: Rights = field(default_factory=Rights)

    def company(self, code: str) -> Company | None:
        """The company of an office that the person may use, None where there is none."""
        return next((each for each in self.reachable() if code_of(each.id) == code), None)

    def reachable(self) -> list[Company]:
        """Those that the person may use."""
        return [company for company in self.books.companies.values() if company.reachable]

    def listed(self) -> str:
        """The answer to a list of offices."""
        offices = "".join(
            f'<office name="{_attribute(each.name)}" shortname="{_attribute(each.name[:20])}">'
            f"{code_of(each.id)}</office>"
            for each in self.reachable()
        )
        return f'<offices result="1">{offices}</offices>'

    def details(self, company: Company) -> str:
        """The answer to a read of one office; amounts are reported in its own currency."""
        changed = stamp(company.stamp.time)
        return (
            f'<office status="active" result="1"><code>{code_of(company.id)}</code>'
            f"<name>{escape(company.name)}</name><shortname>{escape(company.name[:20])}</shortname>"
            f"<created>{changed}</created><modified>{changed}</modified>"
            f"<basecurrency>{company.currency}</basecurrency>"
            f"<reportingcurrency>{company.currency}</reportingcurrency></office>"
        )


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})
