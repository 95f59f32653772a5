"""A table of ledger lines, from CSV or a spreadsheet: settings found at opening, lines streamed."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager

from monitr_pipelines.files.reading.accounts import Accounts, given_code_digits
from monitr_pipelines.files.reading.amounts import AmountReader
from monitr_pipelines.files.reading.contract import Mode, ReadSettings
from monitr_pipelines.files.reading.dates import DateFormat, DateReader
from monitr_pipelines.files.reading.headers import listed, plain_name, short
from monitr_pipelines.files.reading.problems import (
    BadValueError,
    NeedsAnswer,
    Problems,
)
from monitr_pipelines.files.reading.records import Record, RecordSource, fit, header_of, misfit
from monitr_pipelines.files.tables.layout import AXIS, Layout, columns_for, find_layout, is_known
from monitr_pipelines.files.tables.marks import Marks, find_marks
from monitr_pipelines.files.tables.proposals import with_proposals
from monitr_pipelines.files.tables.reader import TableReader
from monitr_pipelines.ledger.changes import Change, FiscalYearsOfItsLines, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.ledger.sentences import sentence


class TableFile:
    """The LedgerFile of a table; `kind` is what a user calls its format, `typed` that cells have types."""

    def __init__(
        self,
        kind: str,
        source: RecordSource,
        settings: ReadSettings,
        known: dict[str, str],
        *,
        typed: bool = False,
    ) -> None:
        self._source = source
        self._settings = settings
        self._typed = typed
        given_code_digits(settings.code_digits)
        _, headers = header_of(source)
        with _questions_about(headers, source):
            columns = columns_for(headers, settings, known=is_known(headers))
            self._layout = find_layout(headers, columns)
            self._marks = find_marks(source, self._layout, settings) if self._layout.has_lines else None
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
        self.accounts.clear()
        self.axes.clear()
        self.findings.clear()
        if self._marks is None:
            self._read_chart()
        elif self._settings.mode is Mode.APPEND:
            yield Upsert(self._lines(self._marks))
        elif self._settings.mode is Mode.OVERWRITE:
            yield Replace(WholeLedger(), self._lines(self._marks))
        else:
            yield Replace(FiscalYearsOfItsLines(self._settings.calendar), self._lines(self._marks))

    def _reader(self, marks: Marks | None) -> TableReader:
        dates = marks.dates if marks else DateFormat.make("YYYY-MM-DD", "")
        decimal, thousands, how = (
            (marks.decimal, marks.thousands, marks.decimal_how) if marks else (".", "", "")
        )
        return TableReader(
            self._layout,
            DateReader(dates, or_iso=self._typed),
            AmountReader(decimal, thousands, how),
            Accounts(self.accounts, given_code_digits(self._settings.code_digits)),
            self.axes,
        )

    def _read_chart(self) -> None:
        problems = Problems(self.findings)
        reader = self._reader(None)
        for line, record in self._records(problems):
            try:
                reader.account(record)
            except BadValueError as error:
                self._add(problems, error, line)
        if not self.accounts and not problems.errors:
            problems.add("empty_file", sentence("no_accounts"), line=1)
        problems.refuse_if_any()

    def _lines(self, marks: Marks) -> Iterator[LedgerLine]:
        problems = Problems(self.findings)
        read = self._reader(marks).line
        prefix = self._settings.key_prefix
        count = 0
        for line, record in self._records(problems):
            count += 1
            try:
                yield read(record, f"{prefix}{count}" if prefix else None)
            except BadValueError as error:
                self._add(problems, error, line)
        if not count and not problems.errors:
            problems.add("empty_file", sentence("no_lines"), line=1)
        problems.refuse_if_any()

    def _add(self, problems: Problems, error: BadValueError, line: int) -> None:
        column = error.column and self._layout.places.get(error.column)
        name = self._layout.column(error.column) if error.column and column is not None else error.column
        problems.add(error.code, error.message, line=line, column=name)

    def _records(self, problems: Problems) -> Generator[Record]:
        """The records after the header that are as wide as it; the others are problems."""
        width = len(self._layout.headers)
        header = [plain_name(name) for name in self._layout.headers]
        records = self._source.records(problems)
        next(records, None)
        for line, record in records:
            if len(record) != width and not fit(record, self._layout.headers):
                if any(map(str.strip, record)):
                    problems.add("column_count", misfit(record, width), line=line)
            elif not any(record):
                continue
            elif record[0].strip().lower() == self._layout.headers[0].strip().lower() and (
                [plain_name(field) for field in record] == header
            ):
                problems.add("second_header", sentence("second_header"), line=line)
            else:
                yield line, record


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
    return told | {
        "date format": f"{marks.dates.notation} ({marks.dates.how})",
        "decimal": f"{marks.decimal} ({marks.decimal_how})",
        "thousands": marks.thousands_how,
    }
