"""The header of an XML audit file: the days that it covers, its currency and its program."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from monitr_pipelines.files.audit.elements import Element
from monitr_pipelines.files.reading.dates import calendar_day
from monitr_pipelines.files.reading.problems import BadValueError, Problems, shown
from monitr_pipelines.ledger.periods import LONGEST_YEAR_IN_MONTHS, FiscalYear, Month
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.ledger.wording import cut

LONGEST_TOLD = 100
DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:Z|[-+]\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True)
class Names:
    """What a format calls the elements of its header."""

    start: str
    end: str
    currency: str
    software: tuple[str, str]


@dataclass(frozen=True)
class FileHeader:
    """What the header says: the dates that the file covers, [start, end)."""

    start: date
    end: date
    currency: str
    software: str

    @property
    def last_day(self) -> date:
        """The last day that the file covers."""
        return self.end - timedelta(days=1)

    @property
    def fiscal_year(self) -> FiscalYear | None:
        """The months that the file covers, None where they are more than any year has."""
        first, last = Month.of(self.start), Month.of(self.last_day)
        return FiscalYear(first, last) if first.until(last) < LONGEST_YEAR_IN_MONTHS else None

    @property
    def period(self) -> str:
        """The dates, part of the keys of the file's lines: what has the same key is replaced with them."""
        return f"{self.start}..{self.last_day}"


def xml_day(text: str) -> date:
    """A date of the file, or BadValueError."""
    found = DAY.fullmatch(text)
    if found is None:
        raise BadValueError("bad_date", sentence("no_date_in", text=shown(text), notation="YYYY-MM-DD"))
    return calendar_day(text, found.groupdict())


def stated_header(element: Element, names: Names) -> FileHeader:
    """The header that an element states; a file whose dates cannot be read is refused."""
    problems = Problems([])
    values = element.texts
    days: dict[str, date] = {}
    for name in (names.start, names.end):
        try:
            days[name] = xml_day(values.get(name, ""))
        except BadValueError as error:
            problems.add(error.code, error.message, line=element.line, column=name)
    problems.refuse_if_any()
    start, last = days[names.start], days[names.end]
    if start > last:
        told = sentence("year_ends_before", end=last, start=start)
        problems.add("bad_year", told, line=element.line, column=names.end)
    problems.refuse_if_any()
    software = " ".join(filter(None, (values.get(name, "") for name in names.software)))
    currency = cut(values.get(names.currency, ""), LONGEST_TOLD)
    return FileHeader(start, last + timedelta(days=1), currency, cut(software, LONGEST_TOLD))
