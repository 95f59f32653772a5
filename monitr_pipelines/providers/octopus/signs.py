"""Which amounts are debits: Octopus does not say so, of lines or of balances, and its accounts do.

Accounts have the numbers of the Belgian chart. By nature costs are debited, income and capital credited, and
that tells what the balances of all accounts mean. What the lines of a first answer add up to on an account
within a period is often its whole balance there, and that tells whether lines have the sign of balances. In
the end the lines of each account and bookyear must add up to its balance: so both signs are proved, and that
no booking is missing; else nothing of it is stored.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias, TypeVar

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.octopus.datasets import AmountRow, LineRow
from monitr_pipelines.providers.octopus.lines import account_of, signed
from monitr_pipelines.providers.octopus.values import KEPT, TITLE, contradicts, exact

# What accounts stand at, by bookyear and number.
Sums: TypeAlias = dict[int, dict[str, Decimal]]
Cell = TypeVar("Cell", bound=Hashable)

DEBIT, CREDIT = 1, -1
# Classes of the Belgian chart (MAR/PCMN) by the side that they are on.
SIDES = {"10": CREDIT, "6": DEBIT, "7": CREDIT}
# So many times as many accounts must be on their side as on the other.
CLEARLY = 3


def sign_of_balances(balances: Sums) -> int:
    """What makes balances debit positive, as the sides of accounts tell it.

    Raises:
        InconsistentData: They do not.
    """
    votes = Counter(
        _side(account) * (1 if balance > 0 else -1)
        for accounts in balances.values()
        for account, balance in accounts.items()
        if balance
    )
    if votes[1] >= CLEARLY * votes[-1] and votes[1]:
        return 1
    if votes[-1] >= CLEARLY * votes[1] and votes[-1]:
        return -1
    raise InconsistentData(
        Message("sign_unknown", {"title": TITLE}), detail=f"{votes[1]} accounts against {votes[-1]}"
    )


def sign_beside(lines: Iterable[LineRow], balances: Iterable[AmountRow]) -> int:
    """Whether lines have the sign of balances (1) or the other one (-1), as most that are equal tell it."""
    ours = _summed(
        ((row.bookyear.id, row.period, row.account), exact(row.amount, "bookingAmount")) for row in lines
    )
    theirs = _summed(
        (
            (row.key.period.bookyear.id, row.key.period.number, row.key.account.number),
            exact(row.balance, "balance"),
        )
        for row in balances
    )
    votes = sum(
        (amount == theirs[cell]) - (amount == -theirs[cell])
        for cell, amount in ours.items()
        if cell in theirs
    )
    return -1 if votes < 0 else 1


def added_up(rows: Iterable[AmountRow]) -> Sums:
    """Balances over all periods of a bookyear, as Octopus has them."""
    sums = nothing()
    for row in rows:
        account = account_of(row.key.account.number)
        sums[row.key.period.bookyear.id][account] += exact(row.balance, "balance")
    return sums


def prove(lines: Sums, before: Sums, after: Sums, sign: int) -> None:
    """Compare what lines add up to with the balances of accounts.

    Args:
        lines: What lines add up to, debit positive.
        before: Balances when reading began.
        after: Balances when it ended. What changed meanwhile proves nothing.
        sign: What makes balances debit positive.

    Raises:
        InconsistentData: An account stands at something else.
    """
    for year in lines.keys() | before.keys() | after.keys():
        ours, then, now = (sums.get(year, {}) for sums in (lines, before, after))
        for account in ours.keys() | then.keys() | now.keys():
            balance = now.get(account, ZERO)
            if balance == then.get(account, ZERO) and ours.get(account, ZERO) != signed(balance, sign):
                contradicts("the lines of an account do not add up to its balance")


def nothing() -> Sums:
    """Sums of no line."""
    return defaultdict(lambda: defaultdict(Decimal))


def as_json(sums: Sums) -> dict[str, dict[str, str]]:
    """Sums as checkpoints hold them."""
    return {
        str(year): {account: str(amount) for account, amount in accounts.items() if amount}
        for year, accounts in sums.items()
    }


def of_json(stored: Mapping[str, Mapping[str, str]]) -> Sums:
    """The same from a checkpoint."""
    sums = nothing()
    for year, accounts in stored.items():
        sums[int(year)].update({account: Decimal(amount) for account, amount in accounts.items()})
    return sums


def _summed(amounts: Iterable[tuple[Cell, Decimal]]) -> dict[Cell, Decimal]:
    sums: defaultdict[Cell, Decimal] = defaultdict(Decimal)
    for cell, amount in amounts:
        sums[cell] += amount
    return sums


@lru_cache(KEPT)
def _side(account: str) -> int:
    return SIDES.get(account[:1]) or SIDES.get(account[:2]) or 0
