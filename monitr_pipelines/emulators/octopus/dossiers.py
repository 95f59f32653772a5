"""The companies as dossiers, their bookyears with periods, and their journals by type and number.

A journal is called by a letter and a number, such as `V1`: A for purchases, V for sales, F for financial
ones, D for the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitr_pipelines.emulators.shared.books import SharedBooks, fiscal_year_start
from monitr_pipelines.emulators.shared.records import Company, Journal

FIRST_DOSSIER = 40_000
# The bookyear that began in the year after has the id 1.
YEAR_ZERO = 1999
MONTHS = 12
PURCHASES, SALES, FINANCIAL, VARIOUS = 1, 2, 3, 4
TYPES = {"P": PURCHASES, "S": SALES, "B": FINANCIAL}
LETTERS = {PURCHASES: "A", SALES: "V", FINANCIAL: "F", VARIOUS: "D"}
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Bookyear(NamedTuple):
    """A fiscal year: its id, and its first day."""

    id: int
    start: date

    @property
    def end(self) -> date:
        """Its last day."""
        return self.start.replace(year=self.start.year + 1) - DAY

    @property
    def opened(self) -> int:
        """When its accounts came to be, in µs since 1970."""
        return int(datetime.combine(self.start, datetime.min.time(), UTC).timestamp()) * 1_000_000

    def periods(self) -> Iterator[tuple[int, date, date]]:
        """Number, first and last day of each month."""
        for month in range(MONTHS):
            yield self.id_of(month), _month(self.start, month), _month(self.start, month + 1) - DAY

    def id_of(self, month: int) -> int:
        """The number of a period, such as 202601."""
        return self.start.year * 100 + month + 1


class Place(NamedTuple):
    """A journal as documents name it."""

    type: int
    number: int

    @property
    def key(self) -> str:
        """Such as `V1`."""
        return f"{LETTERS[self.type]}{self.number}"


@dataclass
class Dossiers:
    """The companies by the ids of their dossiers.

    `disabled` are dossiers that nobody may open; tests change it while the server runs.
    """

    books: SharedBooks
    zone: ZoneInfo
    disabled: set[int] = field(default_factory=set)
    _earliest: dict[int, int] = field(default_factory=dict, repr=False)
    _places: dict[int, Place] = field(default_factory=dict, repr=False)

    def company(self, dossier: int) -> Company | None:
        """The company of a dossier, None where there is none."""
        return self.books.companies.get(dossier - FIRST_DOSSIER)

    def reachable(self) -> list[Company]:
        """Those that the user may open."""
        return [each for each in self.books.companies.values() if self.may_open(each)]

    def may_open(self, company: Company) -> bool:
        """Whether the user has rights on it, and it is not disabled."""
        return company.reachable and dossier_of(company.id) not in self.disabled

    def bookyear(self, company: Company, day: date) -> Bookyear:
        """The one that a day lies in."""
        start = fiscal_year_start(company.fiscal_year_start, day)
        return Bookyear(start.year - YEAR_ZERO, start)

    def bookyears(self, company: Company) -> list[Bookyear]:
        """From that of the first entry to that of today; one that was opened stays."""
        today = self.books.clock.now().astimezone(self.zone).date()
        days = [entry.day for entry in self.books.company_entries(company.id)]
        years = [self.bookyear(company, day).start.year for day in (min([*days, today]), max([*days, today]))]
        first = self._earliest[company.id] = min(years[0], self._earliest.get(company.id, years[0]))
        starts = (date(year, company.fiscal_year_start, 1) for year in range(first, years[1] + 1))
        return [Bookyear(start.year - YEAR_ZERO, start) for start in starts]

    def period(self, company: Company, day: date) -> int:
        """The number of the period that a day lies in."""
        bookyear = self.bookyear(company, day)
        months = (day.year - bookyear.start.year) * MONTHS + day.month - bookyear.start.month
        return bookyear.id_of(months)

    def journals(self, company: int) -> list[Journal]:
        """The journals of a company."""
        return [each for each in self.books.journals.values() if each.company == company]

    def place(self, journal: int) -> Place:
        """The type of a journal, and its number among those of its type."""
        if journal not in self._places:
            of = self.books.journals[journal]
            alike = [each.id for each in self.journals(of.company) if type_of(each) == type_of(of)]
            self._places[journal] = Place(type_of(of), alike.index(journal) + 1)
        return self._places[journal]


def dossier_of(company: int) -> int:
    """The id of a company's dossier."""
    return FIRST_DOSSIER + company


def type_of(journal: Journal) -> int:
    """1 for purchases, 2 for sales, 3 for financial journals, 4 for the rest."""
    return TYPES.get(journal.kind, VARIOUS)


def _month(start: date, later: int) -> date:
    place = start.month - 1 + later
    return date(start.year + place // MONTHS, place % MONTHS + 1, 1)
