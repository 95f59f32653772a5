"""Rows of journal items as lines of the ledger."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from monitr_pipelines.ledger.money import SMALLEST_UNIT
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.odoo.chart import Chart
from monitr_pipelines.providers.odoo.datasets import LineRow, Reference, text_of
from monitr_pipelines.providers.odoo.distribution import divided
from monitr_pipelines.providers.odoo.faults import contradiction
from monitr_pipelines.providers.odoo.values import INEXACT, amount


def lines_of(page: Iterable[LineRow], chart: Chart) -> Iterator[LedgerLine]:
    """The lines of a page; those that several values of an axis share in parts, with ids like `12/1`."""
    for row in page:
        if row.analytic_distribution:
            yield from divided(_line(row, chart), row.analytic_distribution, chart)
        else:
            yield _line(row, chart)


def own_amount(number: Decimal, row: LineRow) -> Decimal:
    """An amount of a line; most are exact, and every line passes here."""
    if -INEXACT < number < INEXACT and number.quantize(SMALLEST_UNIT) == number:
        return number
    return amount(number, text_of(row.move_name))


def sides_of(row: LineRow) -> tuple[Decimal, Decimal]:
    """Debit and balance of a line; InconsistentData where debit and credit do not make the balance."""
    debit, credit, balance = row.debit, row.credit, own_amount(row.balance, row)
    if (debit and credit) or debit - credit != balance:
        # What is one or the other, and makes the balance, is as exact as that.
        debit, credit = own_amount(debit, row), own_amount(credit, row)
    if debit - credit != balance:
        raise contradiction("debit and credit of a line are not its balance")
    return debit, balance


def _line(row: LineRow, chart: Chart) -> LedgerLine:
    """Ids are what a line and its entry are known by: numbers are given anew when an entry goes.

    Of the account only the id counts: its text has the code of another company, or none.
    """
    journal, partner, currency = row.journal_id, row.partner_id, row.currency_id
    foreign = currency if isinstance(currency, Reference) else row.company_currency_id
    is_foreign = foreign.id != row.company_currency_id.id
    return LedgerLine(
        str(row.id),
        row.date,
        chart.accounts[row.account_id.id].code,
        own_amount(row.balance, row),
        str(row.move_id.id),
        None,
        None,
        chart.journals.get(journal.id) or journal.text,
        text_of(row.move_name),
        partner.text if isinstance(partner, Reference) else None,
        text_of(row.name) or text_of(row.ref),
        own_amount(row.amount_currency, row) if is_foreign else None,
        foreign.text if is_foreign else None,
    )
