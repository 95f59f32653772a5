"""The companies as offices: codes, financial periods, who may see them, and how moments are written."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from xml.sax.saxutils import escape

from lxml import etree

from monitr_pipelines.emulators.shared.books import SharedBooks, fiscal_year_start
from monitr_pipelines.emulators.shared.clock import moment
from monitr_pipelines.emulators.shared.records import Company
from monitr_pipelines.emulators.twinfield.envelope import CONTRACTS, TWINFIELD, Faulty

PREFIX = "OFF"
PERIODS = f"{CONTRACTS}.PeriodService"
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
MONTHS = 12


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


@dataclass(frozen=True)
class Periods:
    """The service of financial years and their periods, which are months."""

    books: SharedBooks

    def answer(self, query: etree._Element, company: Company) -> str:
        """The result of a `Query`, which says by its type what it asks.

        Raises:
            Faulty: It is another question, or of a year that there is not.
        """
        name = query.get(f"{{{INSTANCE}}}type", "").rpartition(":")[2]
        years = self._years(company)
        if name == "GetYears":
            told = "".join(f"<c:int>{year}</c:int>" for year in years)
            return _result(name, f'<b:Years xmlns:c="{ARRAYS}">{told}</b:Years>')
        if name != "GetPeriods":
            raise Faulty(text="The query is of no type that this service knows.")
        year = query.findtext(f"{{{PERIODS}}}Year", "")
        if year not in map(str, years):
            code = "<Code>YearNotFound</Code><Message>Year not found.</Message>"
            detail = f'<PeriodServiceFault xmlns="{PERIODS}">{code}</PeriodServiceFault>'
            raise Faulty(text="Year not found.", detail=detail)
        periods = "".join(
            f"<b:Period><b:EndDate>{_end(company, int(year), number)}T00:00:00</b:EndDate>"
            f"<b:Name>{year}/{number:02}</b:Name><b:Number>{number}</b:Number><b:Open>true</b:Open></b:Period>"
            for number in range(1, MONTHS + 1)
        )
        return _result(name, f"<b:Periods>{periods}</b:Periods>")

    def _years(self, company: Company) -> range:
        """From the first that has an entry to the one of today."""
        days = [entry.day for entry in self.books.company_entries(company.id)]
        years = [period_of(company, each)[0] for each in (*days, self.books.clock.now().date())]
        return range(min(years), max(years) + 1)


def _result(name: str, inner: str) -> str:
    return (
        f'<Result xmlns="{TWINFIELD}" xmlns:i="{INSTANCE}" xmlns:b="{PERIODS}" i:type="b:{name}Result">'
        f"{inner}</Result>"
    )


def _end(company: Company, year: int, number: int) -> date:
    """The last day of a period: its year is called by the one in which it ends."""
    months = (year - (company.fiscal_year_start > 1)) * MONTHS + company.fiscal_year_start - 1 + number
    return date(months // MONTHS, months % MONTHS + 1, 1) - timedelta(days=1)
