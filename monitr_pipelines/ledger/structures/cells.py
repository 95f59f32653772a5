"""Rules that one line of a structure's file keeps or breaks by itself."""

import unicodedata
from collections.abc import Iterator

from monitr_pipelines.ledger.limits import LONGEST_CODE
from monitr_pipelines.ledger.structures.lines import EVERY_CODE, NAMES, SIDES, STATEMENT_OF, Role, Statement
from monitr_pipelines.ledger.structures.problems import Problem, Row

LONGEST_LINE = 60
LONGEST_LINE_NAME = 300
LAST_POSITION = 99_999
# Lines that every structure is given, and nobody writes.
RESERVED = "(result)"
RESERVED_BEGINNING = "unmapped:"


def broken_by_itself(row: Row) -> Iterator[Problem]:
    """Everything that is wrong with a line, whatever the others say."""
    yield from _code(row)
    yield from _statement(row)
    yield from _position(row)
    yield from _names(row)
    yield from _top(row)
    yield from _role(row)
    yield from _accounts(row)
    for column, cell in row.cells.items():
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in cell):
            yield row.problem(f"{column} holds a control character.", "Take it out; a cell is one line.")


def whole_number(text: str) -> int | None:
    """A number of plain digits; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LAST_POSITION)) else None


def prefixes(row: Row, column: str) -> list[str]:
    """The beginnings of account codes in a cell; the one of every code is empty."""
    return ["" if prefix == EVERY_CODE else prefix for prefix in row[column].split()]


def _code(row: Row) -> Iterator[Problem]:
    if not row.line:
        yield row.problem("It has no code.", "Give the column `line` one, unique in the file.")
    elif len(row.line) > LONGEST_LINE:
        yield row.problem(f"Its code has {len(row.line)} characters.", f"Use {LONGEST_LINE} at most.")
    elif row.line == RESERVED or row.line.startswith(RESERVED_BEGINNING):
        yield row.problem("Every structure is given this line by itself.", "Leave it out, or rename it.")


def _statement(row: Row) -> Iterator[Problem]:
    if row["statement"] not in set(Statement):
        known = ", ".join(Statement)
        yield row.problem(f"{row['statement']!r} is not a statement.", f"Write one of {known}.")


def _position(row: Row) -> Iterator[Problem]:
    if not whole_number(row["position"]):
        yield row.problem(
            f"{row['position']!r} is not a position.", f"Write a whole number, 1 to {LAST_POSITION}."
        )


def _names(row: Row) -> Iterator[Problem]:
    if not any(row[column] for column in NAMES):
        yield row.problem(
            "It has no name.", f"Fill {', '.join(NAMES[:-1])} or {NAMES[-1]}; the others follow it."
        )
    for column in NAMES:
        if len(row[column]) > LONGEST_LINE_NAME:
            yield row.problem(
                f"{column} has {len(row[column])} characters.", f"Use {LONGEST_LINE_NAME} at most."
            )


def _top(row: Row) -> Iterator[Problem]:
    if row["top"] not in {"", "0", "1"}:
        yield row.problem(
            f"top is {row['top']!r}.",
            "Write 1 for a main line, 0 or nothing for the rest.",
        )
    elif row["top"] == "0" and not row["parent"]:
        yield row.problem("top is 0, but it has no parent.", "Give it a parent, or write 1.")


def _role(row: Row) -> Iterator[Problem]:
    role = row["role"]
    if not role:
        return
    if role not in set(Role):
        yield row.problem(f"{role!r} is not a role.", f"Write one of {', '.join(Role)}, or nothing.")
    elif row["statement"] != STATEMENT_OF[Role(role)]:
        yield row.problem(
            f"The role {role} is of {STATEMENT_OF[Role(role)]}.", "Give it to a line there, or leave it out."
        )


def _accounts(row: Row) -> Iterator[Problem]:
    given = [column for column in SIDES if row[column]]
    if not given:
        return
    if row["statement"] == Statement.CASH_FLOW:
        yield row.problem(
            "A line of the cash flow statement has no accounts.",
            "Leave them out; lines of the other statements lead to it by their column `cash_flow`.",
        )
    elif row["role"] in set(Role) - {Role.CASH}:
        yield row.problem(
            f"A line with the role {row['role']} is computed, and has no accounts.",
            "Take one of the two out.",
        )
    for column in given:
        for prefix in prefixes(row, column):
            if len(prefix) > LONGEST_CODE:
                yield row.problem(
                    f"{column} holds a beginning of {len(prefix)} characters.",
                    f"Use {LONGEST_CODE} at most, and blanks between them.",
                )
