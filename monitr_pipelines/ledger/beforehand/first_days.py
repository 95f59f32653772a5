"""What the lines of a first day say of openings that their source does not call so."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from monitr_pipelines.ledger.turns.lines import TurnLine, by_account, possible_entries, total
from monitr_pipelines.ledger.turns.marks import opening_mark
from monitr_pipelines.ledger.turns.openings import FEWEST_ACCOUNTS

# Entries that nothing calls an opening repeat one where they have these many accounts alike.
FEWEST_ALIKE = 3


def opens_in_words(lines: Sequence[TurnLine]) -> bool:
    """Whether lines that call themselves an opening are one: balances, which add up to zero."""
    named = list(filter(opening_mark, lines))
    return len({line.account for line in named}) >= FEWEST_ACCOUNTS and not total(named)


def repeated_opening(lines: Sequence[TurnLine], opened: Mapping[str, Decimal]) -> list[TurnLine]:
    """The lines of a first day that state once more what the source calls its opening; none where none do.

    `opened`: the balances of that opening by account, debit positive.
    """
    balances = {account: amount for account, amount in opened.items() if amount}
    for entry in possible_entries(lines) if balances else ():
        same = {account: amount for account, amount in by_account(entry).items() if amount} == balances
        if same and (len(balances) >= FEWEST_ALIKE or all(map(opening_mark, entry))):
            return entry
    return []
