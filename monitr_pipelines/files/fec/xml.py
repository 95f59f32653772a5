"""The French audit file as XML, the other form that its law allows: entries within journals within a year."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date
from functools import partial
from typing import BinaryIO

from monitr_pipelines.files.audit.characters import XmlCharacters, find_characters
from monitr_pipelines.files.audit.elements import Element, Elements, Labels, refuse_faulty
from monitr_pipelines.files.fec.layout import FecLayout
from monitr_pipelines.files.fec.reader import FecReader, day_of
from monitr_pipelines.files.reading.accounts import Accounts
from monitr_pipelines.files.reading.amounts import AmountReader
from monitr_pipelines.files.reading.contract import ReadSettings, one_change, scope_of
from monitr_pipelines.files.reading.headers import plain_name
from monitr_pipelines.files.reading.limits import fits
from monitr_pipelines.files.reading.problems import BadValueError, Problems, refuse_file
from monitr_pipelines.files.reading.xml import read_xml
from monitr_pipelines.ledger.changes import Change
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.ledger.sentences import sentence

ROOT = "comptabilite"
NAMES = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum",
    "CompAuxLib", "PieceRef", "EcritureLib", "Debit", "Credit", "Montant", "Sens", "Montantdevise", "Idevise",
)  # fmt: skip
LABELS = frozenset({"JournalLib", "CompteLib", "CompAuxLib", "EcritureLib"})
CODES = frozenset(NAMES) - LABELS
COLUMNS = {plain_name(name): name for name in NAMES} | {
    "account_code": "CompteNum",
    "account_name": "CompteLib",
}
MONTHS_BEFORE = 11


class XmlFecFile:
    """The LedgerFile of a FEC in XML; it stands for the fiscal years of its lines."""

    keys_by_content = False
    format_name = "FEC (XML)"

    def __init__(self, stream: BinaryIO, settings: ReadSettings) -> None:
        self._settings = settings
        self._characters = find_characters(stream, settings.encoding)
        self.fiscal_year: FiscalYear | None = _year(_closing_day(self._characters), settings.calendar)
        self.interpretation: Mapping[str, str] = {
            "format": "FEC (French audit file) as XML",
            "encoding": self._characters.told,
            "dates": f"{self.fiscal_year} (DateCloture)",
        }
        self.accounts: dict[str, Account] = {}
        self.axes: set[AxisValue] = set()
        self.findings: list[Finding] = []

    def changes(self) -> Iterator[Change]:
        """All lines as one change."""
        self.accounts.clear()
        self.findings.clear()
        yield one_change(scope_of(self._settings), self._lines())

    def _lines(self) -> Iterator[LedgerLine]:
        problems = Problems(self.findings)
        self._characters.tell(problems)
        labels = Labels(LABELS, CODES, problems)
        readers = {signed: self._reader(signed=signed) for signed in (False, True)}
        elements = Elements(
            {"ligne": partial(_line, readers, problems)},
            namespace="",
            encoding=self._characters.encoding,
            labels=labels,
        )
        empty = True
        for line in read_xml(self._characters.open(), elements, refuse_faulty):
            empty = False
            yield line
        labels.tell()
        for reader in readers.values():
            reader.tell(problems)
        if empty and not problems.errors:
            problems.add("empty_file", sentence("no_lines_in_audit_file"))
        problems.refuse_if_any()

    def _reader(self, *, signed: bool) -> FecReader:
        """The reader of lines with a debit and a credit, or of those with an amount and its side."""
        layout = FecLayout(NAMES, {plain_name(name): place for place, name in enumerate(NAMES)}, signed)
        amounts = AmountReader(".", "", "the format's own")
        return FecReader(
            layout,
            amounts,
            self._settings.calendar,
            Accounts(self.accounts),
            f"{self._settings.key_prefix}{'signed/' if signed else ''}",
            opens_on=self.fiscal_year.start if self.fiscal_year else None,
        )


def _line(readers: Mapping[bool, FecReader], problems: Problems, element: Element) -> LedgerLine | None:
    """The line of an element: what its entry and its journal say is true of it too."""
    entry = element.parent
    journal = entry.parent if entry is not None else None
    texts = {
        **(journal.texts if journal is not None else {}),
        **(entry.texts if entry is not None else {}),
        **element.texts,
    }
    record = [texts.get(name, "") for name in NAMES]
    place = NAMES.index("EcritureDate")
    record[place] = record[place].partition("T")[0]
    try:
        return fits(readers["Montant" in element.texts].line(record))
    except BadValueError as error:
        column = COLUMNS.get(error.column or "", error.column)
        problems.add(error.code, error.message, line=element.line, column=column)
        return None


def _closing_day(characters: XmlCharacters) -> date:
    """The last day of the year, which stands before its journals; a file without it is refused."""
    handlers: dict[str, Callable[[Element], tuple[str, int | None] | None]] = {
        "DateCloture": lambda element: (
            (element.parent.texts.get("DateCloture", ""), element.line) if element.parent else None
        ),
        "journal": lambda element: ("", element.line),
    }
    elements = Elements(handlers, namespace="", encoding=characters.encoding)
    with closing(read_xml(characters.open(), elements, refuse_faulty)) as days:
        text, line = next(days, ("", 1))
    try:
        return day_of(text.partition("T")[0])
    except BadValueError as error:
        refuse_file(error.code, error.message, line=line, column="DateCloture")


def _year(closing_day: date, calendar: FiscalCalendar) -> FiscalYear:
    """The year that ends on a day: that of the calendar where it does, or else one of twelve months."""
    last = Month.of(closing_day)
    year = calendar.year_of(last)
    return year if year.last == last else FiscalYear(last.plus(-MONTHS_BEFORE), last)
