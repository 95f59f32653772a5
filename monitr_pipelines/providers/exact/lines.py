"""Rows of transaction lines as lines of the ledger."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.exact.datasets import AXES
from monitr_pipelines.providers.exact.values import Row, amount, code, day, text, unknown, whole

OPENING = 10
DELETED_LINE = 1


def lines_of(rows: Iterable[Row], currency: str) -> Iterator[LedgerLine]:
    """The lines of a page, those of a header too (line 0 is the side of the customer, supplier or bank).

    Amounts are debit positive in the currency of the division, as Exact has them. Entries that nobody
    processed yet (status 20) are in Exact's own reports, and in the ledger.
    """
    return (_line(row, currency) for row in rows)


def deleted_lines(rows: Iterable[Row]) -> list[str]:
    """The keys of lines among what was deleted: `ID` is that of the log's own row."""
    return [code(row, "EntityKey") for row in rows if whole(row, "EntityType") == DELETED_LINE]


def period_name(year: int, number: int) -> str:
    """A financial period as lines name it; names sort as the periods follow one another."""
    return f"{year}-{number:02}"


def _line(row: Row, currency: str) -> LedgerLine:
    own = amount(row, "AmountDC")
    foreign_currency = text(row, "Currency")
    foreign: Decimal | None = amount(row, "AmountFC")
    if foreign_currency in {None, currency}:
        foreign, foreign_currency = None, None
    axes = ((AXES[name], text(row, name)) for name in AXES)
    return LedgerLine(
        external_id=code(row, "ID"),
        booking_date=day(row, "Date"),
        account_code=code(row, "GLAccountCode"),
        amount=unknown("AmountDC is empty") if own is None else own,
        booking=code(row, "EntryID"),
        line_number=str(whole(row, "LineNumber")),
        period=period_name(whole(row, "FinancialYear"), whole(row, "FinancialPeriod")),
        journal=text(row, "JournalCode"),
        document_number=str(whole(row, "EntryNumber")),
        relation=text(row, "AccountName"),
        description=text(row, "Description"),
        foreign_amount=foreign,
        foreign_currency=foreign_currency if foreign is not None else None,
        axes=tuple(sorted((axis, value) for axis, value in axes if value)),
        opening=whole(row, "Type") == OPENING,
        version=whole(row, "Timestamp"),
    )
