"""Doubts about an answer, found before it is committed: too few lines, or books that do not balance."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month
from monitr_pipelines.ledger.sentences import Sentence, Value, sentence

LARGEST_LOSS = Decimal("0.5")


@dataclass(frozen=True)
class Allowances:
    """What an import lets pass, and what its source vouches for.

    `bookings_balance`: the source vouches that every single booking balances. `largest_loss`: the
    share of its lines that a month may lose. `today`: when the source is judged by what its dates say; None
    where it vouches for them. `allow_dates` and `keep_calendar`: someone did.
    """

    calendar: FiscalCalendar = field(default_factory=FiscalCalendar)
    allow_shrink: bool = False
    allow_unbalanced: bool = False
    bookings_balance: bool = True
    largest_loss: Decimal = LARGEST_LOSS
    today: date | None = None
    allow_dates: bool = False
    keep_calendar: bool = False


def shrunken_months(
    before: Mapping[Month, int], after: Mapping[Month, int], largest_loss: Decimal = LARGEST_LOSS
) -> list[Finding]:
    """Months that an answer empties, or that lose more than the given share of their lines."""
    return [
        Finding(
            "month_emptied" if not after.get(month) else "month_shrunken",
            sentence("fewer_lines", month=month, before=lines, after=after.get(month, 0)),
        )
        for month, lines in sorted(before.items())
        if not after.get(month) or lines - after[month] > lines * largest_loss
    ]


def imbalances(balances: Mapping[Month, Decimal], calendar: FiscalCalendar) -> dict[FiscalYear, Decimal]:
    """Fiscal years whose lines do not add up to zero, and by how much (debit positive)."""
    totals: defaultdict[FiscalYear, Decimal] = defaultdict(Decimal)
    for month, balance in balances.items():
        totals[calendar.year_of(month)] += balance
    return {year: total for year, total in sorted(totals.items()) if total}


def unaccepted(found: Mapping[str, Decimal], accepted: Mapping[str, Decimal]) -> list[Finding]:
    """Imbalances, by fiscal year or booking, that nobody accepted or that changed since."""
    return [
        Finding(f"unbalanced_{scope.split()[0]}", _describe(scope, amount, accepted.get(scope)))
        for scope, amount in found.items()
        if accepted.get(scope) != amount
    ]


def _describe(scope: str, amount: Decimal, accepted: Decimal | None) -> Sentence:
    kind = "more_debit" if amount > 0 else "more_credit"
    values: dict[str, Value] = {"scope": scope_of(scope), "amount": abs(amount)}
    if accepted is None:
        return sentence(kind, **values)
    return sentence(f"{kind}_again", **values, accepted=accepted)


def scope_of(scope: str) -> Sentence:
    """What an imbalance is of, as it is remembered: `year 2026`, `booking M1/17`."""
    kind, _, name = scope.partition(" ")
    return sentence("of_year", year=name) if kind == "year" else sentence("of_booking", booking=name)
