"""What is judged at the turn of a fiscal year, and what became of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from monitr_pipelines.ledger.money import ZERO

Balances: TypeAlias = Mapping[str, Decimal]


class Role(StrEnum):
    """What a line does besides moving an account.

    `OPENING` carries a balance over from the year before. `OPENING_AGAIN` states once more what other lines
    of the same day open the year with, and `BALANCE_CLOSING` empties balance sheet accounts that the next
    year opens again: their amounts belong nowhere but in the ledger. `RESULT_CLOSING` empties profit and loss
    accounts at the end of a year: its amounts belong to the turn into the next one.
    """

    OPENING = "opening"
    OPENING_AGAIN = "opening again"
    RESULT_CLOSING = "result closing"
    BALANCE_CLOSING = "balance closing"


class Reason(StrEnum):
    """What a role was told from, the surest first."""

    PERIOD = "period"
    JOURNAL = "journal"
    DESCRIPTION = "description"
    AMOUNTS = "amounts"


class Verdict(NamedTuple):
    """The role of a line, and what it was told from."""

    role: Role
    reason: Reason


class DoubtKind(StrEnum):
    """What could be an opening or a closing, but is too little to count it as one."""

    OPENING = "opening_unsure"
    CLOSING = "closing_unsure"


class Doubt(NamedTuple):
    """A day whose lines only its accountant can judge: `matching` of `accounts` speak for a role."""

    kind: DoubtKind
    day: date
    year: date
    matching: int
    accounts: int


class TurnLine(NamedTuple):
    """A ledger line of the first or the last day of a fiscal year; `amount` is debit positive."""

    external_id: str
    day: date
    account: str
    amount: Decimal
    booking: str | None = None
    journal: str | None = None
    period: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Year:
    """One fiscal year of a ledger, its roles not judged yet.

    `results` and `balances` hold what moved within the year, by profit and loss account and by balance sheet
    account, and `lines` how many lines did so. What the source itself calls opening entries is in none of
    them: it stands in `opened`, that of profit and loss accounts in `opened_results`. `first` and `last` are
    lines of the first and the last day. `follows`: the adjacent earlier year is in the ledger.
    """

    start: date
    follows: bool
    results: Balances
    balances: Balances
    lines: Mapping[str, int] = field(default_factory=dict)
    opened: Balances = field(default_factory=dict)
    opened_results: Balances = field(default_factory=dict)
    first: tuple[TurnLine, ...] = ()
    last: tuple[TurnLine, ...] = ()


def total(lines: Iterable[TurnLine]) -> Decimal:
    """What lines add up to."""
    return sum((line.amount for line in lines), ZERO)


def by_account(lines: Iterable[TurnLine]) -> dict[str, Decimal]:
    """What lines add up to, by account."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.account] = sums.get(line.account, ZERO) + line.amount
    return sums


def entries_of(lines: Iterable[TurnLine]) -> list[list[TurnLine]]:
    """The lines of a day by number, those without one by their words."""
    entries: dict[object, list[TurnLine]] = defaultdict(list)
    for line in lines:
        entries[line.booking or (line.journal, line.period, line.description)].append(line)
    return list(entries.values())


def possible_entries(lines: Sequence[TurnLine]) -> list[list[TurnLine]]:
    """The lines of a day that may belong together: by number or words, by journal, and all of them."""
    journals: dict[str | None, list[TurnLine]] = defaultdict(list)
    for line in lines:
        journals[line.journal].append(line)
    return [*entries_of(lines), *journals.values(), list(lines)]
