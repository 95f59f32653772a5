"""A month read until its lines add up to what Moneybird itself says moved on each account.

Lines are asked for in slices, by project or by account, whichever takes fewer questions. Both cover the month
and overlap nowhere, as a line has one account and at most one project; whether they really do is what the
sums prove. Where they do not add up, people may have worked on the month meanwhile: sums and lines are asked
for again, at last by account.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.moneybird.api import Api, Slice
from monitr_pipelines.providers.moneybird.datasets import EntryRow
from monitr_pipelines.providers.moneybird.lines import CREDIT_POSITIVE, DEBIT_POSITIVE, text_of
from monitr_pipelines.providers.moneybird.sums import Moved, moved
from monitr_pipelines.providers.moneybird.values import contradiction, day_of, unknown

BY_PROJECT, BY_ACCOUNT = "project_id", "ledger_account_id"
ID, DATE, ACCOUNT, AMOUNT = map(attrgetter, ("id", "date", BY_ACCOUNT, "amount"))
NONE = "null"
# From the third one on by account, whatever that takes.
ROUNDS, BY_EITHER = 4, 2


class _DoesNotAddUp(Exception):
    """Lines and sums are not of one moment, or a page came twice."""


class Known(NamedTuple):
    """What is known of an administration: the ids of its projects, and its sign, None while no month told."""

    projects: Sequence[str]
    sign: int | None


class MonthRead(NamedTuple):
    """The lines of a month, those of nothing left out.

    `told`: what Moneybird says moved. `sign`: what amounts are multiplied by in order to be debit positive;
    None where both would do, as in a month in which every account ends where it began.
    """

    rows: list[EntryRow]
    told: Moved
    sign: int | None


def read_month(api: Api, month: Month, told: Moved, known: Known, behind: Call | None) -> MonthRead:
    """The lines of a month; `told` is what Moneybird says moved in it, `behind` what is asked for after it.

    Raises:
        InconsistentData: The lines do not add up to the sums, debit or credit positive.
    """
    for attempt in range(ROUNDS):
        if attempt:
            told = moved(api.general_ledger(month, month))
        slices = _slices(told, known.projects, by_either=attempt < BY_EITHER)
        try:
            rows = _read(api, month, slices, behind)
            return MonthRead(rows, told, _sign(rows, told, known.sign))
        except _DoesNotAddUp:
            continue
    raise contradiction(f"the lines of {month} do not add up to what it says moved")


def _slices(told: Moved, projects: Sequence[str], *, by_either: bool) -> list[Slice]:
    if by_either and len(projects) + 1 < len(told):
        return [(BY_PROJECT, each) for each in (NONE, *projects)]
    return [(BY_ACCOUNT, account) for account in sorted(told)]


def _read(api: Api, month: Month, slices: Sequence[Slice], behind: Call | None) -> list[EntryRow]:
    rows: list[EntryRow] = []
    seen: set[str] = set()
    for of_slice, page in api.entries(month, slices, behind):
        keys = set(map(str, map(ID, page)))
        if len(keys) < len(page) or not seen.isdisjoint(keys) or not _belong(page, month, of_slice):
            raise _DoesNotAddUp
        seen |= keys
        if not all(map(Decimal.is_finite, map(AMOUNT, page))):
            unknown("amount is no amount")
        rows += filter(AMOUNT, page)
    return rows


def _belong(page: Sequence[EntryRow], month: Month, of_slice: Slice) -> bool:
    """Whether all rows of a page are of the month and the slice; most say the same of it."""
    name, value = of_slice
    own = {text_of(each) or NONE for each in set(map(attrgetter(name), page))}
    days = {Month.of(day_of(each, "date")) for each in set(map(DATE, page))}
    return own <= {value} and days <= {month}


def _sign(rows: Sequence[EntryRow], told: Moved, known: int | None) -> int | None:
    """The sign with which the lines add up to the sums."""
    read: defaultdict[str, Decimal] = defaultdict(Decimal)
    for account, amount in zip(map(str, map(ACCOUNT, rows)), map(AMOUNT, rows), strict=True):
        read[account] += amount
    due = {account: sides.net for account, sides in told.items()}
    fitting = [sign for sign in (DEBIT_POSITIVE, CREDIT_POSITIVE) if _adds_up(read, due, sign)]
    if not fitting or known not in (None, *fitting):
        raise _DoesNotAddUp
    return known or (fitting[0] if len(fitting) == 1 else None)


def _adds_up(read: Mapping[str, Decimal], due: Mapping[str, Decimal], sign: int) -> bool:
    return all(read.get(each, ZERO) * sign == due.get(each, ZERO) for each in {*read, *due})
