"""What Odoo itself says that accounts stand at: its own sums of posted journal items."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.providers.odoo.chart import Chart
from monitr_pipelines.providers.odoo.datasets import Domain
from monitr_pipelines.providers.odoo.faults import contradiction
from monitr_pipelines.providers.odoo.reading import Row, sums_by_account
from monitr_pipelines.providers.odoo.rpc import Rpc


def closing_balances(
    rpc: Rpc, ledger: Domain, context: Row, chart: Chart, *, at: date, first_month: int
) -> TrialBalance:
    """Balances by account code at the end of a day, debit positive; profit and loss since the year began.

    Odoo closes no year: where accounts start anew is a matter of reports, here as there. `first_month` is
    that of the fiscal year.
    """
    on_result = [
        id_ for id_, account in chart.accounts.items() if account.type is AccountType.PROFIT_AND_LOSS
    ]
    until = [*ledger, ["date", "<=", f"{at}"]]
    start = date(at.year - (at.month < first_month), first_month, 1)
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    for domain in (
        [*until, ["account_id", "not in", on_result]],
        [*until, ["account_id", "in", on_result], ["date", ">=", f"{start}"]],
    ):
        for id_, balance in sums_by_account(rpc, domain, context).items():
            if id_ not in chart.accounts:
                raise contradiction("an account with a balance is not listed")
            balances[chart.accounts[id_].code] += balance
    return TrialBalance(balances, day=at, year_start=start)
