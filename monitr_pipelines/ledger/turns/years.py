"""The fiscal years of a ledger as they are judged, put together from totals and the lines of their turns."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import FiscalYear
from monitr_pipelines.ledger.turns.lines import TurnLine, Year


class Moved(NamedTuple):
    """What an account did in a fiscal year, that begins on the day `year`; debit positive.

    `moved` and `lines` are without what the source itself calls opening entries, which is in `opened`.
    """

    year: date
    account: str
    is_result: bool
    moved: Decimal
    lines: int
    opened: Decimal


def last_day(year: FiscalYear) -> date:
    """The day on which a fiscal year is closed."""
    return year.end - timedelta(days=1)


def assemble(
    spans: Sequence[FiscalYear],
    rows: Iterable[Moved],
    first: Mapping[date, Sequence[TurnLine]],
    last: Mapping[date, Sequence[TurnLine]],
) -> list[Year]:
    """The years of `spans`, which are in their order, with the lines of their `first` and `last` days."""
    by_year: dict[date, list[Moved]] = defaultdict(list)
    for row in rows:
        by_year[row.year].append(row)
    present = {span.last for span in spans}
    return [
        _year(
            span.start,
            by_year[span.start],
            first.get(span.start, ()),
            last.get(last_day(span), ()),
            follows=span.first.plus(-1) in present,
        )
        for span in spans
    ]


def emptied(spans: Sequence[FiscalYear], rows: Iterable[Moved]) -> Iterator[tuple[date, str]]:
    """Accounts that moved in a year and hold nothing at its end, by the balances as they stand.

    Each with the last day of the year; where profit and loss accounts hold nothing together, all of them.
    Only entries that move one of these can close the year.
    """
    by_account: dict[str, dict[date, Moved]] = defaultdict(dict)
    results: dict[date, Decimal] = defaultdict(Decimal)
    for row in rows:
        by_account[row.account][row.year] = row
        results[row.year] += row.moved if row.is_result else ZERO
    for account, years in by_account.items():
        balance = ZERO
        for span in spans:
            found = years.get(span.start)
            if found is None:
                continue
            balance = (ZERO if found.is_result else balance) + found.moved
            no_result = found.is_result and not results[span.start]
            if found.lines and (no_result or not balance or not balance + found.opened):
                yield last_day(span), account
            balance += found.opened


def _year(
    start: date, rows: Sequence[Moved], first: Sequence[TurnLine], last: Sequence[TurnLine], *, follows: bool
) -> Year:
    accounts = [row for row in rows if row.lines]
    opened = [row for row in rows if row.opened]
    return Year(
        start=start,
        follows=follows,
        results={row.account: row.moved for row in accounts if row.is_result},
        balances={row.account: row.moved for row in accounts if not row.is_result},
        lines={row.account: row.lines for row in accounts},
        opened={row.account: row.opened for row in opened if not row.is_result},
        opened_results={row.account: row.opened for row in opened if row.is_result},
        first=tuple(first),
        last=tuple(last),
    )
