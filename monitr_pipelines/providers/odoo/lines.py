"""Rows of journal items as lines of the ledger."""

from collections.abc import Iterable, Iterator

from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.odoo.chart import Chart
from monitr_pipelines.providers.odoo.distribution import divided
from monitr_pipelines.providers.odoo.faults import contradiction
from monitr_pipelines.providers.odoo.reading import Row
from monitr_pipelines.providers.odoo.values import amount, day, maybe_one, one


def lines_of(page: Iterable[Row], chart: Chart) -> Iterator[LedgerLine]:
    """The lines of a page; those that several values of an axis share in parts, with ids like `12/1`."""
    for row in page:
        yield from divided(_line(row, chart), row["analytic_distribution"], chart)


def refuse_others(page: Iterable[Row], company: int) -> None:
    """Raise InconsistentData where a line is not the company's."""
    if any(one(row["company_id"])[0] != company for row in page):
        raise contradiction("lines of another company than was asked for")


def _line(row: Row, chart: Chart) -> LedgerLine:
    """Ids are what a line and its entry are known by: numbers are given anew when an entry goes.

    Of the account only the id counts: its text has the code of another company, or none.
    """
    entry, journal = one(row["move_id"])[0], one(row["journal_id"])
    partner, currency = maybe_one(row["partner_id"]), maybe_one(row["currency_id"])
    foreign = currency if currency and currency[0] != one(row["company_currency_id"])[0] else None
    return LedgerLine(
        external_id=str(row["id"]),
        booking_date=day(row["date"]),
        account_code=chart.accounts[one(row["account_id"])[0]].code,
        amount=amount(row["balance"], row["move_name"]),
        booking=str(entry),
        journal=chart.journals.get(journal[0], journal[1]) or None,
        document_number=row["move_name"] or None,
        relation=(partner[1] or None) if partner else None,
        description=row["name"] or row["ref"] or None,
        foreign_amount=amount(row["amount_currency"], row["move_name"]) if foreign else None,
        foreign_currency=foreign[1] if foreign else None,
    )
