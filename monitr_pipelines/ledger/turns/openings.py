"""Opening entries of a year, from what says so: period, journal, words, and above all the amounts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.turns.lines import (
    Balances,
    Doubt,
    DoubtKind,
    Reason,
    Role,
    TurnLine,
    Verdict,
    Year,
    by_account,
    possible_entries,
    total,
)
from monitr_pipelines.ledger.turns.marks import opening_mark

Marked: TypeAlias = Mapping[Reason, list[TurnLine]]
# Fewer accounts than these could be equal by chance.
FEWEST_ACCOUNTS = 2


def find_openings(year: Year, carried: Balances, result: Decimal) -> dict[str, Verdict]:
    """The lines of a year's first day that repeat what the year before ended with, and why.

    `carried` is what balance sheet accounts ended that year with, `result` what its profit and loss accounts
    did, debit positive; both are empty where the year follows none. A period 0 speaks for itself. A journal
    or words do where nothing could contradict them, or where at least half of the accounts agree: an entry
    that only sounds like an opening would be missing from the balances. Without any of these each account
    must agree, and the result of the year before must be what is left.
    """
    marked = _by_mark(year.first)
    for reason in (Reason.PERIOD, Reason.JOURNAL, Reason.DESCRIPTION):
        lines = marked[reason]
        if lines and _believed(reason, lines, year, carried):
            lines = [*lines, *_rest_of(lines, year.first)]
            return {line.external_id: Verdict(Role.OPENING, reason) for line in lines}
    if not year.follows or year.opened:
        return {}
    repeated = _repeated(year.first, carried, result)
    return {line.external_id: Verdict(Role.OPENING, Reason.AMOUNTS) for line in repeated}


def doubtful_opening(year: Year, carried: Balances) -> Doubt | None:
    """Lines of the first day that were not taken for an opening, though they repeat half of the balances."""
    balances = {account: amount for account, amount in carried.items() if amount}
    if not year.follows or year.opened or not year.first or not balances:
        return None
    equal = max(
        sum(balances.get(account) == amount for account, amount in by_account(entry).items())
        for entry in possible_entries(year.first)
    )
    if equal < FEWEST_ACCOUNTS or 2 * equal < len(balances):
        return None
    return Doubt(DoubtKind.OPENING, year.first[0].day, year.start, equal, len(balances))


def _by_mark(lines: Iterable[TurnLine]) -> Marked:
    marked = defaultdict(list)
    for line in lines:
        if reason := opening_mark(line):
            marked[reason].append(line)
    return marked


def _believed(reason: Reason, lines: list[TurnLine], year: Year, carried: Balances) -> bool:
    if reason is Reason.PERIOD:
        return True
    if not year.follows:
        return True
    sums = by_account(lines)
    equal = sum(amount == carried.get(account) for account, amount in sums.items() if amount)
    return 2 * equal >= len([amount for amount in sums.values() if amount])


def _rest_of(lines: list[TurnLine], day: Iterable[TurnLine]) -> Iterator[TurnLine]:
    """Lines of the same entry that lack the mark, such as `Result 2023` beside `Opening balance`.

    Only where the marked ones do not add up to zero by themselves, and these make them do so.
    """
    missing = -total(lines)
    if not missing:
        return
    bookings = {line.booking for line in lines if line.booking is not None}
    marked = {line.external_id for line in lines}
    others = [line for line in day if line.external_id not in marked]
    same_entry = [line for line in others if line.booking in bookings]
    yield from _equal_part(same_entry, missing) or _equal_part(others, missing)


def _repeated(first: tuple[TurnLine, ...], carried: Balances, result: Decimal) -> list[TurnLine]:
    """The lines that repeat every balance, with those that carry the result; none where one is missing."""
    open_balances = {account: amount for account, amount in carried.items() if amount}
    if len(open_balances) + bool(result) < FEWEST_ACCOUNTS or not first:
        return []
    for entry in possible_entries(first):
        if _is_opening(by_account(entry), open_balances, result):
            return entry
    lines_of: dict[str, list[TurnLine]] = defaultdict(list)
    for line in first:
        lines_of[line.account].append(line)
    chosen: list[TurnLine] = []
    for account, amount in open_balances.items():
        found = _equal_part(lines_of[account], amount)
        if not found and result:
            # The account that the result was carried to; another one would leave a difference.
            found = _equal_part(lines_of[account], amount + result)
        if not found:
            return []
        chosen += found
    rest = [line for line in first if line.account not in open_balances]
    carrying = _equal_part(rest, -total(chosen)) if total(chosen) else []
    return [*chosen, *carrying] if not total([*chosen, *carrying]) else []


def _is_opening(sums: Balances, balances: Balances, result: Decimal) -> bool:
    """Whether sums repeat every balance, the result having gone to one account or several."""
    others = {account: amount for account, amount in sums.items() if amount != balances.get(account, 0)}
    unnamed = [account for account in balances if account not in sums]
    if unnamed or any(account in balances and not result for account in others):
        return False
    moved = sum((amount - balances.get(account, 0) for account, amount in others.items()), ZERO)
    equal = len(balances) - sum(account in balances for account in others)
    return moved == result and len(others) <= FEWEST_ACCOUNTS and equal + len(others) >= FEWEST_ACCOUNTS


def _equal_part(lines: Collection[TurnLine], amount: Decimal) -> list[TurnLine]:
    """All of the lines where they add up to an amount, or the one among them that does."""
    if total(lines) == amount:
        return list(lines)
    return next(([line] for line in lines if line.amount == amount), [])
