"""Our balances beside those that an accounting software tells of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from monitr_pipelines.ledger.money import ZERO

SHOWN_DIFFERENCES = 100


class Periods(NamedTuple):
    """Where a software counts a line in the period that it names, whatever its date.

    `first` and `last` are those of the fiscal year up to the day, as `LedgerLine.period` names them, and
    `since` is the first that counts for accounts of the balance sheet, empty where all do. Names of periods
    sort as the periods follow one another.
    """

    since: str
    first: str
    last: str


class TrialBalance(dict[str, Decimal]):
    """What each account stands at by the software's own word: closing balances by code, debit positive.

    Args:
        balances: Of accounts of the balance sheet since ever, or what moved on them from `since` on; of those
            of the result since `year_start`. Accounts at zero may be left out.
        day: The last day that counts: the one that was asked for, or the nearest that can be told.
        year_start: The first day of the fiscal year of `day`, as the software has it.
        since: None where accounts of the balance sheet count since ever.
        periods: Given where lines count by their period and not by their date.
        computed: Codes of accounts on which the software reports what no line says, such as the results of
            earlier years; they are not compared.
    """

    def __init__(
        self,
        balances: Mapping[str, Decimal],
        *,
        day: date,
        year_start: date,
        since: date | None = None,
        periods: Periods | None = None,
        computed: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(balances)
        self.day = day
        self.year_start = year_start
        self.since = since
        self.periods = periods
        self.computed = computed


@dataclass(frozen=True)
class Difference:
    """One account that stands at something else there than here, debit positive."""

    account_code: str
    theirs: Decimal
    ours: Decimal

    @property
    def amount(self) -> Decimal:
        """How much more stands here."""
        return self.ours - self.theirs


@dataclass(frozen=True)
class TieOut:
    """What became of comparing an import with the software's own trial balance.

    Args:
        day: The last day that counts; None where nothing could be compared.
        compared: How many accounts have a balance there or here.
        differing: How many of them differ.
        differences: The largest of these, at most a hundred.
    """

    day: date | None = None
    compared: int = 0
    differing: int = 0
    differences: Sequence[Difference] = field(default=())


def compared(theirs: TrialBalance, ours: Mapping[str, Decimal]) -> TieOut:
    """Compare account by account; one that is missing on a side stands at zero there."""
    named = {*theirs, *ours} - theirs.computed
    pairs = {code: (theirs.get(code, ZERO), ours.get(code, ZERO)) for code in named}
    differing = [Difference(code, *both) for code, both in pairs.items() if both[0] != both[1]]
    differing.sort(key=lambda each: (-abs(each.amount), each.account_code))
    return TieOut(
        theirs.day,
        sum(1 for both in pairs.values() if any(both)),
        len(differing),
        differing[:SHOWN_DIFFERENCES],
    )
