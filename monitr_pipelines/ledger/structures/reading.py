"""The file of a structure, read: a table as spreadsheets save it, in which every rule is checked.

Comma or semicolon, UTF-8 with or without its mark, columns in any order; of the three names one is enough.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from monitr_pipelines.ledger.formulas import unquoted
from monitr_pipelines.ledger.structures.cells import broken_by_itself, prefixes
from monitr_pipelines.ledger.structures.lines import (
    COLUMNS,
    LANGUAGES,
    NEEDED,
    SIDES,
    Line,
    Role,
    Statement,
    Structure,
)
from monitr_pipelines.ledger.structures.problems import BadStructure, Problem, Row
from monitr_pipelines.ledger.structures.rules import broken_together

LARGEST_FILE = 4_000_000
MOST_LINES = 5_000


def read(content: bytes) -> Structure:
    """The structure that a file tells; BadStructure with everything that is wrong with it."""
    rows = _rows(content)
    problems = [problem for row in rows for problem in broken_by_itself(row)]
    problems += broken_together(rows)
    if problems:
        raise BadStructure(problems)
    return Structure(tuple(map(_line, rows)))


def _line(row: Row) -> Line:
    told = next(name for language in LANGUAGES if (name := row[f"name_{language}"]))
    return Line(
        row.line,
        Statement(row["statement"]),
        row["parent"],
        int(row["position"]),
        row["top"] == "1" or not row["parent"],
        {language: row[f"name_{language}"] or told for language in LANGUAGES},
        {column: tuple(prefixes(row, column)) for column in SIDES},
        row["cash_flow"],
        Role(row["role"]) if row["role"] else None,
    )


def _rows(content: bytes) -> list[Row]:
    table = _table(content)
    header = [cell.strip() for cell in next(table, (0, []))[1]]
    if problems := list(_header(header)):
        raise BadStructure(problems)
    rows = []
    for number, cells in table:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header) and any(cells[len(header) :]):
            problems.append(
                Problem(
                    number,
                    "",
                    f"It has {len(cells)} cells, and the header has {len(header)}.",
                    "Put cells that hold the separator in quotation marks.",
                )
            )
        named = zip(header, cells, strict=False)
        rows.append(Row(number, {column: unquoted(cell.strip()) for column, cell in named}))
        if len(rows) > MOST_LINES:
            raise BadStructure(
                [Problem(None, "", f"It has more than {MOST_LINES} lines.", "Leave accounts to the mapping.")]
            )
    if problems:
        raise BadStructure(problems)
    return rows


def _table(content: bytes) -> Iterator[tuple[int, list[str]]]:
    if len(content) > LARGEST_FILE:
        raise BadStructure(
            [Problem(None, "", f"The file has {len(content)} bytes.", f"Use {LARGEST_FILE} at most.")]
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadStructure(
            [Problem(None, "", "The file is not in UTF-8.", "Save it as `CSV UTF-8`.")]
        ) from None
    first, _, _ = text.partition("\n")
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise BadStructure(
            [
                Problem(
                    reader.line_num, "", f"It cannot be read: {error}.", "Save it again from a spreadsheet."
                )
            ]
        ) from None


def _header(header: Sequence[str]) -> Iterator[Problem]:
    for column in NEEDED:
        if column not in header:
            yield Problem(1, "", f"There is no column {column!r}.", f"Columns are {', '.join(COLUMNS)}.")
    for column in dict.fromkeys(header):
        if column not in COLUMNS and column:
            yield Problem(1, "", f"{column!r} is not a column.", f"Columns are {', '.join(COLUMNS)}.")
        elif header.count(column) > 1 and column:
            yield Problem(1, "", f"The column {column!r} stands twice.", "Take one of them out.")
