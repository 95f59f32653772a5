"""The marts of generated ledgers against a second implementation: year by year, in plain Python.

Nothing is booked on first and last days: what these may mean is judged elsewhere.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warehouse_kit import (
    BANK,
    CAPITAL,
    COSTS,
    RESULT,
    SALES,
    booking,
    id_of,
    load,
    often,
    whole,
)

from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.server.database import Connection

CODES = (BANK, CAPITAL, COSTS, SALES, RESULT)
CALENDARS = [
    FiscalCalendar(),
    FiscalCalendar(4),
    FiscalCalendar.parse(1, "2021-07..2021-12, 2023-01..2024-06"),
]
Amounts = defaultdict[str, Decimal]


def is_result(code: str) -> bool:
    return code[0] in "67"


@dataclass
class Model:
    """Walks through the ledger as a bookkeeper would, carrying balances from year to year."""

    calendar: FiscalCalendar
    result_account: str
    trial: dict[tuple[str, Month], tuple[Decimal, ...]] = field(default_factory=dict)
    closings: dict[Month, Amounts] = field(default_factory=dict)
    year_starts: dict[Month, Amounts] = field(default_factory=dict)
    findings: set[tuple[str, str, date, Decimal | None, Decimal | None]] = field(default_factory=set)

    def walk(self, lines: list[LedgerLine]) -> None:
        months = sorted({Month.of(line.booking_date) for line in lines})
        if not months:
            return
        carried: Amounts = defaultdict(Decimal)
        year_before_has_lines = False
        year = self.calendar.year_of(months[0])
        while year.first <= months[-1]:
            own = [line for line in lines if self.calendar.year_of(Month.of(line.booking_date)) == year]
            first, last = max(year.first, months[0]), min(year.last, months[-1])
            stated: Amounts = defaultdict(Decimal)
            for line in own:
                if line.opening:
                    code = self.result_account if is_result(line.account_code) else line.account_code
                    stated[code] += line.amount
            has_statement = any(line.opening for line in own)
            differences: Mapping[str, Decimal] = {}
            balance = carried
            if has_statement and not year_before_has_lines:
                if year.first > months[0]:
                    differences = {code: stated[code] - carried[code] for code in {*stated, *carried}}
                balance = stated
                self._tell_added(year, own)
            elif has_statement:
                self._compare(year, carried, stated)
            carried = self._year(own, first, last, balance.copy(), differences)
            year_before_has_lines = bool(own)
            year = self.calendar.year_of(year.last.plus(1))

    def _year(
        self,
        own: list[LedgerLine],
        first: Month,
        last: Month,
        balance: Amounts,
        differences: Mapping[str, Decimal],
    ) -> Amounts:
        start = balance.copy()
        for step in range(first.until(last) + 1):
            month = first.plus(step)
            for code in {*CODES, self.result_account}:
                moved = [
                    one.amount
                    for one in own
                    if one.account_code == code and not one.opening and Month.of(one.booking_date) == month
                ]
                debit = sum((amount for amount in moved if amount > 0), Decimal(0))
                credit = -sum((amount for amount in moved if amount < 0), Decimal(0))
                opening = balance[code]
                balance[code] += debit - credit
                difference = differences.get(code, Decimal(0)) if month == first else Decimal(0)
                row = (opening, difference, debit, credit, balance[code])
                if any(row):
                    self.trial[code, month] = row
            self.closings[month] = balance.copy()
            self.year_starts[month] = start
        carried: Amounts = defaultdict(Decimal)
        for code, amount in balance.items():
            carried[self.result_account if is_result(code) else code] += amount
        return carried

    def _tell_added(self, year: FiscalYear, own: list[LedgerLine]) -> None:
        begins = min(Month.of(line.booking_date) for line in own)
        later = {Month.of(line.booking_date) for line in own if line.opening} - {begins}
        self.findings |= {("opening_added", str(month), year.start, None, None) for month in later}

    def _compare(self, year: FiscalYear, carried: Amounts, stated: Amounts) -> None:
        differ = [code for code in sorted({*carried, *stated}) if carried[code] != stated[code]]
        unset = len(differ) == 2 and "(result)" in differ
        for code in differ:
            if not (unset and code == "(result)"):
                kind = "result_account_unset" if unset else "opening_differs"
                self.findings.add((kind, code, year.start, carried[code], stated[code]))

    def lines_of(self, month: Month, balances: Mapping[Month, Amounts]) -> Amounts:
        """The plain structure's lines from the balances of a month, zero before the ledger begins."""
        lines: Amounts = defaultdict(Decimal)
        for code, amount in balances.get(month, {}).items():
            if is_result(code):
                lines[f"PL:{code[0]}"] -= amount
                lines["PL"] -= amount
                lines["RES"] += amount
            else:
                lines[code if code == "(result)" else f"BS:{code[0]}"] += amount
                lines["BS"] += amount
        lines["BS"] += lines["RES"]
        return lines

    def report(self, line: str, month: Month) -> tuple[Decimal, ...]:
        now = self.lines_of(month, self.closings)[line]
        year_ago = month.plus(-12)
        if line.startswith("PL"):
            return self._movement(line, month), now, self._movement(line, year_ago)
        at_start = self.lines_of(month, self.year_starts)[line]
        return now, now - at_start, self.lines_of(year_ago, self.closings)[line]

    def _movement(self, line: str, month: Month) -> Decimal:
        now, before = self.lines_of(month, self.closings)[line], Decimal(0)
        if self.calendar.year_of(month) == self.calendar.year_of(month.plus(-1)):
            before = self.lines_of(month.plus(-1), self.closings)[line]
        return now - before


