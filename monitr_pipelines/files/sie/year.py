"""What a SIE file says of itself before its verifications: its type, its program and its fiscal year."""

from dataclasses import dataclass
from datetime import date, timedelta

from monitr_pipelines.files.reading.dates import calendar_day
from monitr_pipelines.files.reading.problems import BadValueError, Problems, QuietProblems, refuse_file, shown
from monitr_pipelines.files.sie.items import Item, SieText
from monitr_pipelines.ledger.periods import LONGEST_YEAR_IN_MONTHS, FiscalYear, Month
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.ledger.wording import cut

WITH_VERIFICATIONS = frozenset({"", "4"})
THIS_YEAR = "0"
LONGEST_TOLD = 100
DIGITS = 8


@dataclass(frozen=True)
class SieHeader:
    """The fiscal year, [start, end), None where the file is one for import, which has none; the program."""

    years: tuple[date, date] | None
    software: str
    currency: str

    @property
    def last_day(self) -> date | None:
        """The last day of the year."""
        return self.years[1] - timedelta(days=1) if self.years else None

    @property
    def fiscal_year(self) -> FiscalYear | None:
        """The months of the year, None where they are unknown or more than any year has."""
        if self.years is None:
            return None
        first, last = Month.of(self.years[0]), Month.of(self.years[1] - timedelta(days=1))
        return FiscalYear(first, last) if 0 <= first.until(last) < LONGEST_YEAR_IN_MONTHS else None

    @property
    def period(self) -> str:
        """The days of the year, part of the keys of the lines."""
        return f"{self.years[0]}..{self.last_day}" if self.years else "sie"


def read_header(text: SieText) -> SieHeader:
    """The header of a file of type 4; one of another type is refused, because it has balances alone."""
    years: tuple[date, date] | None = None
    software = currency = ""
    for item in text.items(QuietProblems()):
        if item.label == "VER":
            break
        if item.label == "SIETYP" and item.field(0).rstrip("IiEe") not in WITH_VERIFICATIONS:
            refuse_file("sie_type", sentence("sie_type", type=shown(item.field(0))), line=item.line)
        elif item.label == "RAR" and item.field(0) == THIS_YEAR:
            years = _years(item)
        elif item.label == "PROGRAM":
            software = cut(" ".join(item.fields), LONGEST_TOLD)
        elif item.label == "VALUTA":
            currency = cut(item.field(0), LONGEST_TOLD)
    return SieHeader(years, software, currency)


def sie_day(text: str) -> date:
    """A date of the file, or BadValueError."""
    if len(text) != DIGITS or not text.isascii() or not text.isdigit():
        raise BadValueError("bad_date", sentence("no_date_in", text=shown(text), notation="YYYYMMDD"))
    return calendar_day(text, {"year": text[:4], "month": text[4:6], "day": text[6:]})


def _years(item: Item) -> tuple[date, date]:
    problems = Problems([])
    try:
        start, last = sie_day(item.field(1)), sie_day(item.field(2))
    except BadValueError as error:
        problems.add(error.code, error.message, line=item.line, column="#RAR")
        problems.refuse()
    if last < start:
        told = sentence("year_ends_before", end=last, start=start)
        problems.add("bad_year", told, line=item.line, column="#RAR")
        problems.refuse()
    return start, last + timedelta(days=1)
