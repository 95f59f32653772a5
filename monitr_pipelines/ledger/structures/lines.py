"""The words of a reporting structure: its lines, the statements and roles that they have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Statement(StrEnum):
    """Which statement a line is of."""

    BALANCE_SHEET = "balance_sheet"
    PROFIT_AND_LOSS = "profit_and_loss"
    CASH_FLOW = "cash_flow"


class Role(StrEnum):
    """What a line is looked for by, whatever it is called."""

    NET_RESULT = "net_result"
    RESULT_OF_YEAR = "result_of_year"
    CASH = "cash"
    OPENING_CASH = "opening_cash"
    NET_CASH_FLOW = "net_cash_flow"
    CLOSING_CASH = "closing_cash"


# Where a role may stand.
STATEMENT_OF: Mapping[Role, Statement] = {
    Role.NET_RESULT: Statement.PROFIT_AND_LOSS,
    Role.RESULT_OF_YEAR: Statement.BALANCE_SHEET,
    Role.CASH: Statement.BALANCE_SHEET,
    Role.OPENING_CASH: Statement.CASH_FLOW,
    Role.NET_CASH_FLOW: Statement.CASH_FLOW,
    Role.CLOSING_CASH: Statement.CASH_FLOW,
}
REQUIRED = (Role.NET_RESULT, Role.RESULT_OF_YEAR)
LANGUAGES = ("en", "nl", "fr")
NAMES = tuple(f"name_{language}" for language in LANGUAGES)
# The columns with beginnings of account codes, by the side of the balance that these hold for.
SIDES: Mapping[str, str] = {"accounts": "", "accounts_debit": "debit", "accounts_credit": "credit"}
NEEDED = ("line", "statement", "parent", "position")
COLUMNS = (*NEEDED, "top", *NAMES, *SIDES, "cash_flow", "role")
# How a file writes the beginning that every code has.
EVERY_CODE = "*"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a statement, as a file tells it.

    Args:
        parent: The line that it adds up into; empty where there is none.
        position: Its rank among the lines of its statement.
        top: It is a main line: pages show these alone where that is asked for. The first lines always are.
        names: By language, each of them filled.
        accounts: Beginnings of account codes by column of `SIDES`; an empty one takes what no other does.
        cash_flow: The line of the cash flow statement that it counts in; empty where it counts in none.
    """

    line: str
    statement: Statement
    parent: str
    position: int
    top: bool
    names: Mapping[str, str]
    accounts: Mapping[str, tuple[str, ...]]
    cash_flow: str
    role: Role | None


@dataclass(frozen=True, slots=True)
class Structure:
    """The lines of a structure that keeps every rule, in the order of its file."""

    lines: tuple[Line, ...]

    def in_order(self) -> Iterator[tuple[int, Line]]:
        """Each line below its parent, by rank, with its level: 0 where it has no parent."""
        children: dict[str, list[Line]] = {}
        for line in sorted(self.lines, key=lambda line: line.position):
            children.setdefault(line.parent, []).append(line)
        waiting = [(0, line) for line in reversed(children.get("", []))]
        while waiting:
            level, line = waiting.pop()
            yield level, line
            waiting += [(level + 1, child) for child in reversed(children.get(line.line, []))]
