"""Reports of any period, also of months before the books and after them: what there is, and what goes on.

Nothing is booked outside the books. Balances after them are those of their end; in a later fiscal year the
result is carried over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from psycopg.rows import DictRow

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.reports.columns import By, Span, year_before
from monitr_pipelines.reports.standing import Published, Standing
from monitr_pipelines.reports.statement import BALANCES, Kind, read_lines
from monitr_pipelines.reports.trial_balance import (
    AMOUNTS,
    RESULT_CARRIED_FORWARD,
    Balance,
    read_trial_balance,
)
from monitr_pipelines.reports.words import Language
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class AnyPeriod:
    """The months `span` of an entity's books, whether these have them or not."""

    standing: Standing
    published: Published
    span: Span

    @property
    def position(self) -> Month:
        """The month whose balances are those at the end of the period."""
        return min(self.span.last, self.published.last)

    @property
    def is_beyond(self) -> bool:
        """Whether months are asked for that the books do not have."""
        return self.span.first < self.published.first or self.span.last > self.published.last

    @property
    def is_after(self) -> bool:
        """Whether the whole period is later than the books."""
        return self.span.first > self.published.last

    def is_year_of(self, month: Month, other: Month) -> bool:
        """Whether two months are of one fiscal year."""
        calendar = self.standing.calendar
        return calendar.year_of(month) == calendar.year_of(other)

    def has(self, month: Month) -> bool:
        """Whether the books have a month."""
        return self.published.first <= month <= self.published.last


@dataclass(frozen=True)
class LineOfPeriod:
    """A line of a statement over one period: its amount, that of the fiscal year to date, and a year before.

    Of a balance sheet it is the balance at the end, its change since the start of the fiscal year, and the
    balance a year before. Signs are those of the statement.
    """

    line: str
    names: Mapping[str, str]
    level: int
    amount: Decimal
    year_to_date: Decimal
    prior_year: Decimal


def lines_of_period(connection: Connection, asked: AnyPeriod, kind: Kind) -> list[LineOfPeriod]:
    """The lines with figures, the top lines and the net result; none where the books have no such month.

    After the books there is no cash flow; a profit and loss still has its fiscal year and the year before.
    """
    counted, before = _months(asked, kind)
    goes_on = asked.is_year_of(asked.span.last, asked.position)
    of_year = [asked.position] if asked.has(asked.position) and (goes_on or _is_balance(kind)) else []
    months = sorted({*counted, *before, *of_year})
    if not (months if kind is Kind.PROFIT_AND_LOSS else counted):
        return []
    given = (connection, asked.standing, asked.published, kind)
    since = {
        row["line"]: sum(row["amounts"] or (), ZERO) for row in read_lines(*given, of_year, to_date=True)
    }
    lines = []
    for row in read_lines(*given, months, to_date=False):
        found = {
            months[number - 1]: amount
            for number, amount in zip(row["numbers"] or (), row["amounts"] or (), strict=True)
        }
        taken = BALANCES.get(row["role"] or "", slice(None))
        if found or since[row["line"]] or _is_always_shown(row):
            lines.append(
                LineOfPeriod(
                    row["line"],
                    {language: row[f"name_{language}"] for language in Language},
                    row["level"],
                    sum((found.get(month, ZERO) for month in counted[taken]), ZERO),
                    since[row["line"]] if goes_on else ZERO,
                    sum((found.get(month, ZERO) for month in before[taken]), ZERO),
                )
            )
    return lines


def trial_balance_of_period(
    connection: Connection, asked: AnyPeriod, result_account: str | None
) -> Sequence[Balance]:
    """The accounts with anything but zero; `result_account` takes the result of years that ended."""
    first = asked.published.last if asked.is_after else max(asked.span.first, asked.published.first)
    found = read_trial_balance(connection, asked.standing, Span(first, asked.span.last)).balances
    return _carried(asked, found, result_account or RESULT_CARRIED_FORWARD) if asked.is_after else found


def _months(asked: AnyPeriod, kind: Kind) -> tuple[list[Month], list[Month]]:
    """The months that are added up, and those of a year before, as far as the books have them."""
    earlier = year_before(asked.standing.calendar, asked.span, By.FISCAL_YEAR)
    books = asked.published
    if _is_balance(kind):
        wanted = [asked.position], [min(earlier.last, books.last)]
    else:
        wanted = asked.span.months(), earlier.months()
    now, before = ([month for month in months if asked.has(month)] for months in wanted)
    return now, before


def _is_balance(kind: Kind) -> bool:
    return kind is Kind.BALANCE_SHEET


def _is_always_shown(row: DictRow) -> bool:
    return bool(row["role"] == "net_result" or (row["level"] == 0 and row["role"] != "unmapped"))


def _carried(asked: AnyPeriod, found: Sequence[Balance], result_account: str) -> list[Balance]:
    """Balances of the books' end in a later period; in a later fiscal year the result is carried over."""
    still = {each.account: _at_rest(each, each.closing) for each in found}
    if not asked.is_year_of(asked.span.first, asked.published.last):
        results = [each.account for each in found if each.type == Kind.PROFIT_AND_LOSS]
        result = sum((still.pop(account).closing for account in results), ZERO)
        none = Balance(result_account, result_account, Kind.BALANCE_SHEET, *[ZERO] * len(AMOUNTS))
        row = still.get(result_account, none)
        still[result_account] = _at_rest(row, row.closing + result)
    return [still[account] for account in sorted(still) if still[account].closing]


def _at_rest(balance: Balance, amount: Decimal) -> Balance:
    """An account that nothing moves."""
    return replace(balance, opening=amount, debit=ZERO, credit=ZERO, closing=amount, after_closing=amount)
