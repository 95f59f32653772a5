"""The French audit file (fichier des ecritures comptables, article A47 A-1 LPF)."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import BinaryIO

from monitr_pipelines.files.fec.columns import FecColumns
from monitr_pipelines.files.fec.layout import FecLayout, fec_layout
from monitr_pipelines.files.fec.reader import FecReader
from monitr_pipelines.files.fec.year import FirstMark, year_of_file
from monitr_pipelines.files.reading.accounts import Accounts, given_code_digits
from monitr_pipelines.files.reading.amounts import AmountReader, given_decimal
from monitr_pipelines.files.reading.by_column.pieces import pieces
from monitr_pipelines.files.reading.contract import ReadSettings, one_change, scope_of
from monitr_pipelines.files.reading.controls import cleaned
from monitr_pipelines.files.reading.encoding import TextEncoding
from monitr_pipelines.files.reading.headers import plain_name
from monitr_pipelines.files.reading.limits import fits
from monitr_pipelines.files.reading.problems import BadValueError, Problems, QuietProblems
from monitr_pipelines.files.reading.records import Counted, DelimitedText, Record, fit, header_of, misfit
from monitr_pipelines.ledger.blocks import AxisNumbers, Block
from monitr_pipelines.ledger.changes import Change, Scope, Written
from monitr_pipelines.ledger.columns import blocks_of_lines
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.ledger.sentences import sentence

LABELS = frozenset({"journallib", "comptelib", "compauxlib", "ecriturelib"})
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
        self._controls = encoding.controls
        self._digits = given_code_digits(settings.code_digits)
        quoted = any(field.startswith('"') for field in _header(stream, encoding, delimiter))
        self._source = DelimitedText(stream, encoding.name, delimiter, quoted=quoted)
        _, headers = header_of(self._source)
        self._layout = fec_layout(headers)
        self._strict = {
            place: headers[place] for name, place in self._layout.places.items() if name not in LABELS
        }
        # Of quoted fields the quick pass cannot tell where they end.
        first_mark = None if quoted or settings.decimal else FirstMark(self._source, self._layout)
        self._year = year_of_file(self._source, self._layout, settings.calendar, first_mark)
        self.fiscal_year = self._year.year
        if settings.decimal:
            self._decimal, how = given_decimal(settings.decimal), "given"
        elif first_mark:
            self._decimal, how = _mark_of(first_mark.text, first_mark.line)
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
        self.at_line = 0

    def changes(self) -> Iterator[Change]:
        """All lines as one change."""
        self._forget()
        yield one_change(scope_of(self._settings), self._lines())

    def written(self) -> Iterator[Written]:
        """The same, the lines as text that is ready for the database."""
        self._forget()
        scope = scope_of(self._settings)
        yield Written(scope, self._blocks(scope))

    def _forget(self) -> None:
        self.accounts.clear()
        self.findings.clear()

    def _reader(self, accounts: Accounts) -> FecReader:
        amounts = AmountReader(self._decimal, None, self._how)
        calendar, prefix = self._settings.calendar, self._settings.key_prefix
        return FecReader(self._layout, amounts, calendar, accounts, prefix, opens_on=self._year.start)

    def _lines(self) -> Iterator[LedgerLine]:
        problems = Problems(self.findings)
        reader, records = self._reader(self._accounts()), Counted(self._records(problems))
        yield from self._read(reader, records, problems)
        reader.tell(problems)
        _end(records.count, problems)

    def _accounts(self) -> Accounts:
        return Accounts(self.accounts, self._digits)

    def _read(self, reader: FecReader, records: Iterable[Record], problems: Problems) -> Iterator[LedgerLine]:
        for line, record in records:
            self.at_line = line
            try:
                yield fits(reader.line(record))
            except BadValueError as error:
                name = _FRENCH.get(error.column or "", error.column)
                problems.add(error.code, error.message, line=line, column=name)

    def _blocks(self, scope: Scope | None) -> Iterator[Block]:
        """The lines as text, by column where they are as plain as most are."""
        if self._controls.count or self._year.start:
            yield from blocks_of_lines(self._lines(), AxisNumbers(), scope)
            return
        problems = Problems(self.findings)
        accounts, numbers, count = self._accounts(), AxisNumbers(), 0
        reader = self._reader(accounts)
        by_column = FecColumns(self._layout, reader, decimal=self._decimal, accounts=accounts, scope=scope)
        for piece in pieces(self._source):
            if block := by_column.read(piece):
                count += block.lines
                yield block
                continue
            records = Counted(self._usual(piece.records(problems), problems), count)
            yield from blocks_of_lines(self._read(reader, records, problems), numbers, scope)
            count = records.count
        _end(count, problems)

    def _records(self, problems: Problems) -> Generator[Record]:
        records = self._source.records(problems)
        if self._controls.count:
            self._controls.tell(problems)
            records = cleaned(records, self._strict, problems)
        next(records, None)
        yield from self._usual(records, problems)

    def _usual(self, records: Iterable[Record], problems: Problems) -> Generator[Record]:
        """Those of records that are as wide as the header."""
        headers = self._layout.headers
        for line, record in records:
            if len(record) != len(headers) and not fit(record, headers):
                problems.add("column_count", misfit(record, len(headers)), line=line)
            elif not any(record):
                continue
            elif plain_name(record[0]) == "journalcode":
                problems.add("second_header", sentence("second_header"), line=line)
            else:
                yield line, record


def _end(count: int, problems: Problems) -> None:
    """Refuse a file that has problems, or no line."""
    if not count and not problems.errors:
        problems.add("empty_file", sentence("no_lines"), line=1)
    problems.refuse_if_any()


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
                if any(character in ".," for character in text):
                    return _mark_of(text, line)
    return _mark_of(None, 1)


def _mark_of(amount: str | None, line: int) -> tuple[str, str]:
    """The decimal mark of the first amount that has one, and how it is known."""
    if amount is None:
        return ",", "the format's own; all amounts are whole"
    mark = next(character for character in reversed(amount) if character in ".,")
    return mark, f"detected from {amount} in line {line}"
