"""Rows of the journal as lines of the ledger."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from monitr_pipelines.ledger.blocks import AxisSet
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.moneybird.chart import Chart
from monitr_pipelines.providers.moneybird.datasets import PROJECT, EntryRow, Id
from monitr_pipelines.providers.moneybird.values import KEPT, bare, day_of

# What an amount is multiplied by in order to be debit positive.
DEBIT_POSITIVE, CREDIT_POSITIVE = 1, -1


def lines_of(rows: Iterable[EntryRow], chart: Chart, sign: int) -> Iterator[LedgerLine]:
    """The lines of rows; a booking is what one document has in the journal."""
    for row in rows:
        yield LedgerLine(
            str(row.id),
            day_of(row.date, "date"),
            chart.accounts[str(row.ledger_account_id)].code,
            row.amount if sign == DEBIT_POSITIVE else row.amount.copy_negate(),
            text_of(row.document_id),
            journal=bare(row.document_type),
            description=bare(row.description),
            axes=axes_of(row.project_id),
        )


def text_of(value: Id | None) -> str | None:
    """An id as text, however it was written."""
    return None if value is None else str(value)


@lru_cache(KEPT)
def axes_of(project: Id | None) -> AxisSet:
    """The project of a line, if it has one."""
    return () if project is None else ((PROJECT, str(project)),)
