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
            yield row.problem("structure_control", column=column)


def whole_number(text: str) -> int | None:
    """A number of plain digits; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LAST_POSITION)) else None


def prefixes(row: Row, column: str) -> list[str]:
    """The beginnings of account codes in a cell; the one of every code is empty."""
    return ["" if prefix == EVERY_CODE else prefix for prefix in row[column].split()]


def _code(row: Row) -> Iterator[Problem]:
    if not row.line:
        yield row.problem("structure_no_code")
    elif len(row.line) > LONGEST_LINE:
        yield row.problem("structure_long_code", length=len(row.line), most=LONGEST_LINE)
    elif row.line == RESERVED or row.line.startswith(RESERVED_BEGINNING):
        yield row.problem("structure_reserved")


def _statement(row: Row) -> Iterator[Problem]:
    if row["statement"] not in set(Statement):
        known = ", ".join(Statement)
        yield row.problem("structure_no_statement", statement=repr(row["statement"]), statements=known)


def _position(row: Row) -> Iterator[Problem]:
    if not whole_number(row["position"]):
        yield row.problem("structure_no_position", position=repr(row["position"]), most=LAST_POSITION)


def _names(row: Row) -> Iterator[Problem]:
    if not any(row[column] for column in NAMES):
        yield row.problem("structure_no_name", columns=", ".join(NAMES[:-1]), last=NAMES[-1])
    for column in NAMES:
        if len(row[column]) > LONGEST_LINE_NAME:
            yield row.problem(
                "structure_long_name", column=column, length=len(row[column]), most=LONGEST_LINE_NAME
            )


def _top(row: Row) -> Iterator[Problem]:
    if row["top"] not in {"", "0", "1"}:
        yield row.problem("structure_no_flag", top=repr(row["top"]))
    elif row["top"] == "0" and not row["parent"]:
        yield row.problem("structure_top_alone")


def _role(row: Row) -> Iterator[Problem]:
    role = row["role"]
    if not role:
        return
    if role not in set(Role):
        yield row.problem("structure_no_role", role=repr(role), roles=", ".join(Role))
    elif row["statement"] != STATEMENT_OF[Role(role)]:
        yield row.problem("structure_role_elsewhere", role=role, statement=STATEMENT_OF[Role(role)])


def _accounts(row: Row) -> Iterator[Problem]:
    given = [column for column in SIDES if row[column]]
    if not given:
        return
    if row["statement"] == Statement.CASH_FLOW:
        yield row.problem("structure_accounts_of_flow")
    elif row["role"] in set(Role) - {Role.CASH}:
        yield row.problem("structure_accounts_of_role", role=row["role"])
    for column in given:
        for prefix in prefixes(row, column):
            if len(prefix) > LONGEST_CODE:
                yield row.problem(
                    "structure_long_beginning", column=column, length=len(prefix), most=LONGEST_CODE
                )
