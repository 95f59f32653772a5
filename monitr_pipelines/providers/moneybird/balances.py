"""What Moneybird itself says that accounts stand at."""

from calendar import monthrange
from collections import defaultdict
from datetime import date
from decimal import Decimal

from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.records import Account, AccountType
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.moneybird.api import Api
from monitr_pipelines.providers.moneybird.chart import Chart
from monitr_pipelines.providers.moneybird.sign_in import TITLE
from monitr_pipelines.providers.moneybird.sums import by_account, moved
from monitr_pipelines.providers.moneybird.values import contradiction


def closing_balances(api: Api, chart: Chart, at: date, begins: date | None) -> TrialBalance:
    """Balances by account code at the end of the month of a day, debit positive.

    From the general ledger report over the fiscal year up to that month: accounts of the balance sheet by
    their final balance, those of the result by what moved on them, debit less credit, as the report does not
    say since when it carries these on.

    Args:
        api: Who is asked.
        chart: What the accounts are called.
        at: The day.
        begins: The first day of the first fiscal year with bookings, None where there is none yet.

    Raises:
        InconsistentData: No fiscal year has begun by then.
    """
    if begins is None or at < begins:
        raise InconsistentData(Message("no_balances_of_day", {"title": TITLE, "day": at}))
    last = Month.of(at)
    year = FiscalCalendar(begins.month).year_of(last)
    told = api.general_ledger(year.first, last)
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    for id_, balance in by_account(told.final_balance).items():
        if (account := _listed(chart, id_)).type is not AccountType.PROFIT_AND_LOSS:
            balances[account.code] += balance
    for id_, sides in moved(told).items():
        if (account := _listed(chart, id_)).type is AccountType.PROFIT_AND_LOSS:
            balances[account.code] += sides.net
    end = date(last.year, last.month, monthrange(last.year, last.month)[1])
    return TrialBalance(balances, day=end, year_start=year.start)


def _listed(chart: Chart, id_: str) -> Account:
    if id_ not in chart.accounts:
        raise contradiction("balances of accounts that it does not list")
    return chart.accounts[id_]
