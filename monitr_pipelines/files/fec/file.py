"""The French audit file (fichier des ecritures comptables, article A47 A-1 LPF)."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import BinaryIO

from monitr_pipelines.files.fec.layout import FecLayout, fec_layout
from monitr_pipelines.files.fec.reader import FecReader
from monitr_pipelines.files.reading.accounts import Accounts, given_code_digits
from monitr_pipelines.files.reading.amounts import AmountReader, given_decimal
from monitr_pipelines.files.reading.contract import Mode, ReadSettings
from monitr_pipelines.files.reading.encoding import TextEncoding
from monitr_pipelines.files.reading.headers import plain_name
from monitr_pipelines.files.reading.limits import fits
from monitr_pipelines.files.reading.problems import BadValueError, Problems, QuietProblems
from monitr_pipelines.files.reading.records import DelimitedText, Record, fit, header_of, misfit
from monitr_pipelines.ledger.changes import Change, FiscalYearsOfItsLines, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.ledger.sentences import sentence

SHOWN_DELIMITERS = {"\t": "tab", "|": "vertical bar", ";": "semicolon", ",": "comma"}


class FecFile:
    """The LedgerFile of a FEC; it stands for the fiscal years of its lines."""

    keys_by_content = False
    format_name = "FEC"

    def __init__(
        self, stream: BinaryIO, encoding: TextEncoding, delimiter: str, settings: ReadSettings
    ) -> None:
        encoding = encoding.for_france()
        self._settings = settings
        given_code_digits(settings.code_digits)
        quoted = any(field.startswith('"') for field in _header(stream, encoding, delimiter))
        self._source = DelimitedText(stream, encoding.name, delimiter, quoted=quoted)
        _, headers = header_of(self._source)
        self._layout = fec_layout(headers)
        if settings.decimal:
            self._decimal, how = given_decimal(settings.decimal), "given"
        else:
            self._decimal, how = _decimal_mark(self._source, self._layout, settings.most_rows)
        self._how = how
        self.interpretation: Mapping[str, str] = {
            "format": "FEC (French audit file)",
            "encoding": f"{encoding.name} ({encoding.how})",
            "delimiter": f"{SHOWN_DELIMITERS[delimiter]} (detected: the header)",
            "amounts": "Montant and Sens" if self._layout.signed else "Debit and Credit",
            "date format": "YYYYMMDD (the format's own)",
            "decimal": f"{self._decimal} ({how})",
        }
        self.accounts: dict[str, Account] = {}
        self.axes: set[AxisValue] = set()
        self.findings: list[Finding] = []

    def changes(self) -> Iterator[Change]:
        """All lines as one change."""
        self.accounts.clear()
        self.findings.clear()
        if self._settings.mode is Mode.APPEND:
            yield Upsert(self._lines())
        elif self._settings.mode is Mode.OVERWRITE:
            yield Replace(WholeLedger(), self._lines())
        else:
            yield Replace(FiscalYearsOfItsLines(self._settings.calendar), self._lines())

    def _lines(self) -> Iterator[LedgerLine]:
        problems = Problems(self.findings)
        amounts = AmountReader(self._decimal, None, self._how)
        digits = given_code_digits(self._settings.code_digits)
        accounts, prefix = Accounts(self.accounts, digits), self._settings.key_prefix
        read = FecReader(self._layout, amounts, self._settings.calendar, accounts, prefix).line
        empty = True
        for line, record in self._records(problems):
            empty = False
            try:
                yield fits(read(record))
            except BadValueError as error:
                name = _FRENCH.get(error.column or "", error.column)
                problems.add(error.code, error.message, line=line, column=name)
        if empty and not problems.errors:
            problems.add("empty_file", sentence("no_lines"), line=1)
        problems.refuse_if_any()

    def _records(self, problems: Problems) -> Generator[Record]:
        headers = self._layout.headers
        records = self._source.records(problems)
        next(records, None)
        for line, record in records:
            if len(record) != len(headers) and not fit(record, headers):
                problems.add("column_count", misfit(record, len(headers)), line=line)
            elif not any(record):
                continue
            elif plain_name(record[0]) == "journalcode":
                problems.add("second_header", sentence("second_header"), line=line)
            else:
                yield line, record


_FRENCH = {
    "account_code": "CompteNum",
    "account_name": "CompteLib",
    "booking": "EcritureNum",
    "journal": "JournalCode",
    "document_number": "PieceRef",
    "relation": "CompAuxLib",
    "description": "EcritureLib",
    "ecrituredate": "EcritureDate",
    "debit": "Debit",
    "credit": "Credit",
    "montant": "Montant",
    "sens": "Sens",
    "montantdevise": "Montantdevise",
}


def _header(stream: BinaryIO, encoding: TextEncoding, delimiter: str) -> list[str]:
    return header_of(DelimitedText(stream, encoding.name, delimiter, quoted=False))[1]


def _decimal_mark(source: DelimitedText, layout: FecLayout, most_rows: int | None) -> tuple[str, str]:
    """The mark of the first amount that has one: a FEC knows no other mark than the decimal one."""
    names = ("montant",) if layout.signed else ("debit", "credit")
    places = [layout.places[name] for name in names]
    with closing(source.records(QuietProblems())) as records:
        next(records, None)
        for line, record in islice(records, most_rows):
            for place in places:
                text = record[place].strip() if place < len(record) else ""
                mark = next((character for character in reversed(text) if character in ".,"), None)
                if mark is not None:
                    return mark, f"detected from {text} in line {line}"
    return ",", "the format's own; all amounts are whole"
