"""Rows of transaction lines as lines of the ledger."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from monitr_pipelines.ledger.blocks import AxisSet
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.exact.datasets import COST_CENTRE, COST_UNIT, PROJECT, DeletedRow, LineRow
from monitr_pipelines.providers.exact.values import bare, exact, moment_of, needed

OPENING = 10
DELETED_LINE = 1
# Many lines have the same of these.
KEPT = 10_000
_bare = lru_cache(KEPT)(bare)


def lines_of(rows: Iterable[LineRow], currency: str) -> Iterator[LedgerLine]:
    """The lines of a page, those of a header too (line 0 is the side of the customer, supplier or bank).

    Amounts are debit positive in the currency of the division, as Exact has them. Entries that nobody
    processed yet (status 20) are in Exact's own reports, and in the ledger.
    """
    for row in rows:
        foreign, foreign_currency = row.foreign_amount, _bare(row.currency)
        if foreign is None or foreign_currency in {None, currency}:
            foreign = foreign_currency = None
        yield LedgerLine(
            needed(row.id, "ID"),
            day_of(row.date),
            _account(row.account),
            exact(row.amount, "AmountDC"),
            needed(row.entry, "EntryID"),
            str(row.line_number),
            period_name(row.year, row.period),
            _bare(row.journal),
            str(row.entry_number),
            _bare(row.relation),
            bare(row.description),
            None if foreign is None else exact(foreign, "AmountFC"),
            foreign_currency,
            axes_of(row.cost_centre, row.cost_unit, row.project),
            row.type == OPENING,
            row.timestamp,
        )


def deleted_lines(rows: Iterable[DeletedRow]) -> list[str]:
    """The keys of lines among what was deleted: `ID` is that of the log's own row."""
    return [needed(row.entity_key, "EntityKey") for row in rows if row.entity_type == DELETED_LINE]


@lru_cache(KEPT)
def _account(value: str) -> str:
    return needed(value, "GLAccountCode")


@lru_cache(KEPT)
def period_name(year: int, number: int) -> str:
    """A financial period as lines name it; names sort as the periods follow one another."""
    return f"{year}-{number:02}"


@lru_cache(KEPT)
def day_of(value: str) -> date:
    """A calendar day, as the instance's own clock has it."""
    return moment_of(value, "Date").date()


@lru_cache(KEPT)
def axes_of(cost_centre: str | None, cost_unit: str | None, project: str | None) -> AxisSet:
    """The values that a line has, by axis."""
    values = ((COST_CENTRE, cost_centre), (COST_UNIT, cost_unit), (PROJECT, project))
    return tuple((axis, found) for axis, value in values if (found := bare(value)))
