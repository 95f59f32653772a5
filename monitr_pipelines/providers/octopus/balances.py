"""What Octopus itself says that accounts stand at."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from monitr_pipelines.ledger.tie_out import Periods, TrialBalance
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.octopus.datasets import AmountRow, BookyearRow
from monitr_pipelines.providers.octopus.lines import PROFIT_AND_LOSS, account_of, signed
from monitr_pipelines.providers.octopus.values import TITLE, day, exact


class Period(NamedTuple):
    """A period of a bookyear, its first and its last day included; `name` as lines have it."""

    start: date
    name: str
    end: date
    year: BookyearRow


def closing_balances(
    years: Iterable[BookyearRow], rows: Iterable[AmountRow], at: date, sign: int
) -> TrialBalance:
    """Balances by account number at the end of the period of a day, debit positive.

    Octopus tells what moved on an account within a period, and a line counts in the period that it names.

    Args:
        years: All bookyears.
        rows: What moved.
        at: The day.
        sign: What makes debits positive.

    Raises:
        InconsistentData: No period has begun by then.
    """
    last = max((period for period in _periods(years) if period.start <= at), key=_start, default=None)
    if last is None:
        raise InconsistentData(Message("no_balances_of_day", {"title": TITLE, "day": at}))
    first = min(str(period.number) for period in last.year.periods)
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        account, period = account_of(row.key.account.number), str(row.key.period.number)
        if (first if account.startswith(PROFIT_AND_LOSS) else "") <= period <= last.name:
            balances[account] += signed(exact(row.balance, "balance"), sign)
    return TrialBalance(
        balances,
        day=last.end,
        year_start=day(last.year.start, "startDate"),
        periods=Periods("", first, last.name),
    )


def first_month(years: Sequence[BookyearRow]) -> int:
    """The month in which the latest bookyear starts; January where there is none."""
    return max((day(year.start, "startDate") for year in years), default=date(1, 1, 1)).month


def _periods(years: Iterable[BookyearRow]) -> list[Period]:
    return [
        Period(day(each.start, "startDate"), str(each.number), day(each.end, "endDate"), year)
        for year in years
        for each in year.periods
    ]


def _start(period: Period) -> date:
    return period.start
