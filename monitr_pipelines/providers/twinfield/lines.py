"""Rows of a browse as lines of the ledger."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from monitr_pipelines.ledger.blocks import AxisSet
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.twinfield.browse import CODE, NUMBER, Rows
from monitr_pipelines.providers.twinfield.browse import LINE as LINE_NUMBER
from monitr_pipelines.providers.twinfield.datasets import (
    ACCOUNT,
    AMOUNT,
    AXES,
    HEAD,
    LINE,
    MODIFIED,
    RELATIONS,
)
from monitr_pipelines.providers.twinfield.faults import unknown
from monitr_pipelines.providers.twinfield.values import KEPT, amount, day, version

OPENING_PERIOD = "/00"
DATE, CURRENCY, RELATION = f"{HEAD}date", f"{HEAD}curcode", f"{HEAD}relationname"
SECOND, SECOND_NAME, SECOND_TYPE = (f"{LINE}dim2{each}" for each in ("", "name", "type"))
THIRD, THIRD_TYPE = f"{LINE}dim3", f"{LINE}dim3type"
FOREIGN, DESCRIPTION = f"{LINE}valuesigned", f"{LINE}description"
# The columns that something of a line is made of, in the order in which it takes them.
AXES_READ = (SECOND, SECOND_TYPE, THIRD, THIRD_TYPE)
RELATIONS_READ = (RELATION, SECOND_NAME, SECOND_TYPE)
LINE_READ = (CODE, NUMBER, LINE_NUMBER, DATE, ACCOUNT, AMOUNT, CURRENCY, FOREIGN, DESCRIPTION, MODIFIED)


def lines_of(rows: Rows, currency: str) -> Iterator[LedgerLine]:
    """The lines of some rows; `currency` is the office's, and amounts in it are debit positive.

    Numbers are those of a daybook, and lines those of a transaction: together with these a line has its id.
    """

    def columns(names: Sequence[str]) -> Iterable[Sequence[str]]:
        return zip(*(rows.texts[name] for name in names), strict=True)

    each_row = (rows.periods, rows.bookings, *map(columns, (LINE_READ, RELATIONS_READ, AXES_READ)))
    for period, booking, row, relation, axes in zip(*each_row, strict=True):
        code, number, line, date, account, own, currency_code, foreign, description, modified = row
        is_foreign = currency_code != currency
        yield LedgerLine(
            key_of(booking, line),
            day(date),
            account or unknown(f"{ACCOUNT} is empty"),
            amount(own, AMOUNT),
            booking,
            line,
            period,
            code,
            number,
            relation_of(*relation),
            description or None,
            amount(foreign, FOREIGN) if is_foreign else None,
            (currency_code or unknown(f"{CURRENCY} is empty")) if is_foreign else None,
            axes_of(*axes),
            is_opening(period),
            version(modified),
        )


def key_of(booking: str, line: str) -> str:
    """What tells a line from all others of its office."""
    return f"{booking}-{line}" if line else unknown("a line has no number")


def is_opening(period: str) -> bool:
    """Whether what is booked into a period is what an account stood at before."""
    return period.endswith(OPENING_PERIOD)


@lru_cache(KEPT)
def relation_of(of_transaction: str, second_name: str, second_type: str) -> str | None:
    """A customer or supplier: that of the line where it has one, else that of its transaction."""
    return (second_name if second_type in RELATIONS else "") or of_transaction or None


@lru_cache(KEPT)
def axes_of(second: str, second_type: str, third: str, third_type: str) -> AxisSet:
    """The values that a line has, by axis: on the second level there are relations too."""
    found = {
        axis_of(kind): value
        for value, kind in ((second, second_type), (third, third_type))
        if value and kind not in RELATIONS
    }
    return tuple(sorted(found.items()))


def axis_of(dimension_type: str) -> str:
    """The axis of a type of dimensions."""
    return AXES.get(dimension_type) or dimension_type or unknown("a dimension has no type")
