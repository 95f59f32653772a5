"""Adjusting entries as people write them: rows of CSV, judged as far as no database is needed.

They stand beside the ledger, by month. Amounts are debit positive, as in the ledger, also on a report line.
"""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.formulas import quoted, unquoted
from monitr_pipelines.ledger.limits import LONGEST_AXIS_CODE, LONGEST_CODE
from monitr_pipelines.ledger.money import ZERO, plain, within_limits
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.sentences import Sentence, sentence

COLUMNS = ("month", "account", "line", "axis", "axis_value", "amount", "reason")
NEEDED = ("month", "amount", "reason")
AMOUNT = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})", re.ASCII)
DELIMITERS = (",", ";", "\t")
LONGEST = dict.fromkeys(COLUMNS, LONGEST_CODE) | {"axis_value": LONGEST_AXIS_CODE, "reason": 500}


class AdjustingEntry(NamedTuple):
    """An entry of a month on an account or on a report line; texts that are not given are empty.

    `amount` is debit positive. `row`: the line of the file that it ends in, counted from 1.
    """

    month: Month
    account: str
    line: str
    axis: str
    axis_value: str
    amount: Decimal
    reason: str
    row: int | None = None


class Read(NamedTuple):
    """The entries of a file, and everything that is wrong with it."""

    entries: list[AdjustingEntry]
    findings: list[Finding]


def read_entries(text: str) -> Read:
    """Read a CSV with a header: commas, semicolons or tabs; amounts as 1234.56 or 1234,56."""
    head = text.splitlines()[0] if text.strip() else ""
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header, *rows = [(reader.line_num, values) for values in reader] or [(1, [])]
    except csv.Error:
        unreadable = sentence("adjusting_unreadable", longest=csv.field_size_limit())
        return Read([], [Finding("adjusting_unreadable", unreadable, line=reader.line_num)])
    names = [name.strip().lower() for name in header[1]]
    findings = list(_of_header(names))
    entries: list[AdjustingEntry] = []
    if findings:
        return Read(entries, findings)
    for number, values in rows:
        if not any(value.strip() for value in values):
            continue
        row = dict.fromkeys(COLUMNS, "") | {
            name: unquoted(value.strip()) for name, value in zip(names, values, strict=False)
        }
        wrong = list(_of_row(row, is_longer=len(values) > len(names)))
        findings += [Finding(code, told, line=number, column=column) for code, column, told in wrong]
        if not wrong:
            entries.append(_entry(row, number))
    return Read(entries, findings)


def imbalances(entries: Iterable[AdjustingEntry]) -> dict[Month, Decimal]:
    """The months whose entries do not add up to zero, and what they add up to, debit positive."""
    sums: defaultdict[Month, Decimal] = defaultdict(Decimal)
    for entry in entries:
        sums[entry.month] += entry.amount
    return {month: total for month, total in sorted(sums.items()) if total}


def as_csv(entries: Sequence[AdjustingEntry]) -> str:
    """Entries as `read_entries` reads them; a text that a spreadsheet would compute has an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        texts = [quoted(text) for text in (*entry[1:5], entry.reason)]
        writer.writerow([entry.month, *texts[:4], plain(entry.amount), texts[4]])
    return file.getvalue()


def _of_header(names: Sequence[str]) -> Iterator[Finding]:
    for name in NEEDED:
        if name not in names:
            yield Finding("adjusting_no_column", sentence("adjusting_no_column", column=name), line=1)
    if not {"account", "line"}.intersection(names):
        yield Finding("adjusting_no_column", sentence("adjusting_no_column", column="account"), line=1)
    for name in names:
        if name not in COLUMNS or names.count(name) > 1:
            told = sentence("adjusting_unknown_column", column=repr(name), columns=", ".join(COLUMNS))
            yield Finding("adjusting_unknown_column", told, line=1)


def _of_row(row: Mapping[str, str], *, is_longer: bool) -> Iterator[tuple[str, str | None, Sentence]]:
    """What is wrong with a row: the code, the column, and the words."""
    if is_longer:
        yield "adjusting_too_many", None, sentence("adjusting_too_many")
    try:
        Month.parse(row["month"])
    except ValueError:
        yield "adjusting_month", "month", sentence("adjusting_month", text=repr(row["month"]))
    amount = _amount(row["amount"])
    if amount is None:
        yield "adjusting_amount", "amount", sentence("adjusting_amount", text=repr(row["amount"]))
    elif not amount:
        yield "adjusting_zero", "amount", sentence("adjusting_zero")
    if not row["reason"]:
        yield "adjusting_reason", "reason", sentence("adjusting_reason")
    if bool(row["account"]) == bool(row["line"]):
        yield "adjusting_place", "account", sentence("adjusting_place")
    if bool(row["axis"]) != bool(row["axis_value"]):
        yield "adjusting_axis", "axis", sentence("adjusting_axis")
    yield from _of_texts(row)


def _of_texts(row: Mapping[str, str]) -> Iterator[tuple[str, str, Sentence]]:
    for name, value in row.items():
        if any(unicodedata.category(each) == "Cc" and not each.isspace() for each in value):
            yield "adjusting_control", name, sentence("adjusting_control")
        if len(value) > LONGEST[name]:
            told = sentence("adjusting_too_long", length=len(value), longest=LONGEST[name])
            yield "adjusting_too_long", name, told


def _amount(text: str) -> Decimal | None:
    """The amount of a text; None where it is none, or has more digits than the ledger."""
    pointed = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    if not AMOUNT.fullmatch(pointed):
        return None
    amount = Decimal(pointed)
    return amount if within_limits(amount) else None


def _entry(row: Mapping[str, str], number: int) -> AdjustingEntry:
    amount = _amount(row["amount"])
    return AdjustingEntry(
        Month.parse(row["month"]),
        row["account"],
        row["line"],
        row["axis"],
        row["axis_value"],
        amount if amount is not None else ZERO,
        row["reason"],
        number,
    )
