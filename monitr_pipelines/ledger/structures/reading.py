"""The file of a structure, read: a table as spreadsheets save it, in which every rule is checked.

Comma or semicolon, UTF-8 with or without its mark, columns in any order; of the three names one is enough.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from monitr_pipelines.ledger.formulas import unquoted
from monitr_pipelines.ledger.sentences import Value, sentence
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
            told = sentence("structure_more_cells", cells=len(cells), columns=len(header))
            problems.append(Problem(number, "", told))
        named = zip(header, cells, strict=False)
        rows.append(Row(number, {column: unquoted(cell.strip()) for column, cell in named}))
        if len(rows) > MOST_LINES:
            raise _refused("structure_too_many_lines", most=MOST_LINES)
    if problems:
        raise BadStructure(problems)
    return rows


def _table(content: bytes) -> Iterator[tuple[int, list[str]]]:
    if len(content) > LARGEST_FILE:
        raise _refused("structure_too_large", size=len(content), most=LARGEST_FILE)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("structure_no_utf8") from None
    first, _, _ = text.partition("\n")
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error:
        raise _refused("structure_unreadable", reader.line_num) from None


def _header(header: Sequence[str]) -> Iterator[Problem]:
    columns = ", ".join(COLUMNS)
    for column in NEEDED:
        if column not in header:
            yield _of_header("structure_no_column", column=repr(column), columns=columns)
    for column in dict.fromkeys(header):
        if column not in COLUMNS and column:
            yield _of_header("structure_unknown_column", column=repr(column), columns=columns)
        elif header.count(column) > 1 and column:
            yield _of_header("structure_column_twice", column=repr(column))


def _of_header(kind: str, /, **values: Value) -> Problem:
    return Problem(1, "", sentence(kind, **values))


def _refused(kind: str, row: int | None = None, /, **values: Value) -> BadStructure:
    """A file that cannot be read any further."""
    return BadStructure([Problem(row, "", sentence(kind, **values))])
