"""Which amounts are debits: Octopus does not say so, and its accounts do.

Accounts have the numbers of the Belgian chart, and some of its classes are by nature on one side: costs and
customers are debited far more often than credited, income, suppliers and capital the other way round. Lines
tell by that what their sign means, where there are enough of them; else the balances of accounts do. In the
end each account of each bookyear must stand at what Octopus itself says, and so its balances are compared
with the lines, and the sign is proved or refused.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.octopus.datasets import AmountRow
from monitr_pipelines.providers.octopus.lines import account_of
from monitr_pipelines.providers.octopus.values import KEPT, TITLE, contradicts, exact

# What accounts stand at, by bookyear and number.
Sums: TypeAlias = dict[int, dict[str, Decimal]]

DEBIT, CREDIT = 1, -1
# Classes of the Belgian chart (MAR/PCMN) by the side that they are on.
SIDES = {"10": CREDIT, "40": DEBIT, "44": CREDIT, "6": DEBIT, "7": CREDIT}
ENOUGH = 10
# So many times as much speaks for a sign as against it.
CLEARLY = 3


def told_by(amounts: Iterable[tuple[str, Decimal]]) -> int | None:
    """The sign that makes debits positive, as amounts on accounts tell it; None where they do not."""
    votes = Counter(_side(account) * (1 if amount > 0 else -1) for account, amount in amounts if amount)
    return_it, turn_it = votes[1], votes[-1]
    if return_it + turn_it < ENOUGH:
        return None
    if return_it >= CLEARLY * turn_it:
        return 1
    return -1 if turn_it >= CLEARLY * return_it else None


def sign_of(lines: Iterable[tuple[str, Decimal]], balances: Sums) -> int:
    """The sign of the lines of a first answer, before the rest is read.

    Raises:
        InconsistentData: Neither they nor the balances tell.
    """
    amounts = [pair for accounts in balances.values() for pair in accounts.items()]
    found = told_by(lines) or told_by(amounts) or _most(amounts)
    if found is None:
        raise InconsistentData(Message("sign_unknown", {"title": TITLE}))
    return found


def added_up(rows: Iterable[AmountRow]) -> Sums:
    """Balances over all periods of a bookyear, as Octopus has them."""
    sums: Sums = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        account = account_of(row.key.account.number)
        sums[row.key.period.bookyear.id][account] += exact(row.balance, "balance")
    return sums


def proved(lines: Sums, before: Sums, after: Sums) -> int | None:
    """The sign that balances have beside lines; None where all are at zero.

    Args:
        lines: What lines add up to, debit positive.
        before: Balances when reading began.
        after: Balances when it ended. What changed meanwhile proves nothing.

    Raises:
        InconsistentData: Accounts stand at something else, or at what they should with either sign; or
            the sides of the accounts tell of all lines that their sign is the other one.
    """
    if told_by(pair for accounts in lines.values() for pair in accounts.items()) == -1:
        contradicts("the accounts tell another sign of all lines than of the first ones")
    found = set[int]()
    for year in lines.keys() | before.keys() | after.keys():
        ours, then, now = (sums.get(year, {}) for sums in (lines, before, after))
        for account in ours.keys() | then.keys() | now.keys():
            balance = now.get(account, ZERO)
            if balance == then.get(account, ZERO):
                found.add(_beside(ours.get(account, ZERO), balance))
    found.discard(0)
    if len(found) > 1:
        contradicts("balances of accounts have either sign")
    return next(iter(found), None)


def as_json(sums: Sums) -> dict[str, dict[str, str]]:
    """Sums as checkpoints hold them."""
    return {
        str(year): {account: str(amount) for account, amount in accounts.items() if amount}
        for year, accounts in sums.items()
    }


def of_json(stored: Mapping[str, Mapping[str, str]]) -> Sums:
    """The same from a checkpoint."""
    sums: Sums = defaultdict(lambda: defaultdict(Decimal))
    for year, accounts in stored.items():
        sums[int(year)].update({account: Decimal(amount) for account, amount in accounts.items()})
    return sums


def _beside(ours: Decimal, balance: Decimal) -> int:
    if ours not in {balance, -balance}:
        contradicts("the lines of an account do not add up to its balance")
    if ours == balance:
        return 1 if ours else 0
    return -1


def _most(amounts: Iterable[tuple[str, Decimal]]) -> int | None:
    """What few amounts tell, by their votes alone."""
    votes = sum(_side(account) * (1 if amount > 0 else -1) for account, amount in amounts if amount)
    return (votes > 0) - (votes < 0) or None


@lru_cache(KEPT)
def _side(account: str) -> int:
    return SIDES.get(account[:1]) or SIDES.get(account[:2]) or 0
