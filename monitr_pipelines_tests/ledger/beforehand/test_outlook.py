"""Figures from totals: what statements would say, without making them."""

from datetime import date
from decimal import Decimal

import pytest

from monitr_pipelines.ledger.beforehand import outlook
from monitr_pipelines.ledger.beforehand.outlook import Cell, Total, Totals, kept, together
from monitr_pipelines.ledger.beforehand.statements import Turns, figures
from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.ledger.records import AccountType, LedgerLine

TYPES = {"70": AccountType.PROFIT_AND_LOSS, "55": AccountType.BALANCE_SHEET}


def line(
    day: str, account: str, amount: int, *, opening: bool = False, booking: str | None = None
) -> LedgerLine:
    return LedgerLine("", date.fromisoformat(day), account, Decimal(amount), booking, opening=opening)


def totals(*lines: LedgerLine) -> Totals:
    found = Totals()
    for each in lines:
        found.add(each)
    return found


def sale(day: str, amount: int) -> tuple[LedgerLine, LedgerLine]:
    return line(day, "55", amount), line(day, "70", -amount)


def told(found: Totals, start: int = 1) -> list[tuple[str, int, int]]:
    rows = figures(found.cells, TYPES, FiscalCalendar(start))
    return [(str(row.year), int(row.net_result), int(row.balance_total)) for row in rows]


def test_a_result_starts_with_its_year_and_a_balance_goes_on() -> None:
    found = totals(*sale("2023-05-01", 10), *sale("2024-05-01", 3))
    assert told(found) == [("2023-01..2023-12", 10, 10), ("2024-01..2024-12", 3, 13)]
    assert told(found, start=7) == [("2022-07..2023-06", 10, 10), ("2023-07..2024-06", 3, 13)]


def test_openings_count_where_no_year_is_before() -> None:
    opening = (line("2024-01-01", "55", 10, opening=True), line("2024-01-01", "10", -10, opening=True))
    alone = totals(*opening, *sale("2024-05-01", 3))
    assert told(alone) == [("2024-01..2024-12", 3, 13)]
    after = totals(*sale("2023-05-01", 10), *opening, *sale("2024-05-01", 3))
    assert told(after)[1] == ("2024-01..2024-12", 3, 13)
    gap = totals(*sale("2021-05-01", 99), *opening, *sale("2024-05-01", 3))
    assert told(gap)[1] == ("2024-01..2024-12", 3, 13)


def test_a_closed_year_with_too_many_lines_to_judge_says_so() -> None:
    closed = totals(*sale("2024-05-01", 3), line("2024-12-31", "70", 3), line("2024-12-31", "14", -3))
    (row,) = figures(closed.cells, TYPES, FiscalCalendar(), Turns(known=False))
    assert row.closed
    assert not figures(totals(*sale("2024-05-01", 3)).cells, TYPES, FiscalCalendar())[0].closed


def test_lines_of_the_turns_are_kept_where_they_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    days = ("2024-01-01", "2024-03-31", "2024-04-01", "2024-12-31")
    lines = [line(day, "55", 1) for day in days]

    def kept_days(start: int) -> list[str]:
        found = Totals(FiscalCalendar(start))
        for each in lines:
            found.add(each)
        assert found.many_turns == (outlook.MOST_TURN_LINES == 1)
        return sorted(map(str, found.turns))

    assert kept_days(1) == ["2024-01-01", "2024-12-31"]
    assert kept_days(4) == ["2024-03-31", "2024-04-01"]
    monkeypatch.setattr(outlook, "MOST_TURN_LINES", 1)
    assert kept_days(1) == []


def test_bookings_are_named_where_they_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many at once some would be named that balance: none are, however they go on."""

    def unbalanced() -> list[str]:
        lines = [line("2024-05-01", "55", 1, booking=name) for name in ("A", "B", "C")]
        ends = [line("2024-05-01", "70", -1, booking=name) for name in ("A", "C")]
        return list(totals(*lines, *ends).unbalanced)

    assert unbalanced() == ["B"]
    monkeypatch.setattr(outlook, "MOST_BOOKINGS", 2)
    assert unbalanced() == []


def test_what_is_replaced_goes_and_the_rest_adds_up() -> None:
    stored = totals(*sale("2023-05-01", 10), *sale("2024-05-01", 3)).cells
    left = kept(stored, [(date(2024, 1, 1), date(2025, 1, 1))])
    assert {cell.month for cell in left} == {Month(2023, 5)}
    assert together(left, left)[Cell("55", Month(2023, 5), opening=False)] == Total(Decimal(20), 2)
    assert left[Cell("55", Month(2023, 5), opening=False)] == Total(Decimal(10), 1)


def test_bookings_that_do_not_balance_are_named() -> None:
    found = totals(
        line("2024-01-01", "55", 5, booking="A"),
        line("2024-01-01", "55", 7, booking="B"),
        line("2024-01-02", "70", -5, booking="A"),
        line("2024-01-03", "55", 1),
    )
    assert found.unbalanced == {"B": Decimal(7), "2024-01-03": Decimal(1)}
