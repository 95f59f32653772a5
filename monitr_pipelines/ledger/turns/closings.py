"""Closing entries of a year: they empty accounts on its last day, and something else agrees."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
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
from monitr_pipelines.ledger.turns.marks import closing_mark

Judged: TypeAlias = tuple[list[TurnLine], Verdict]
# What no other entry of a year has.
SURE = (Reason.JOURNAL, Reason.DESCRIPTION)
UNSURE = (Reason.PERIOD, Reason.AMOUNTS)
# A single account that ends at zero was settled, not closed.
FEWEST_ACCOUNTS = 2
# The Belgian appropriation of a result, whose two sides show where it went.
APPROPRIATIONS = ("69", "79")


@dataclass(frozen=True)
class Ended:
    """What the accounts of a year ended with, its last day included, and the first day of the next one."""

    year: Year
    results: Balances
    balances: Balances
    reopened: Sequence[TurnLine]


def find_closings(ended: Ended) -> dict[str, Verdict]:
    """The lines of a year's last day that only close it, and why.

    An entry that a period behind the twelfth, a journal or words call a closing one is one where it empties
    profit and loss accounts (all of those it moves, if a period alone says so: auditors' corrections stand in
    such periods too), or every balance sheet account that it moves. Without a mark it is one where the year
    ends with nothing on any profit and loss account and the other side did not move otherwise, so that a
    credit note is none; of balance sheet accounts, where the next year opens them again as they were.
    What empties an account that only took the result on its way is part of closing it. The tax on the result
    that is booked among closing entries is a cost of the year: another of them closes it. An account that
    nothing else moves and that takes the whole result of the year, as the Swedish 8999 does, closes it where
    a mark says so. The Belgian appropriation (69 and 79) stays what it is.
    """
    entries = balanced_entries(ended.year.last)
    judged = [(entry, verdict) for entry in entries if (verdict := _judge(entry, ended))]
    marked = Counter(line.account for entry in entries if _mark_of(entry) for line in entry)
    closings = _with_something_to_close(list(_without_bookings(judged, marked, ended)), ended)
    of_result = [entry for entry, verdict in closings if verdict.role is Role.RESULT_CLOSING]
    passing = by_account(line for entry in of_result for line in entry)
    closings += [
        (entry, verdict)
        for entry in entries
        if all(entry is not closing for closing, _ in closings)
        and (verdict := _passed_on(entry, passing, ended))
    ]
    return {line.external_id: verdict for entry, verdict in closings for line in entry}


def doubtful_closing(ended: Ended) -> Doubt | None:
    """Entries of the last day that were not taken for closing ones, though they leave no result at all."""
    booked = [account for account in ended.results if ended.year.lines.get(account)]
    if any(_takes_the_result(entry, ended) for entry in balanced_entries(ended.year.last)):
        return Doubt(DoubtKind.CLOSING, ended.year.last[0].day, ended.year.start, 1, len(booked))
    emptied = {line.account for line in ended.year.last if line.account in ended.results}
    if any(ended.results.values()) or len(emptied) < FEWEST_ACCOUNTS or len(emptied) < len(booked):
        return None
    return Doubt(DoubtKind.CLOSING, ended.year.last[0].day, ended.year.start, len(emptied), len(booked))


def _without_bookings(judged: Sequence[Judged], marked: Counter[str], ended: Ended) -> Iterator[Judged]:
    """Without entries that book what other marked ones close.

    Their profit and loss accounts were moved by marked entries alone (`marked` counts the lines), and their
    other side is none that another closing carries a result to.
    """
    own = ended.results.keys()
    booked = [
        any(
            ended.year.lines.get(line.account, 0) > marked[line.account]
            for line in entry
            if line.account in own
        )
        for entry, _ in judged
    ]
    carried_to = {
        line.account for (entry, _), closes in zip(judged, booked, strict=True) if closes for line in entry
    }
    for (entry, verdict), closes in zip(judged, booked, strict=True):
        lines = Counter(line.account for line in entry)
        others = lines.keys() - own
        again = all(marked[account] > number for account, number in lines.items() if account in own)
        books = verdict.role is Role.RESULT_CLOSING and not closes and again
        if verdict.reason is Reason.AMOUNTS or not (books and others and not others & carried_to):
            yield entry, verdict


def _with_something_to_close(judged: Sequence[Judged], ended: Ended) -> list[Judged]:
    """Without those that only moved, on the same day, what another entry closed.

    Each account is closed once: by what is named a closing, else by the entry that empties most. Amounts
    alone close a result only where nothing else does, and never undo all that was booked.
    """
    sure = [(entry, verdict) for entry, verdict in judged if not _is_result(verdict, of=UNSURE)]
    closings = [*sure, *_closing_most(judged, sure, Reason.PERIOD, ended)]
    if any(verdict.role is Role.RESULT_CLOSING for _, verdict in closings):
        return closings
    by_amounts = list(_closing_most(judged, [], Reason.AMOUNTS, ended))
    closed = Counter(line.account for entry, _ in by_amounts for line in entry)
    of_results = {account: lines for account, lines in closed.items() if account in ended.results}
    booked = any(lines < ended.year.lines.get(account, 0) for account, lines in of_results.items())
    return [*closings, *by_amounts] if booked else closings


def _closing_most(
    judged: Iterable[Judged], others: Iterable[Judged], reason: Reason, ended: Ended
) -> Iterator[Judged]:
    """Those of a reason that empty an account which neither `others` nor a larger one of them empties."""
    closed = {line.account for entry, verdict in others if _is_result(verdict) for line in entry}
    candidates = [(entry, verdict) for entry, verdict in judged if _is_result(verdict, of=(reason,))]
    results = ended.results
    for entry, verdict in sorted(candidates, key=lambda each: _weight(each[0], results), reverse=True):
        own = {line.account for line in entry if line.account in results}
        if not own <= closed:
            closed |= own
            yield entry, verdict


def _is_result(verdict: Verdict, of: Collection[Reason] = tuple(Reason)) -> bool:
    return verdict.role is Role.RESULT_CLOSING and verdict.reason in of


def _weight(entry: Sequence[TurnLine], results: Collection[str]) -> tuple[int, Decimal]:
    emptied = {line.account for line in entry if line.account in results}
    return len(emptied), sum((abs(line.amount) for line in entry), ZERO)


def balanced_entries(lines: Iterable[TurnLine]) -> list[list[TurnLine]]:
    """Lines of one day as entries that add up to zero, as small as what is known of them allows.

    Without a number, lines of one description belong together, else those of one journal, else all.
    """
    numbered: list[TurnLine] = []
    left: list[TurnLine] = []
    for line in lines:
        (left if line.booking is None else numbered).append(line)
    found = [entry for entry in _grouped(numbered, _number) if not total(entry)]
    for key in (_words, _journal, _day):
        entries = _grouped(left, key)
        found += [entry for entry in entries if not total(entry)]
        left = [line for entry in entries if total(entry) for line in entry]
    return found


def _grouped(lines: Iterable[TurnLine], key: Callable[[TurnLine], Hashable]) -> list[list[TurnLine]]:
    groups: dict[Hashable, list[TurnLine]] = defaultdict(list)
    for line in lines:
        groups[key(line)].append(line)
    return list(groups.values())


_number = attrgetter("booking")
_words = attrgetter("journal", "period", "description")
_journal = attrgetter("journal", "period")
_day = attrgetter("day")


def _judge(entry: Iterable[TurnLine], ended: Ended) -> Verdict | None:
    sums = {account: amount for account, amount in by_account(entry).items() if amount}
    results = [account for account in sums if account in ended.results]
    balances = [account for account in sums if account not in ended.results]
    emptied = [account for account in results if not ended.results[account]]
    mark = _mark_of(entry)
    if mark and _takes_the_result(entry, ended):
        return Verdict(Role.RESULT_CLOSING, mark)
    if results and not (emptied if mark in SURE else len(emptied) == len(results)):
        return None
    nothing_left = not any(ended.balances.get(account) for account in balances)
    if nothing_left and len(balances) >= FEWEST_ACCOUNTS and (mark in SURE or _opened_again(sums, ended)):
        return Verdict(Role.BALANCE_CLOSING, mark or Reason.AMOUNTS)
    if results and (mark or _whole_result(balances, ended)):
        return Verdict(Role.RESULT_CLOSING, mark or Reason.AMOUNTS)
    return None


def _takes_the_result(entry: Iterable[TurnLine], ended: Ended) -> bool:
    """Whether an entry leaves no result, by way of one profit and loss account that nothing else moves."""
    lines = Counter(line.account for line in entry)
    own = [account for account in lines if account in ended.results]
    if len(own) != 1 or own[0].startswith(APPROPRIATIONS) or len(lines) == 1:
        return False
    taken = ended.results[own[0]]
    alone = ended.year.lines.get(own[0], 0) == lines[own[0]]
    return bool(taken) and alone and not sum(ended.results.values(), ZERO)


def _mark_of(entry: Iterable[TurnLine]) -> Reason | None:
    marks = {closing_mark(line) for line in entry}
    return next((reason for reason in (*SURE, Reason.PERIOD) if reason in marks), None)


def _whole_result(counterparts: Iterable[str], ended: Ended) -> bool:
    """Whether no result is left, and the other side has no other business."""
    on_last_day = Counter(line.account for line in ended.year.last)
    idle = all(ended.year.lines.get(account, 0) <= on_last_day[account] for account in counterparts)
    return idle and not any(ended.results.values())


def _opened_again(sums: Balances, ended: Ended) -> bool:
    closed = {account: -amount for account, amount in sums.items() if account not in ended.results}
    return any(closed.items() <= by_account(entry).items() for entry in possible_entries(ended.reopened))


def _passed_on(entry: Iterable[TurnLine], passing: Balances, ended: Ended) -> Verdict | None:
    """The verdict on an entry that hands on what the closing of the result left on an account."""
    sums = by_account(entry)
    if any(account in ended.results for account in sums):
        return None
    handed = any(amount and passing.get(account) == -amount for account, amount in sums.items())
    return Verdict(Role.RESULT_CLOSING, _mark_of(entry) or Reason.AMOUNTS) if handed else None