@st.composite
def ledgers(draw: st.DrawFn) -> list[LedgerLine]:
    """Up to five years, some of them empty, opening entries here and there, results carried or not."""
    lines: list[LedgerLine] = []
    for nth in range(draw(st.integers(0, 9))):
        codes = draw(st.lists(st.sampled_from(CODES), min_size=2, max_size=3))
        sides = [draw(st.integers(-50, 50)) for _ in codes[1:]]
        when = date(draw(st.sampled_from([2020, 2021, 2022, 2023, 2024])), draw(st.integers(1, 12)), 2)
        lines += booking(
            f"B{nth}",
            when.isoformat(),
            *zip(codes, [*sides, -sum(sides)], strict=True),
            opening=draw(st.booleans()),
        )
    return lines


@pytest.mark.parametrize("calendar", CALENDARS, ids=["calendar year", "from April", "short and long"])
@often(30)
@given(lines=ledgers(), result_account=st.sampled_from([None, RESULT, "149999"]))
def test_marts_equal_the_model(
    connection: Connection,
    make_entity: Callable[..., str],
    calendar: FiscalCalendar,
    lines: list[LedgerLine],
    result_account: str | None,
) -> None:
    entity = make_entity(country="LU", result_account=result_account)
    load(connection, entity, whole(lines), calendar=calendar)
    model = Model(calendar, result_account or "(result)")
    model.walk(lines)
    entity_id = id_of(connection, entity)

    rows = connection.execute("select * from marts.trial_balance where entity_id = %s", [entity_id])
    columns = ("opening", "opening_difference", "debit", "credit", "closing")
    found = {
        (row["account_code"], Month.of(row["month"])): tuple(row[column] for column in columns)
        for row in rows
    }
    assert found == model.trial

    for table in ("balance_sheet", "profit_and_loss"):
        rows = connection.execute(f"select * from marts.{table} where entity_id = %s", [entity_id])  # noqa: S608
        reports = {
            (row["line"], Month.of(row["month"])): (row["amount"], row["year_to_date"], row["prior_year"])
            for row in rows
        }
        assert {month for _, month in reports} == set(model.closings)
        assert reports == {(line, month): model.report(line, month) for line, month in reports}

    rows = connection.execute(
        """
        select code, subject, fiscal_year_start, expected, found
        from marts.validation where entity_id = %s and fiscal_year_start is not null
        """,
        [entity_id],
    )
    assert {tuple(row.values()) for row in rows} == model.findings
