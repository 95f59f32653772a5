"""What Exact Online itself says that accounts stand at."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from monitr_pipelines.ledger.tie_out import Periods, TrialBalance
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.exact.api import Api
from monitr_pipelines.providers.exact.chart import PROFIT_AND_LOSS
from monitr_pipelines.providers.exact.datasets import BALANCES
from monitr_pipelines.providers.exact.lines import period_name
from monitr_pipelines.providers.exact.sign_in import TITLE
from monitr_pipelines.providers.exact.values import Row, bare, day, exact, needed, whole


class Period(NamedTuple):
    """A financial period, its first and its last day included."""

    start: date
    year: int
    number: int
    end: date


def closing_balances(api: Api, financial_periods: Iterable[Row], at: date, many: int) -> TrialBalance:
    """Balances by account code at the end of the financial period of a day, debit positive.

    From `financial/ReportingBalance`; of a day behind the last period, at the end of that. Exact tells what
    moved on an account within a reporting period, split by cost centre, unit, status and type of entry; all
    of it is added up here. Entries count in the period that they were booked into, whatever their date, so
    lines are compared by their periods. Entries that nobody processed yet are in it.

    The financial year of the day is read whole, and earlier ones while there were fewer than `many` rows:
    where not all were, accounts of the balance sheet are told since the earliest that was.

    Raises:
        InconsistentData: No financial period has begun by then.
    """
    periods = sorted(map(_period, financial_periods))
    begun = [period for period in periods if period.start <= at]
    if not begun:
        raise InconsistentData(Message("no_balances_of_day", {"title": TITLE, "day": at}))
    last = begun[-1]
    starts = {period.year: period.start for period in reversed(begun)}
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    found = 0
    for year in sorted(starts, reverse=True):
        which = f"ReportingYear {'eq' if year > min(starts) else 'le'} {year}"
        for row in api.typed_rows(BALANCES, which):
            found += 1
            on_result = bare(row.balance_type) == PROFIT_AND_LOSS
            begin = (last.year, 0) if on_result else (0, 0)
            if row.amount and begin <= (row.year, row.period) <= (last.year, last.number):
                balances[needed(row.account, "GLAccountCode")] += exact(row.amount, "Amount")
        if found >= many:
            break
    everything = year == min(starts)
    return TrialBalance(
        balances,
        day=last.end,
        year_start=starts[last.year],
        since=None if everything else starts[year],
        periods=Periods(
            "" if everything else period_name(year, 0),
            period_name(last.year, 0),
            period_name(last.year, last.number),
        ),
    )


def first_month(rows: Iterable[Row]) -> int:
    """The month in which the latest financial year starts; January where there is none."""
    starts = [(whole(row, "FinYear"), -whole(row, "FinPeriod"), day(row, "StartDate")) for row in rows]
    return max(starts)[2].month if starts else 1


def _period(row: Row) -> Period:
    return Period(day(row, "StartDate"), whole(row, "FinYear"), whole(row, "FinPeriod"), day(row, "EndDate"))
