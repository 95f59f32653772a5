"""What Exact Online itself says that accounts stand at."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.exact.api import Api
from monitr_pipelines.providers.exact.chart import PROFIT_AND_LOSS
from monitr_pipelines.providers.exact.datasets import BALANCES, PERIODS
from monitr_pipelines.providers.exact.sign_in import TITLE
from monitr_pipelines.providers.exact.values import Row, amount, code, day, text, whole

# Year and number of a financial period.
Period = tuple[int, int]


def closing_balances(api: Api, at: date) -> Mapping[str, Decimal]:
    """Balances by account code at the end of a day, debit positive, from `financial/ReportingBalance`.

    Exact tells what moved on an account within a reporting period, split by cost centre, unit, status and
    type of entry; all of it is added up here: since ever for accounts of the balance sheet, since the
    start of the financial year for those of the result. Entries count in the period that they were booked
    into, whatever their date: where the two differ, this is not the sum of lines up to that date. Entries
    that nobody processed yet are in it.

    Raises:
        InconsistentData: The day is not the last one of a financial period: Exact cannot tell then.
    """
    year, number = _period_that_ends(api.rows(PERIODS), at)
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in api.rows(BALANCES, f"ReportingYear le {year}"):
        period = (whole(row, "ReportingYear"), whole(row, "ReportingPeriod"))
        first = (year, 0) if text(row, "BalanceType") == PROFIT_AND_LOSS else (0, 0)
        if first <= period <= (year, number):
            balances[code(row, "GLAccountCode")] += amount(row, "Amount") or ZERO
    return balances


def first_month(rows: Iterable[Row]) -> int:
    """The month in which the latest financial year starts; January where there is none."""
    starts = [(whole(row, "FinYear"), -whole(row, "FinPeriod"), day(row, "StartDate")) for row in rows]
    return max(starts)[2].month if starts else 1


def _period_that_ends(rows: Iterable[Row], at: date) -> Period:
    for row in rows:
        if day(row, "EndDate") == at:
            return whole(row, "FinYear"), whole(row, "FinPeriod")
    raise InconsistentData(Message("no_balances_of_day", {"title": TITLE, "day": at}))
