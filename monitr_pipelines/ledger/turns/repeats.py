"""Openings that stand twice in the books of a year: once more in entries of its first day."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from monitr_pipelines.ledger.turns.lines import (
    Balances,
    Reason,
    Role,
    TurnLine,
    Verdict,
    Year,
    by_account,
    entries_of,
    possible_entries,
)
from monitr_pipelines.ledger.turns.marks import opening_mark

# Entries that nothing calls an opening repeat one where they have these many accounts alike.
FEWEST_ALIKE = 3


def find_repeats(year: Year) -> dict[str, Verdict]:
    """The lines that open a year once more, and why they do."""
    again = repeated_opening(year.first, {**year.opened, **year.opened_results})
    return {line.external_id: Verdict(Role.OPENING_AGAIN, Reason.AMOUNTS) for line in again}


def repeated_opening(lines: Sequence[TurnLine], opened: Balances) -> list[TurnLine]:
    """The lines of a first day that state once more, account by account, what opens its year.

    `opened`: the balances of what the source calls its opening, debit positive; where it calls nothing so,
    entries that call themselves openings are compared with each other. Each account must agree.
    """
    balances = _nonzero(opened)
    return _repeating(lines, balances) if balances else _marked_twice(lines)


def _repeating(lines: Sequence[TurnLine], balances: Balances) -> list[TurnLine]:
    for entry in possible_entries(lines):
        if _nonzero(by_account(entry)) != balances:
            continue
        if len(balances) >= FEWEST_ALIKE or all(map(opening_mark, entry)):
            return entry
    return []


def _marked_twice(lines: Iterable[TurnLine]) -> list[TurnLine]:
    """Entries that are called openings and repeat one before them that is."""
    seen: list[Balances] = []
    again: list[TurnLine] = []
    for entry in entries_of(filter(opening_mark, lines)):
        balances = _nonzero(by_account(entry))
        if len(balances) >= FEWEST_ALIKE and balances in seen:
            again += entry
        else:
            seen.append(balances)
    return again


def _nonzero(balances: Balances) -> dict[str, Decimal]:
    return {account: amount for account, amount in balances.items() if amount}
