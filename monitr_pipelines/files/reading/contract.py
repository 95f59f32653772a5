"""What every ledger file format offers, and the settings it is read with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from monitr_pipelines.ledger.changes import (
    Change,
    FiscalYearsOfItsLines,
    MonthsOfItsLines,
    Replace,
    Scope,
    Upsert,
    WholeLedger,
    Written,
)
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine


class Mode(StrEnum):
    """How an upload relates to what is stored: replace all, its fiscal years or its months, or add to it."""

    OVERWRITE = "overwrite"
    YEARS = "years"
    MONTHS = "months"
    APPEND = "append"


@dataclass(frozen=True)
class SavedSheet:
    """What was said of the sheets of an earlier workbook, for those whose sheets have the same `headers`."""

    said: str
    headers: tuple[str, ...]


@dataclass(frozen=True)
class ReadSettings:
    """How to read a file. None means: find out, and refuse with a question where that is a guess.

    `columns` maps our column names to the headers of the file; `saved_columns` does so for the files that
    have such headers, and for no other, and `saved_sheet` says so which sheets are read. `code_digits`: how
    many digits the codes of accounts have, which a spreadsheet wrote without their leading zeros.
    `content_hash` is the SHA-256 of the file in hexadecimal and is part of the keys of appended rows.
    `most_rows` bounds what a preview looks at: it sooner asks than reads on; an import sets none.
    `read_before`: a file in the books is read again, as it was; what is remembered of others is not doubted.
    """

    content_hash: str
    mode: Mode = Mode.YEARS
    calendar: FiscalCalendar = field(default_factory=FiscalCalendar)
    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    date_format: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    date_cells: str | None = None
    code_digits: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    saved_columns: Mapping[str, str] = field(default_factory=dict)
    saved_sheet: SavedSheet | None = None
    most_rows: int | None = None
    read_before: bool = False

    @property
    def key_prefix(self) -> str:
        """What sets the keys of an added file apart: its numbers may be those of another file's lines."""
        return f"{self.content_hash[:16]}:" if self.mode is Mode.APPEND else ""


def scope_of(settings: ReadSettings, own: Scope | None = None) -> Scope | None:
    """What a file stands for, as it was asked for; None where it is added to what is there.

    `own`: what the file says of itself, where that is not the fiscal years of its lines.
    """
    if settings.mode is Mode.APPEND:
        return None
    if settings.mode is Mode.OVERWRITE:
        return WholeLedger()
    if settings.mode is Mode.MONTHS:
        return MonthsOfItsLines()
    return own or FiscalYearsOfItsLines(settings.calendar)


def one_change(scope: Scope | None, lines: Iterator[LedgerLine]) -> Change:
    """All lines of a file as one change."""
    return Upsert(lines) if scope is None else Replace(scope, lines)


class LedgerFile(Protocol):
    """A file opened for reading, its format and settings known, its lines not yet read.

    `accounts`, `axes` and `findings` are complete once `changes` is exhausted. `changes` raises
    InconsistentData with every problem of the file (the first hundred) after it has read all of it,
    so a caller must not commit before the end.
    """

    format_name: str
    interpretation: Mapping[str, str]
    keys_by_content: bool
    accounts: dict[str, Account]
    axes: set[AxisValue]
    findings: list[Finding]

    @property
    def fiscal_year(self) -> FiscalYear | None:
        """The fiscal year that the file says or shows it is of; None where it does not, as tables never do.

        It is evidence, known as soon as the file is open: the entity's calendar may say otherwise.
        """

    def changes(self) -> Iterator[Change]:
        """The changes that the file stands for, its lines streamed."""


@runtime_checkable
class NumberedFile(LedgerFile, Protocol):
    """A file whose lines stand in numbered ones.

    `at_line` is where the line stands that `changes` gave last; in a workbook, the row of its sheet.
    """

    at_line: int


@runtime_checkable
class WrittenFile(LedgerFile, Protocol):
    """A file that gives its lines as text that is ready for the database, too."""

    def written(self) -> Iterator[Written]:
        """The same as `changes`, with the same findings and refusals; sets of axes are numbered from one."""
