"""What QuickBooks itself says that accounts stand at."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.quickbooks.api import Api
from monitr_pipelines.providers.quickbooks.chart import Chart, Company
from monitr_pipelines.providers.quickbooks.datasets import BALANCES, Cell, Report, Row
from monitr_pipelines.providers.quickbooks.report import ACCRUAL
from monitr_pipelines.providers.quickbooks.sign_in import TITLE
from monitr_pipelines.providers.quickbooks.values import amount, contradicts, unknown

DEBIT, CREDIT = "debit", "credit"


def closing_balances(api: Api, company: Company, chart: Chart, at: date) -> TrialBalance:
    """Balances by account code at the end of a day, debit positive; of the result since the year began.

    QuickBooks books nothing at the turn of a year: its report adds the results of earlier years to the
    retained earnings, on which no lines say so. That account is therefore not compared.

    Raises:
        InconsistentData: The report is another one than was asked for, or does not add up.
        OurFault: It has a form that is not known.
    """
    start = date(at.year - (at.month < company.first_month), company.first_month, 1)
    told = api.report(api.report_call(BALANCES, start, at))
    if told.report is None:
        raise OurFault(Message("answer_too_large", {"title": TITLE}))
    heading = told.report.heading
    if heading.basis not in {None, ACCRUAL} or heading.end not in {None, f"{at}"}:
        contradicts("a trial balance of another basis or day than was asked for")
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    for account, balance in _balances(told.report):
        if account not in chart.accounts:
            contradicts("an account with a balance is not listed")
        balances[chart.accounts[account].code] += balance
    for code in chart.retained:
        balances.pop(code, None)
    return TrialBalance(balances, day=at, year_start=start, computed=chart.retained)


def _balances(report: Report) -> Iterator[tuple[str, Decimal]]:
    places = {each.key: place for place, each in enumerate(report.columns.columns)}
    if not {DEBIT, CREDIT} <= places.keys():
        unknown("a trial balance without its two sides")

    def sides(cells: Sequence[Cell]) -> tuple[Decimal, Decimal]:
        if len(cells) != len(places):
            unknown("a row has not as many cells as there are columns")
        debit, credit = (amount(cells[places[side]].value, side) for side in (DEBIT, CREDIT))
        return debit, credit

    total = ZERO
    for row in _rows(report.rows.rows):
        if row.cells is not None:
            debit, credit = sides(row.cells)
            total += debit - credit
            yield row.cells[0].id or unknown("a balance of no account"), debit - credit
    if total:
        contradicts("a trial balance that does not balance")


def _rows(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        if row.rows is not None:
            yield from _rows(row.rows.rows)
