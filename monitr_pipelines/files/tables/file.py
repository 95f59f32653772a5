"""A table of ledger lines, from CSV or a spreadsheet: settings found at opening, lines streamed."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice

from monitr_pipelines.files.reading.accounts import Accounts, given_code_digits
from monitr_pipelines.files.reading.amounts import AmountReader
from monitr_pipelines.files.reading.by_column.pieces import pieces
from monitr_pipelines.files.reading.contract import Mode, ReadSettings, one_change, scope_of
from monitr_pipelines.files.reading.controls import Controls, cleaned
from monitr_pipelines.files.reading.dates import DateFormat, DateReader
from monitr_pipelines.files.reading.headers import listed, short
from monitr_pipelines.files.reading.problems import BadValueError, NeedsAnswer, Problems
from monitr_pipelines.files.reading.records import (
    Counted,
    DelimitedText,
    Record,
    RecordSource,
    fit,
    header_of,
    misfit,
)
from monitr_pipelines.files.tables.columns import TableColumns, can_read
from monitr_pipelines.files.tables.layout import AXIS, Layout, columns_for, find_layout, is_known
from monitr_pipelines.files.tables.marks import Marks, find_marks
from monitr_pipelines.files.tables.printed_rows import PrintedRows, has_totals
from monitr_pipelines.files.tables.proposals import with_proposals
from monitr_pipelines.files.tables.reader import TableReader
from monitr_pipelines.files.tables.typed import TypedAccounts, TypedAmountReader, TypedDateReader
from monitr_pipelines.ledger.blocks import AxisNumbers, Block
from monitr_pipelines.ledger.changes import Change, Scope, Written
from monitr_pipelines.ledger.columns import blocks_of_lines
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.ledger.sentences import sentence

LABELS = frozenset({"account_name", "relation", "description"})


class TableFile:
    """The LedgerFile of a table; `kind` is what a user calls its format, `typed` that cells have types."""

    fiscal_year = None

    def __init__(
        self,
        kind: str,
        source: RecordSource,
        settings: ReadSettings,
        known: dict[str, str],
        *,
        typed: bool = False,
        controls: Controls | None = None,
        above: Sequence[str] = (),
    ) -> None:
        self._source = source
        self._settings = settings
        self._controls = controls or Controls()
        self._above = above
        self._digits = given_code_digits(settings.code_digits)
        self._typed = typed
        _, headers = header_of(source)
        with _questions_about(headers, source):
            columns = columns_for(headers, settings, known=is_known(headers))
            self._layout = find_layout(headers, columns)
            self._marks = (
                find_marks(source, self._layout, settings, typed=typed) if self._layout.has_lines else None
            )
        self.format_name = f"{kind}, {self._layout.name}"
        self.interpretation: Mapping[str, str] = {
            "format": self.format_name,
            **known,
            **_told(self._layout, self._marks),
        }
        self.keys_by_content = settings.mode is not Mode.APPEND
        self.accounts: dict[str, Account] = {}
        self.axes: set[AxisValue] = set()
        self.findings: list[Finding] = []
        self.at_line = 0

    @property
    def headers(self) -> tuple[str, ...]:
        """The header of the file."""
        return self._layout.headers

    @property
    def columns(self) -> Mapping[str, str]:
        """Our names, and `axis:NAME` for axes, to the headers that they were found under."""
        axes = {f"{AXIS}{name}": place for name, place in self._layout.axes.items()}
        return {name: self.headers[place] for name, place in {**self._layout.places, **axes}.items()}

    def changes(self) -> Iterator[Change]:
        """The lines as one change, or no change when the file is a chart of accounts."""
        self._forget()
        if self._marks is None:
            self._read_chart()
        else:
            yield one_change(scope_of(self._settings), self._lines(self._marks))

    def written(self) -> Iterator[Written]:
        """The same as `changes`, the lines as text that is ready for the database."""
        self._forget()
        if self._marks is None:
            self._read_chart()
        else:
            scope = scope_of(self._settings)
            yield Written(scope, self._blocks(self._marks, scope))

    def _forget(self) -> None:
        self.accounts.clear()
        self.axes.clear()
        self.findings.clear()

    def _reader(self, marks: Marks | None, accounts: Accounts | None = None) -> TableReader:
        dates = marks.dates if marks else DateFormat.make("YYYY-MM-DD", "")
        decimal, thousands, how = (
            (marks.decimal, marks.thousands, marks.decimal_how) if marks else (".", "", "")
        )
        cells = marks.cells if marks else None
        return TableReader(
            self._layout,
            TypedDateReader(dates, cells.cells, numbers=cells.numbers) if cells else DateReader(dates),
            (TypedAmountReader if cells else AmountReader)(decimal, thousands, how),
            accounts or self._accounts(),
            self.axes,
        )

    def _accounts(self) -> Accounts:
        return (TypedAccounts if self._typed else Accounts)(self.accounts, self._digits)

    def _read_chart(self) -> None:
        problems = Problems(self.findings)
        reader = self._reader(None)
        for line, record in self._records(problems, self._printed(reader, knows_sums=False)):
            try:
                reader.account(record)
            except BadValueError as error:
                self._add(problems, error, line)
        if not self.accounts and not problems.errors:
            problems.add("empty_file", sentence("no_accounts"), line=1)
        problems.refuse_if_any()

    def _lines(self, marks: Marks) -> Iterator[LedgerLine]:
        problems = Problems(self.findings)
        reader = self._reader(marks)
        printed = self._printed(reader)
        records = Counted(self._records(problems, printed))
        for line in self._read(reader, records, problems):
            printed.add(line.amount)
            yield line
        printed.tell(problems)
        _end(records.count, problems)

    def _printed(self, reader: TableReader, *, knows_sums: bool = True) -> PrintedRows:
        _, first = next(islice(self._source.records(Problems([])), 1, 2), (0, ()))
        return PrintedRows(self._layout, reader.number, self._above, first, knows_sums)

    def _read(self, reader: TableReader, records: Counted, problems: Problems) -> Iterator[LedgerLine]:
        prefix = self._settings.key_prefix
        for line, record in records:
            self.at_line = line
            try:
                yield reader.line(record, f"{prefix}{records.count}" if prefix else None)
            except BadValueError as error:
                self._add(problems, error, line)

    def _blocks(self, marks: Marks, scope: Scope | None) -> Iterator[Block]:
        """The lines as text, by column where they are as plain as most are."""
        numbers = AxisNumbers()
        source = self._source
        if (
            not isinstance(source, DelimitedText)
            or self._controls.count
            or not can_read(self._layout)
            or has_totals(source)
        ):
            yield from blocks_of_lines(self._lines(marks), numbers, scope)
            return
        problems = Problems(self.findings)
        accounts, count = self._accounts(), 0
        reader = self._reader(marks, accounts)
        by_column = TableColumns(
            self._layout,
            reader,
            numbers,
            decimal=marks.decimal,
            accounts=accounts,
            scope=scope,
            key_prefix=self._settings.key_prefix,
        )
        printed = self._printed(reader, knows_sums=False)
        for piece in pieces(source):
            if not printed.below_header and (block := by_column.read(piece, count)):
                count += block.lines
                yield block
                continue
            records = Counted(self._usual(piece.records(problems), problems, printed), count)
            yield from blocks_of_lines(self._read(reader, records, problems), numbers, scope)
            count = records.count
        printed.tell(problems)
        _end(count, problems)

    def _add(self, problems: Problems, error: BadValueError, line: int) -> None:
        column = error.column and self._layout.places.get(error.column)
        name = self._layout.column(error.column) if error.column and column is not None else error.column
        problems.add(error.code, error.message, line=line, column=name)

    def _strict(self) -> dict[int, str]:
        """The columns that are read and hold no labels, by their places."""
        places = {name: place for name, place in self._layout.places.items() if name not in LABELS}
        return {place: self.headers[place] for place in (*places.values(), *self._layout.axes.values())}

    def _records(self, problems: Problems, printed: PrintedRows) -> Generator[Record]:
        """The records after the header that are as wide as it; the others are problems."""
        records = self._source.records(problems)
        if self._controls.count:
            self._controls.tell(problems)
            records = cleaned(records, self._strict(), problems)
        next(records, None)
        yield from self._usual(records, problems, printed)

    def _usual(
        self, records: Iterable[Record], problems: Problems, printed: PrintedRows
    ) -> Generator[Record]:
        """Those of records that are as wide as the header, and are not printed between the lines."""
        width = len(self._layout.headers)
        date = self._layout.places.get("date", 0)
        for line, record in records:
            fits = len(record) == width or fit(record, self._layout.headers)
            # A line has digits in its date; most rows are lines, and nothing else is asked of them.
            if fits and record[date][:1].isdigit():
                if not printed.starts_again(record, line, problems):
                    yield line, record
            elif printed.is_one(record, line, problems):
                continue
            elif fits and any(record):
                yield line, record
            elif any(map(str.strip, record)):
                problems.add("column_count", misfit(record, width), line=line)


def _end(count: int, problems: Problems) -> None:
    """Refuse a file that has problems, or no line."""
    if not count and not problems.errors:
        problems.add("empty_file", sentence("no_lines"), line=1)
    problems.refuse_if_any()


@contextmanager
def _questions_about(headers: Sequence[str], source: RecordSource) -> Iterator[None]:
    """A question of the file tells its columns, from which whoever shows it lets the user choose."""
    try:
        yield
    except NeedsAnswer as question:
        question.headers = tuple(headers)
        if any(asked.kind == "columns" for asked in question.questions):
            raise with_proposals(question, headers, source) from None
        raise


def _told(layout: Layout, marks: Marks | None) -> dict[str, str]:
    told: dict[str, str] = {
        name: f"column {layout.column(name)}" for name in layout.places if layout.name == "columns as given"
    }
    told |= {
        f"axis {short(axis)}": f"column {short(layout.headers[place])}" for axis, place in layout.axes.items()
    }
    used = {*layout.places.values(), *layout.axes.values()}
    told["columns not used"] = listed(
        header for place, header in enumerate(layout.headers) if place not in used
    )
    if marks is None:
        return told
    cells = marks.cells.told() if marks.cells else ""
    return told | {
        "date format": f"{marks.dates.notation} ({marks.dates.how})",
        **({"date cells": cells} if cells else {}),
        "decimal": f"{marks.decimal} ({marks.decimal_how})",
        "thousands": marks.thousands_how,
    }
