"""The header of a Dutch audit file: its version, its year and its currency."""

import re
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta

from monitr_pipelines.files.audit.characters import XmlCharacters
from monitr_pipelines.files.audit.elements import Element, Elements, refuse_faulty
from monitr_pipelines.files.reading.dates import calendar_day
from monitr_pipelines.files.reading.problems import BadValueError, Problems, refuse_file, refuse_format, shown
from monitr_pipelines.files.reading.xml import NAMESPACE_END, read_xml
from monitr_pipelines.ledger.periods import LONGEST_YEAR_IN_MONTHS, FiscalYear, Month
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.ledger.wording import cut

NAMESPACE = "http://www.auditfiles.nl/XAF/3.2"
VERSION = re.compile(r"\d+(?:\.\d+)*")
LONGEST_TOLD = 100
DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:Z|[-+]\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True)
class XafHeader:
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


def read_header(characters: XmlCharacters) -> XafHeader:
    """The header of a file of version 3.2, which stands before the company; any other file is refused."""
    elements = Elements(
        {"header": _header}, _check_version, namespace=NAMESPACE, encoding=characters.encoding
    )
    with closing(read_xml(characters.open(), elements, refuse_faulty)) as headers:
        header = next(headers, None)
    if header is None:
        refuse_file("header_missing", sentence("header_missing"), line=1)
    return header


def xaf_day(text: str) -> date:
    """A date of the file, or BadValueError."""
    found = DAY.fullmatch(text)
    if found is None:
        raise BadValueError("bad_date", sentence("no_date_in", text=shown(text), notation="YYYY-MM-DD"))
    return calendar_day(text, found.groupdict())


def _check_version(root: str) -> None:
    namespace, _, name = root.rpartition(NAMESPACE_END)
    if name != "auditfile":
        refuse_format(sentence("seems_xml", root=shown(root)))
    if namespace == NAMESPACE:
        return
    version = VERSION.search(namespace.rpartition("/")[2])
    told = (
        sentence("xaf_version", version=version.group())
        if version
        else sentence("xaf_other", namespace=shown(namespace))
    )
    refuse_file("xaf_version", told, line=1)


def _header(element: Element) -> XafHeader:
    problems = Problems([])
    values = element.texts
    days: dict[str, date] = {}
    for name in ("startDate", "endDate"):
        try:
            days[name] = xaf_day(values.get(name, ""))
        except BadValueError as error:
            problems.add(error.code, error.message, line=element.line, column=name)
    if len(days) == len(("startDate", "endDate")) and days["startDate"] > days["endDate"]:
        told = sentence("year_ends_before", end=days["endDate"], start=days["startDate"])
        problems.add("bad_year", told, line=element.line, column="endDate")
    problems.refuse_if_any()
    software = f"{values.get('softwareDesc', '')} {values.get('softwareVersion', '')}".strip()
    end = days["endDate"] + timedelta(days=1)
    currency = cut(values.get("curCode", ""), LONGEST_TOLD)
    return XafHeader(days["startDate"], end, currency, cut(software, LONGEST_TOLD))
