"""Doubts about an answer, found before it is committed: too few lines, or books that do not balance."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.money import plain
from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month

LARGEST_LOSS = Decimal("0.5")


@dataclass(frozen=True)
class Allowances:
    """What an import lets pass, and what its source vouches for.

    `bookings_balance`: the source vouches that every single booking balances. `largest_loss`: the
    share of its lines that a month may lose.
    """

    calendar: FiscalCalendar = field(default_factory=FiscalCalendar)
    allow_shrink: bool = False
    allow_unbalanced: bool = False
    bookings_balance: bool = True
    largest_loss: Decimal = LARGEST_LOSS


def shrunken_months(
    before: Mapping[Month, int], after: Mapping[Month, int], largest_loss: Decimal = LARGEST_LOSS
) -> list[Finding]:
    """Months that an answer empties, or that lose more than the given share of their lines."""
    return [
        Finding(
            "month_emptied" if not after.get(month) else "month_shrunken",
            f"{month} has {lines} lines now and would have {after.get(month, 0)}",
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


def _describe(scope: str, amount: Decimal, accepted: Decimal | None) -> str:
    side, other = ("debit", "credit") if amount > 0 else ("credit", "debit")
    text = f"{scope} has {plain(abs(amount))} more {side} than {other}"
    return text if accepted is None else f"{text}; {plain(accepted)} was accepted before"
