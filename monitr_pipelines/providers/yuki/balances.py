"""What Yuki itself says that accounts stand at, and when its financial years begin."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.yuki.api import Api
from monitr_pipelines.providers.yuki.datasets import BALANCES, TITLE, YEARS
from monitr_pipelines.providers.yuki.values import Row, amount, day_of, needed
from monitr_pipelines.providers.yuki.windows import window_of

LAST_MONTH = 12


class FinancialYear(NamedTuple):
    """The first and the last day of a financial year."""

    start: date
    end: date

    def has(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.start <= day <= self.end


class Balances:
    """The balances of an administration; those of a day are asked for once."""

    def __init__(self, api: Api, administration: str) -> None:
        self._api = api
        self._administration = administration
        self._by_day: dict[date, list[Row]] = {}
        self._years: dict[int, FinancialYear] = {}

    def rows(self, at: date) -> list[Row]:
        """What accounts stand at by the end of a day, as `GLAccountBalance` tells it."""
        if at not in self._by_day:
            asked = {"administrationID": self._administration, "transactionDate": f"{at}T00:00:00"}
            self._by_day[at] = self._api.rows(BALANCES, asked)
        return self._by_day[at]

    def typed(self, today: date, years: Collection[int]) -> list[Row]:
        """Rows of all accounts that had a balance when a financial year ended in which there are lines.

        And of those that have one by the end of this month; `years` are calendar years.
        """
        this = window_of(Month.of(today)).end
        days = {this}
        if begun := {year for year in years if year <= today.year}:
            closing = self.year(max(begun)).end.month
            behind = {year + 1 for year in begun} if closing < LAST_MONTH else set()
            days.update(window_of(Month(year, closing)).end for year in begun | behind)
        return [row for each in sorted(days) if each <= this for row in self.rows(each)]

    def closing(self, at: date) -> TrialBalance:
        """Balances by account code at the end of a day, debit positive.

        Accounts of the result count since the financial year began, those of the balance sheet since ever;
        tax corrections are in neither.

        Raises:
            InconsistentData: Yuki knows of no financial year that the day lies in.
        """
        balances: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in self.rows(at):
            balances[needed(row, "Code")] += amount(row, "Amount")
        return TrialBalance(balances, day=at, year_start=self.year_of(at).start)

    def year_of(self, day: date) -> FinancialYear:
        """The financial year that a day lies in. Whether it is called by its first or its last is not told.

        Raises:
            InconsistentData: There is none.
        """
        year = self.year(day.year)
        if not year.has(day):
            year = self.year(day.year + (1 if day > year.end else -1))
        if not year.has(day):
            raise InconsistentData(Message("no_balances_of_day", {"title": TITLE, "day": day}))
        return year

    def year(self, number: int) -> FinancialYear:
        """The financial year of that number, asked for once; it begins on the first of a month."""
        if number not in self._years:
            asked = {"administrationID": self._administration, "yearID": str(number)}
            rows = self._api.rows(YEARS, asked)
            first, _, last = needed(rows[0] if rows else {}, "wholePeriod").partition(" ")
            start, end = (day_of(each, "wholePeriod") for each in (first, last))
            self._years[number] = FinancialYear(start.replace(day=1), end)
        return self._years[number]
