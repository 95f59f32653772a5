"""Provider pages: written from generated lines, and read as a provider module would read them.

Or the spool that a fetch leaves of them: written once, loaded by one process after the other.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from monitr_pipelines.emulators.company.journal import DEPARTMENT, PROJECT
from monitr_pipelines.importing.spool.fetching import fetch_into
from monitr_pipelines.importing.spool.spool import Spool
from monitr_pipelines.ledger.changes import Change, Replace, Upsert, WholeLedger, Written
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.providers.contract import End, Item

PAGE_LINES = 1_000
SPOOL = {"of": "bench"}
Page = Mapping[str, Any]


class _Axes(dict[tuple[str | None, str | None], tuple[tuple[str, str], ...]]):
    """Sets of axis values by the two fields of a line, each made once."""

    def __missing__(self, values: tuple[str | None, str | None]) -> tuple[tuple[str, str], ...]:
        named = zip((DEPARTMENT, PROJECT), values, strict=True)
        axes = self[values] = tuple((axis, value) for axis, value in named if value is not None)
        return axes


class Record(msgspec.Struct, gc=False):
    """A line as the wire tells it."""

    external_id: str
    booking_date: date
    account_code: str
    amount: Decimal
    booking: str
    line_number: int
    period: str | None
    journal: str | None
    document_number: str | None
    relation: str | None
    description: str | None
    foreign_amount: Decimal | None
    foreign_currency: str | None
    department: str | None
    project: str | None
    opening: bool
    version: int


class RecordPage(msgspec.Struct):
    """One answer of the provider."""

    lines: list[Record]


def read_pages(file: Path) -> Iterator[Page]:
    """The pages as they come from the wire, as dicts; amounts exact."""
    decode = msgspec.json.Decoder(float_hook=Decimal).decode
    with file.open("rb") as pages:
        for page in pages:
            yield decode(page)


def read_lines(file: Path) -> Iterator[LedgerLine]:
    """The ledger lines of pages."""
    axes = _Axes()
    decode = msgspec.json.Decoder(RecordPage).decode
    with file.open("rb") as pages:
        for page in pages:
            for row in decode(page).lines:
                yield LedgerLine(
                    row.external_id,
                    row.booking_date,
                    row.account_code,
                    row.amount,
                    row.booking,
                    str(row.line_number),
                    row.period,
                    row.journal,
                    row.document_number,
                    row.relation,
                    row.description,
                    row.foreign_amount,
                    row.foreign_currency,
                    axes[row.department, row.project],
                    row.opening,
                    row.version,
                )


@dataclass
class PageDelivery:
    """A provider's answer, read from a file of pages: the whole ledger, or what changed."""

    file: Path
    whole: bool
    accounts: dict[str, Account] = field(default_factory=dict)
    axes: set[AxisValue] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    keys_by_content: bool = False
    appended: bool = False
    lists_are_whole: bool = False
    cursor: dict[str, int] = field(default_factory=lambda: {"page": 1})

    def changes(self) -> Iterator[Change | Written]:
        """One change with all lines, streamed."""
        lines = read_lines(self.file)
        yield Replace(WholeLedger(), lines) if self.whole else Upsert(lines)


@dataclass
class SpoolDelivery(PageDelivery):
    """A delivery of the whole ledger from a spool."""

    spool: Spool | None = None

    def changes(self) -> Iterator[Change | Written]:
        """What was fetched."""
        return self.spool.changes() if self.spool else iter(())


def keep_spool(number: int, lines: Iterable[LedgerLine]) -> None:
    """Write lines into the spool of a number, for whoever takes it up."""
    spool = take_up_spool(number)
    fetch_into(spool, whole_ledger(lines), lambda _: None)
    spool.leave()


def take_up_spool(number: int) -> Spool:
    """The spool of a number; an empty one where nothing is kept."""
    return Spool.of_whole_ledger(number, 0, SPOOL)


def whole_ledger(lines: Iterable[LedgerLine]) -> Iterator[Item]:
    """The stream of a whole ledger."""
    yield Replace(WholeLedger(), lines)
    yield End({"page": 1})


def as_record(line: LedgerLine) -> str:
    """A line as JSON; the amount is written as it is, never as a float."""
    axes = dict(line.axes)
    rest = {
        "external_id": line.external_id,
        "booking_date": line.booking_date.isoformat(),
        "account_code": line.account_code,
        "booking": line.booking,
        "line_number": int(line.line_number or 0),
        "period": line.period,
        "journal": line.journal,
        "document_number": line.document_number,
        "relation": line.relation,
        "description": line.description,
        "foreign_amount": None,
        "foreign_currency": line.foreign_currency,
        "department": axes.get(DEPARTMENT),
        "project": axes.get(PROJECT),
        "opening": line.opening,
        "version": line.version,
    }
    return f'{{"amount": {line.amount}, {json.dumps(rest)[1:]}'


def write_pages(lines: Iterable[LedgerLine], file: Path) -> None:
    """A file with one page on each line of text."""
    rest = iter(lines)
    with file.open("w", encoding="utf-8") as out:
        while records := [as_record(line) for line in islice(rest, PAGE_LINES)]:
            out.write(f'{{"lines": [{", ".join(records)}]}}\n')


def write_singer(lines: Iterable[LedgerLine], file: Path, schema: Mapping[str, Any]) -> None:
    """The messages that a Singer tap would write."""
    start = '{"type": "RECORD", "stream": "gl_transaction", "record": '
    with file.open("w", encoding="utf-8") as out:
        out.write(json.dumps({"type": "SCHEMA", "stream": "gl_transaction", **schema}) + "\n")
        out.writelines(f"{start}{as_record(line)}}}\n" for line in lines)


def write_csv(lines: Iterable[LedgerLine], file: Path, entity_id: int) -> None:
    """The rows of `raw.gl_transaction`, ready to be copied."""
    numbers: dict[tuple[tuple[str, str], ...], int] = {(): 0}
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        for line in lines:
            *values, axes, opening, version = line
            combination = numbers.setdefault(axes, len(numbers))
            writer.writerow((entity_id, *values, combination, opening, version, 1))
