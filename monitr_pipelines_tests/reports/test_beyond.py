"""What `monitr report` prints of a period, within the books, is what the frames have."""

from dataclasses import replace
from decimal import Decimal

import pytest

from monitr_pipelines.cli import reports
from monitr_pipelines.ledger.periods import FiscalCalendar, Month
from monitr_pipelines.reports import frames
from monitr_pipelines.reports.beyond import AnyPeriod, lines_of_period
from monitr_pipelines.reports.columns import Span
from monitr_pipelines.reports.standing import read_standing
from monitr_pipelines.reports.statement import Kind
from monitr_pipelines.warehouse.server import database
from monitr_pipelines_tests.reports.conftest import Reported


def printed(reported: Reported, kind: Kind, first: str, last: str) -> dict[str, tuple[Decimal, ...]]:
    rows = reports.statement_rows(kind, reported.key, first, last)
    return {row["line"]: (row["amount"], row["year_to_date"], row["prior_year"]) for row in rows}


@pytest.mark.parametrize("kind", Kind)
def test_a_fiscal_year_is_the_same_in_both(reported: Reported, kind: Kind) -> None:
    frame = frames.statement(reported.key, kind, "2025-01", "2025-12", by="fiscal-year").set_index("line")
    rows = printed(reported, kind, "2025-01", "2025-12")
    assert {line: amounts[0] for line, amounts in rows.items()} == frame["amount"].to_dict()
    assert {line: amounts[2] for line, amounts in rows.items()} == frame["year_before"].to_dict()
    if kind is Kind.PROFIT_AND_LOSS:
        assert all(amount == to_date for amount, to_date, _ in rows.values())


def test_cash_is_what_there_was_first_and_last_and_after_the_books_there_is_no_flow(
    reported: Reported,
) -> None:
    months = frames.cash_flow(reported.key, "2024-05", "2025-02").set_index(["line", "last"])["amount"]
    rows = printed(reported, Kind.CASH_FLOW, "2024-05", "2025-02")
    assert rows["CF:OPEN"][0] == months["CF:OPEN"].iloc[0] != 0
    assert rows["CF:CLOSE"][0] == months["CF:CLOSE"].iloc[-1] != rows["CF:OPEN"][0]
    assert rows["CF:OPEN"][0] + rows["CF"][0] == rows["CF:CLOSE"][0]
    assert printed(reported, Kind.CASH_FLOW, "2026-01", "2026-02") == {}


@pytest.mark.parametrize("kind", [Kind.PROFIT_AND_LOSS, Kind.BALANCE_SHEET])
def test_a_whole_fiscal_year_is_beside_the_whole_one_before_however_long(
    reported: Reported, kind: Kind
) -> None:
    with database.connect(autocommit=True) as connection:
        standing = read_standing(connection, reported.key)
        assert standing
        assert standing.published
        long = replace(standing, calendar=FiscalCalendar.parse(1, "2024-01..2025-06,2025-07..2025-12"))

        books = standing.published

        def shown(first: str, last: str) -> AnyPeriod:
            return AnyPeriod(long, books, Span(Month.parse(first), Month.parse(last)))

        year = lines_of_period(connection, shown("2025-07", "2025-12"), kind)
        before = lines_of_period(connection, shown("2024-01", "2025-06"), kind)
    was = {row.line: row.amount for row in before}
    assert {row.line: row.prior_year for row in year} == {row.line: was.get(row.line, 0) for row in year}
