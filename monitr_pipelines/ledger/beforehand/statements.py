"""What the statements of a ledger would say, from its totals and from the lines that open and close years.

They are judged as they are for the reports, so that what is shown beforehand is what will be published.
Amounts are debit positive; a net result is positive where there is a profit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from monitr_pipelines.ledger.beforehand.outlook import Cell, Total
from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.ledger.segments import ledger_months
from monitr_pipelines.ledger.turns.judge import judge
from monitr_pipelines.ledger.turns.lines import Role, TurnLine, Verdict
from monitr_pipelines.ledger.turns.years import Moved, assemble

Sums: TypeAlias = defaultdict[str, Decimal]
# Where results go of an entity that names no account for them; no ledger has such a code.
RESULT = "(result)"


class YearFigures(NamedTuple):
    """A fiscal year's net result, and at its end the accounts of the balance sheet that are in debit.

    `closed`: entries of the year leave nothing on any account of profit and loss, and were too many to judge
    what of it only closes the year.
    """

    year: FiscalYear
    net_result: Decimal
    balance_total: Decimal
    closed: bool


@dataclass(frozen=True)
class Turns:
    """The lines by day of first and last days of fiscal years; `known` where they were few enough to keep."""

    first: Mapping[date, Sequence[TurnLine]] = field(default_factory=dict)
    last: Mapping[date, Sequence[TurnLine]] = field(default_factory=dict)
    known: bool = True


@dataclass
class _YearSums:
    """What accounts did in a year: within it, when it was opened, and in entries that close its result."""

    within: Sums = field(default_factory=lambda: defaultdict(Decimal))
    opened: Sums = field(default_factory=lambda: defaultdict(Decimal))
    closed: Sums = field(default_factory=lambda: defaultdict(Decimal))


def spans_of(cells: Iterable[Cell], calendar: FiscalCalendar) -> list[FiscalYear]:
    """The fiscal years with lines, in their order."""
    return sorted({calendar.year_of(month) for month in {cell.month for cell in cells}})


def moved(
    cells: Mapping[Cell, Total], types: Mapping[str, AccountType], calendar: FiscalCalendar
) -> list[Moved]:
    """What each account did in each fiscal year."""
    years = {month: calendar.year_of(month).start for month in {cell.month for cell in cells}}
    within: dict[tuple[date, str], Total] = {}
    opened: defaultdict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for cell, total in cells.items():
        sums = within.setdefault((years[cell.month], cell.account), Total())
        if cell.opening:
            opened[years[cell.month], cell.account] += total.amount
        else:
            sums.amount += total.amount
            sums.lines += total.lines
    return [
        Moved(
            year,
            account,
            types.get(account) is AccountType.PROFIT_AND_LOSS,
            total.amount,
            total.lines,
            opened[year, account],
        )
        for (year, account), total in within.items()
    ]


def figures(
    cells: Mapping[Cell, Total],
    types: Mapping[str, AccountType],
    calendar: FiscalCalendar,
    turns: Turns | None = None,
    result_account: str | None = None,
) -> list[YearFigures]:
    """Result and balance total of each fiscal year with lines, as its statements would show them.

    Entries that open a year count only where the year before is not in the ledger. Results go on to the
    result account, those that close a year at the turn into the next.
    """
    turns = turns or Turns()
    spans, rows = spans_of(cells, calendar), moved(cells, types, calendar)
    verdicts = judge(assemble(spans, rows, turns.first, turns.last), result_account).verdicts
    judged = [
        (line, verdicts[line.external_id])
        for lines in (*turns.first.values(), *turns.last.values())
        for line in lines
        if line.external_id in verdicts
    ]
    sums = _sums(rows, judged, calendar)
    starts = _starts(cells, judged, calendar)
    results = {row.account for row in rows if row.is_result}
    return _told(spans, sums, starts, results, result_account or RESULT, known=turns.known)


def _sums(
    rows: Iterable[Moved], judged: Iterable[tuple[TurnLine, Verdict]], calendar: FiscalCalendar
) -> dict[date, _YearSums]:
    sums: defaultdict[date, _YearSums] = defaultdict(_YearSums)
    for row in rows:
        sums[row.year].within[row.account] += row.moved
        sums[row.year].opened[row.account] += row.opened
    for line, verdict in judged:
        year = sums[calendar.year_of(Month.of(line.day)).start]
        year.within[line.account] -= line.amount
        if verdict.role is Role.OPENING:
            year.opened[line.account] += line.amount
        elif verdict.role is Role.RESULT_CLOSING:
            year.closed[line.account] += line.amount
    return sums


def _starts(
    cells: Iterable[Cell], judged: Iterable[tuple[TurnLine, Verdict]], calendar: FiscalCalendar
) -> dict[FiscalYear, FiscalYear]:
    """The year with which the running balances of each year begin."""
    openings: dict[Month, bool] = {}
    for cell in cells:
        openings[cell.month] = openings.get(cell.month, False) or cell.opening
    for line, verdict in judged:
        if verdict.role is Role.OPENING:
            openings[Month.of(line.day)] = True
    return {month.year: month.segment for month in ledger_months(openings, calendar)}


def _told(
    spans: Iterable[FiscalYear],
    sums: Mapping[date, _YearSums],
    starts: Mapping[FiscalYear, FiscalYear],
    results: set[str],
    result_account: str,
    *,
    known: bool,
) -> list[YearFigures]:
    balances: Sums = defaultdict(Decimal)
    turn: Sums = defaultdict(Decimal)
    segment = None
    told: list[YearFigures] = []
    for span in spans:
        year = sums[span.start]
        if starts[span] != segment:
            segment = starts[span]
            balances.clear()
            turn = year.opened if segment == span else defaultdict(Decimal)
        for part, kept in ((turn, True), (year.within, False)):
            for account, amount in part.items():
                if account not in results:
                    balances[account] += amount
                elif kept:
                    balances[result_account] += amount
        within = [amount for account, amount in year.within.items() if account in results]
        told.append(
            YearFigures(
                span,
                -sum(within, ZERO),
                sum((amount for amount in balances.values() if amount > 0), ZERO),
                closed=not known and bool(within) and not any(within),
            )
        )
        turn = year.closed.copy()
        turn[result_account] += sum(within, ZERO)
    return told
