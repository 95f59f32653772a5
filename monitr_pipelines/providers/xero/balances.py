"""What Xero itself says that accounts stand at: its report of the trial balance.

The report has accounts of the result since the fiscal year began, all others since ever. Its retained
earnings hold the results of all earlier years as well, which no journal ever books: they are taken off again,
as the report of the last day of each of these years tells them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import NamedTuple

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.providers.xero.api import Api
from monitr_pipelines.providers.xero.chart import Chart
from monitr_pipelines.providers.xero.datasets import CellRow, Report, ReportRow
from monitr_pipelines.providers.xero.fiscal import DAY, YearEnd
from monitr_pipelines.providers.xero.values import amount, contradicts, unknown

MOST_YEARS = 30
HEADER, ROW, ACCOUNT = "Header", "Row", "account"
DEBIT, CREDIT = "YTD Debit", "YTD Credit"


class Figures(NamedTuple):
    """What a report tells by account code, debit positive, and the result of its fiscal year to that day."""

    balances: Mapping[str, Decimal]
    on_result: frozenset[str]

    @property
    def result(self) -> Decimal:
        """What accounts of the result add up to."""
        return sum((self.balances[code] for code in self.on_result), ZERO)


def closing_balances(api: Api, chart: Chart, year_end: YearEnd, at: date, years: int) -> TrialBalance:
    """Balances by account code at the end of a day, debit positive.

    What stood at the ends of so many earlier fiscal years is asked for, and of more as long as nothing moved
    since: where there were still more, accounts of the balance sheet tell what moved on them since then.

    Raises:
        InconsistentData: The user may not see reports, or one has an account that is in no chart.
    """
    now = figures_of(api.trial_balance(at), chart)
    results = ZERO
    for asked, begin in enumerate(islice(_starts(year_end, at), MOST_YEARS), 1):
        earlier = figures_of(api.trial_balance(begin - DAY), chart)
        results += earlier.result
        balances = _moved(now, earlier, results, chart)
        everything = not any(earlier.balances.values())
        if everything or (asked >= years and any(balances.values())):
            break
    return TrialBalance(
        balances, day=at, year_start=year_end.start_of_year(at), since=None if everything else begin
    )


def figures_of(report: Report, chart: Chart) -> Figures:
    """The figures of a report.

    Raises:
        InconsistentData: It has an account that is not in the chart.
    """
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    on_result = set()
    for id_, balance in _rows(report):
        account = chart.accounts.get(id_) or contradicts("the trial balance has an account of no chart")
        balances[account.code] += balance
        if account.type is AccountType.PROFIT_AND_LOSS:
            on_result.add(account.code)
    return Figures(balances, frozenset(on_result))


def _starts(year_end: YearEnd, at: date) -> Iterator[date]:
    """The first days of the fiscal year of a day, and of those before it."""
    while True:
        at = year_end.start_of_year(at)
        yield at
        at -= DAY


def _moved(now: Figures, then: Figures, results: Decimal, chart: Chart) -> Mapping[str, Decimal]:
    """What moved on accounts of the balance sheet since then, and the result accounts as they are now.

    `results` are those of the fiscal years that ended from then on: reports count them as retained earnings.
    """
    balances = defaultdict(Decimal, now.balances)
    for code in then.balances.keys() - then.on_result:
        balances[code] -= then.balances[code]
    if chart.retained_earnings is not None:
        balances[chart.retained_earnings] -= results
    return balances


def _rows(report: Report) -> Iterator[tuple[str, Decimal]]:
    """Accounts by id, with what they stand at."""
    names: list[str | None] = []
    for row in _flat(report.rows):
        if row.kind == HEADER:
            names = [cell.value for cell in row.cells]
        elif row.kind == ROW:
            if DEBIT not in names or CREDIT not in names or len(row.cells) != len(names):
                unknown("the trial balance has other columns")
            debit, credit = (_amount(row.cells[names.index(name)]) for name in (DEBIT, CREDIT))
            yield _account(row.cells[0]), debit - credit


def _flat(rows: list[ReportRow]) -> Iterator[ReportRow]:
    for row in rows:
        yield row
        yield from _flat(row.rows)


def _account(cell: CellRow) -> str:
    named = (each.value for each in cell.attributes or () if each.id == ACCOUNT)
    return next(named, None) or unknown("a row of the trial balance has no account")


def _amount(cell: CellRow) -> Decimal:
    try:
        return amount(Decimal(cell.value or 0), "an amount of the trial balance")
    except InvalidOperation:
        unknown("an amount of the trial balance is none")
