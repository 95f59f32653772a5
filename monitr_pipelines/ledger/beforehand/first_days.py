"""What the lines of a first day say of openings that their source does not call so."""

from collections.abc import Sequence

from monitr_pipelines.ledger.turns.lines import TurnLine, total
from monitr_pipelines.ledger.turns.marks import opening_mark
from monitr_pipelines.ledger.turns.openings import FEWEST_ACCOUNTS


def opens_in_words(lines: Sequence[TurnLine]) -> bool:
    """Whether lines that call themselves an opening are one: balances, which add up to zero."""
    named = list(filter(opening_mark, lines))
    return len({line.account for line in named}) >= FEWEST_ACCOUNTS and not total(named)
