"""What Tryton itself says that accounts stand at."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.tryton.chart import Chart
from monitr_pipelines.providers.tryton.datasets import BALANCES, FISCAL_YEARS
from monitr_pipelines.providers.tryton.faults import TITLE
from monitr_pipelines.providers.tryton.reading import rows
from monitr_pipelines.providers.tryton.rpc import Rpc
from monitr_pipelines.providers.tryton.values import day

INCOME = ["type.statement", "=", "income"]
NOT_INCOME = ["type.statement", "!=", "income"]


def closing_balances(rpc: Rpc, company: int, chart: Chart, at: date) -> TrialBalance:
    """Balances by account code at the end of a day, debit positive; income since the fiscal year began.

    Behind the last fiscal year Tryton would answer zeros: then its last day is the one that is told.

    Raises:
        InconsistentData: No fiscal year has begun by then.
    """
    own = [["company", "=", company]]
    begun = list(rows(rpc, FISCAL_YEARS, [*own, ["start_date", "<=", day(at)]]))
    if not begun:
        raise InconsistentData(Message("no_balances_of_day", {"title": TITLE, "day": at}))
    year = max(begun, key=lambda row: row["start_date"])
    at = min(at, year["end_date"])
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    for since_ever, statement in ((True, NOT_INCOME), (False, INCOME)):
        context = {"date": day(at), "posted": True, "cumulate": since_ever}
        # Not `balance`: behind a closed year it has that of all children, whatever is asked for.
        for row in rows(rpc, BALANCES, [*own, statement], context):
            if account := chart.accounts.get(row["id"]):
                balances[account.code] += row["debit"] - row["credit"]
    return TrialBalance(balances, day=at, year_start=year["start_date"])
