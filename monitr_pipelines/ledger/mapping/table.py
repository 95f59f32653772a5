"""Choices as a CSV table: written so that no text is a formula, read with every problem and its line."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.formulas import quoted, unquoted
from monitr_pipelines.ledger.mapping.lines import Lines
from monitr_pipelines.ledger.mapping.placing import Choice, Choices, Given, Placing
from monitr_pipelines.ledger.sentences import sentence

HEADS = ("Account", "Account name", "Axis value", "Line", "Comment")
NEEDED = ("account", "line")
DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Table:
    """What a file says: what it wants, and what is wrong with it."""

    given: list[Given]
    findings: list[Finding]


def written(choices: Choices, names: Mapping[str, str], unplaced: Iterable[str] = ()) -> str:
    """Choices by account and value; `names` are those of accounts.

    `unplaced`: accounts without a choice, with an empty line to be filled in.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADS)
    rows = [(placing, choice.line, choice.comment) for placing, choice in choices.items()]
    rows += [(Placing(account), "", "") for account in unplaced]
    for placing, line, comment in sorted(rows):
        cells = (placing.account, names.get(placing.account, ""), placing.value, line, comment)
        writer.writerow(map(quoted, cells))
    return text.getvalue()


def read(content: bytes, lines: Lines, axis: str) -> Table:
    """What a file wants; `axis` is the primary axis, which its values are of.

    A line can be named by its id, by its id and name, or by its name. A row without one places nothing.
    """
    text = _decoded(content)
    if text is None or "\0" in text:
        return _refused("mapping_no_text")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        rows = list(_numbered(reader))
    except csv.Error:
        return _refused("mapping_no_text")
    if not rows:
        return _refused("mapping_no_columns")
    heads = [head.strip().casefold() for head in rows[0][1]]
    if not set(NEEDED) <= set(heads):
        return _refused("mapping_no_columns")
    cells = [(number, dict(zip(heads, map(_read, row), strict=False))) for number, row in rows[1:]]
    return Table([_given(number, row, lines, axis) for number, row in cells if _wants(row)], [])


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, with the line on which each begins."""
    begins = 1
    for row in reader:
        if any(cell.strip() for cell in row):
            yield begins, row
        begins = reader.line_num + 1  # type: ignore[attr-defined]  # of csv's reader


def _wants(row: Mapping[str, str]) -> bool:
    """Whether a row places something; one without a line is there to be filled in."""
    return bool(row.get("line"))


def _given(number: int, row: Mapping[str, str], lines: Lines, axis: str) -> Given:
    found = lines.find(row["line"])
    value = row.get("axis value", "")
    placing = Placing(row.get("account", ""), axis if value else "", value)
    choice = Choice(found.line if found else row["line"], row.get("comment", ""))
    return Given(placing, choice, number)


def _decoded(content: bytes) -> str | None:
    """Text as spreadsheets save it: UTF-8, or the character set of Windows in Western Europe."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _read(cell: str) -> str:
    return unquoted(cell.strip(" "))


def _refused(kind: str) -> Table:
    return Table([], [Finding(kind, sentence(kind), line=1)])
