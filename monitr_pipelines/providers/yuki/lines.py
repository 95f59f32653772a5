"""Records of transaction details as lines of the ledger."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from monitr_pipelines.ledger.blocks import AxisSet
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.yuki.datasets import CURRENCY, PROJECT
from monitr_pipelines.providers.yuki.values import KEPT, Row, amount, bare, day, needed

HOME = frozenset({None, CURRENCY})


def lines_of(rows: Iterable[Row]) -> Iterator[LedgerLine]:
    """The lines of an answer: amounts are in euros, debit positive, as Yuki has them.

    Lines of one document are one booking; a line without a document is one by itself.
    """
    for row in rows:
        key, currency = needed(row, "id"), bare(row.get("currency"))
        foreign = currency not in HOME and bare(row.get("transactionAmountForeignCurrency"))
        yield LedgerLine(
            key,
            day(row, "transactionDate"),
            needed(row, "glAccountCode"),
            amount(row, "transactionAmount"),
            bare(row.get("documentID")) or key,
            period=bare(row.get("periodId")),
            document_number=bare(row.get("documentReference")),
            relation=bare(row.get("fullName")),
            description=bare(row.get("description")),
            foreign_amount=amount(row, "transactionAmountForeignCurrency") if foreign else None,
            foreign_currency=currency if foreign else None,
            axes=axes_of(row.get("projectCode")),
        )


@lru_cache(KEPT)
def axes_of(project: str | None) -> AxisSet:
    """The project of a line, if it has one."""
    code = bare(project)
    return ((PROJECT, code),) if code else ()
