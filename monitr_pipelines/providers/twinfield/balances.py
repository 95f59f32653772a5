"""What Twinfield itself says that accounts stand at."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property

from monitr_pipelines.ledger.tie_out import Periods, TrialBalance
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.soap import Record, texts_of
from monitr_pipelines.providers.twinfield.api import Api
from monitr_pipelines.providers.twinfield.browse import question, rows_of
from monitr_pipelines.providers.twinfield.datasets import (
    ACCOUNT,
    ACCOUNT_TYPE,
    AMOUNT,
    PERIODS,
    PROFIT_AND_LOSS,
    TOTALS,
    YEARS,
)
from monitr_pipelines.providers.twinfield.faults import unknown
from monitr_pipelines.providers.twinfield.periods import (
    FIRST,
    OPENING,
    Period,
    Range,
    begun,
    period_name,
)
from monitr_pipelines.providers.twinfield.sign_in import TITLE
from monitr_pipelines.providers.twinfield.values import amount, is_number, moment

SERVICE = "PeriodService"


class Calendar:
    """The financial years of an office and their periods, each asked for once."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._read: dict[str, list[Period]] = {}

    def around(self, at: date) -> list[Period]:
        """The periods of the years around a day: a year may begin in the one before, and end in the next."""
        names = [str(at.year + each) for each in (-1, 0, 1)]
        return [period for year in names if year in self._years for period in self._periods(year)]

    @cached_property
    def _years(self) -> set[str | None]:
        return {each.text for each in self._api.query(SERVICE, YEARS, {}).iter("{*}int")}

    def _periods(self, year: str) -> list[Period]:
        if year not in self._read:
            rows = self._api.query(SERVICE, PERIODS, {"Year": year}).iter("{*}Period")
            self._read[year] = [_period(year, texts_of(row)) for row in rows]
        return self._read[year]


def closing_balances(api: Api, periods: Sequence[Period], at: date, regime: str | None) -> TrialBalance:
    """Balances by account code at the end of the period of a day, debit positive.

    From the totals of browse 040_1, of provisional and final transactions: movements of an account within a
    period, added up here over the periods. Of a day behind the last period, at the end of that.

    Raises:
        InconsistentData: No period has begun by then.
    """
    found = begun(periods, at)
    if found is None:
        raise InconsistentData(Message("no_balances_of_day", {"title": TITLE, "day": at}))
    last, year_start = found
    within = Range(FIRST, period_name(str(last.year), str(last.number)))
    first_of_year = period_name(str(last.year), str(OPENING))
    rows = api.browsed(
        question(TOTALS, within, regime), lambda body: rows_of(body, TOTALS, within, api.office)
    )
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    columns = (rows.texts[name] for name in (ACCOUNT, ACCOUNT_TYPE, AMOUNT))
    for period, account, kind, moved in zip(rows.periods, *columns, strict=True):
        if kind != PROFIT_AND_LOSS or period >= first_of_year:
            balances[account or unknown(f"{ACCOUNT} is empty")] += amount(moved, AMOUNT)
    return TrialBalance(
        balances,
        day=last.end,
        year_start=year_start,
        periods=Periods("", first_of_year, within.last),
    )


def _period(year: str, told: Record) -> Period:
    if not is_number(told.get("Number", "")):
        unknown("Number is no period")
    return Period(moment(told.get("EndDate", ""), "EndDate").date(), int(year), int(told["Number"]))
