"""What Tryton itself says that accounts stand at."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.providers.tryton.chart import Chart
from monitr_pipelines.providers.tryton.datasets import BALANCES, FISCAL_YEARS
from monitr_pipelines.providers.tryton.reading import rows
from monitr_pipelines.providers.tryton.rpc import Rpc
from monitr_pipelines.providers.tryton.values import day

INCOME = ["type.statement", "=", "income"]
NOT_INCOME = ["type.statement", "!=", "income"]


def closing_balances(rpc: Rpc, company: int, chart: Chart, at: date) -> Mapping[str, Decimal]:
    """Balances by account code at the end of a day, debit positive; income since the fiscal year began.

    Raises:
        InconsistentData: No fiscal year covers the day: Tryton would answer zeros.
    """
    own = [["company", "=", company]]
    covering = [*own, ["start_date", "<=", day(at)], ["end_date", ">=", day(at)]]
    if not list(rows(rpc, FISCAL_YEARS, covering)):
        raise InconsistentData(f"Tryton has no fiscal year that covers {at}, so it gives no balances.")
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    for since_ever, statement in ((True, NOT_INCOME), (False, INCOME)):
        context = {"date": day(at), "posted": True, "cumulate": since_ever}
        # Not `balance`: behind a closed year it has that of all children, whatever is asked for.
        for row in rows(rpc, BALANCES, [*own, statement], context):
            if account := chart.accounts.get(row["id"]):
                balances[account.code] += row["debit"] - row["credit"]
    return balances
