from collections import defaultdict
from decimal import Decimal
from itertools import groupby

import pytest

from monitr_pipelines.emulators.books import BELGIAN, DUTCH, FRENCH, Books, generate_books
from monitr_pipelines.emulators.company.charts import Chart, JournalKind, Role
from monitr_pipelines.ledger.money import within_limits
from monitr_pipelines.ledger.records import AccountType, LedgerLine

CHARTS = [BELGIAN, DUTCH, FRENCH]
FIRST, SECOND = 2024, 2025


@pytest.fixture(
    params=[(chart, seed) for chart in CHARTS for seed in range(4)],
    ids=lambda parameter: f"{parameter[0].country}-{parameter[1]}",
    scope="module",
)
def books(request: pytest.FixtureRequest) -> Books:
    chart, seed = request.param
    return generate_books(seed, "Voorbeeld", FIRST, chart=chart)


def types(books: Books) -> dict[str, AccountType | None]:
    return {account.code: account.type for account in books.accounts}


def revenue(books: Books, year: int) -> Decimal:
    codes = {books.chart.accounts[role].code for role in (Role.SALES_OF_GOODS, Role.SALES_OF_SERVICES)}
    return -sum((line.amount for line in books.of_year(year) if line.account_code in codes), Decimal())


def balance(lines: list[LedgerLine]) -> Decimal:
    return sum((line.amount for line in lines), Decimal())


def test_same_seed_same_books_and_other_seed_other_books() -> None:
    assert generate_books(3, "A", FIRST).lines == generate_books(3, "A", FIRST).lines
    assert generate_books(3, "A", FIRST).lines != generate_books(4, "A", FIRST).lines
    assert generate_books(3, "A", FIRST).lines != generate_books(3, "B", FIRST).lines


def test_lines_can_be_read_twice_and_are_in_order(books: Books) -> None:
    assert list(books.lines) == list(books.lines)
    days = [line.booking_date for line in books.lines]
    assert days == sorted(days)
    assert (days[0].year, days[-1].year) == (FIRST, SECOND)


def test_every_entry_balances_and_every_key_is_unique(books: Books) -> None:
    entries: dict[str | None, Decimal] = defaultdict(Decimal)
    for line in books.lines:
        entries[line.booking] += line.amount
    assert None not in entries
    assert not any(entries.values())
    assert len({line.external_id for line in books.lines}) == len(books.lines)
    assert all(within_limits(line.amount) and line.amount for line in books.lines)


def test_every_line_is_on_a_known_account_journal_and_relation(books: Books) -> None:
    codes = {account.code for account in books.accounts}
    journals = {journal.code for journal in books.chart.journals.values()}
    axis_values = {(value.axis, value.code) for value in books.axes}
    for line in books.lines:
        assert line.account_code in codes
        assert line.journal in journals
        assert line.relation is None or line.relation in books.relations
        assert set(line.axes) <= axis_values
        assert [axis for axis, _ in line.axes] == sorted(axis for axis, _ in line.axes)
    assert {line.journal for line in books.lines} == journals


def test_axes_are_on_profit_and_loss_lines_only(books: Books) -> None:
    of = types(books)
    for line in books.lines:
        axes = dict(line.axes)
        assert ("department" in axes) == (of[line.account_code] is AccountType.PROFIT_AND_LOSS)
        assert "project" not in axes or line.journal == books.chart.journals[JournalKind.SALES].code
    assert any("project" in dict(line.axes) for line in books.lines)


def test_figures_are_believable(books: Books) -> None:
    for year in (FIRST, SECOND):
        assert Decimal("0.02") < books.profit(year) / revenue(books, year) < Decimal("0.15")
    assert Decimal(1) < revenue(books, SECOND) / revenue(books, FIRST) < Decimal("1.1")
    bank = books.chart.accounts[Role.BANK].code
    cash = Decimal()
    for _, lines in groupby(books.lines, key=lambda line: line.booking_date):
        cash += balance([line for line in lines if line.account_code == bank])
        assert cash > 0
    total = {
        year: sum(amount for amount in books.balances(year).values() if amount > 0)
        for year in (FIRST - 1, FIRST, SECOND)
    }
    assert total[FIRST - 1] == 0
    assert total[FIRST] < total[SECOND] < total[FIRST] * 2


def test_no_balance_is_on_the_wrong_side(books: Books) -> None:
    assets = {Role.EQUIPMENT, Role.STOCK, Role.CUSTOMERS, Role.BANK}
    closing = books.balances(SECOND)
    for role, account in books.chart.accounts.items():
        if account.type is AccountType.BALANCE_SHEET and account.code in closing:
            assert (closing[account.code] > 0) == (role in assets), role


def test_season_shows_in_the_revenue(books: Books) -> None:
    codes = {books.chart.accounts[role].code for role in (Role.SALES_OF_GOODS, Role.SALES_OF_SERVICES)}
    months: dict[int, Decimal] = defaultdict(Decimal)
    for line in books.of_year(FIRST):
        if line.account_code in codes:
            months[line.booking_date.month] -= line.amount
    assert max(months, key=months.__getitem__) == 12
    assert min(months, key=months.__getitem__) == 8


def test_each_year_adds_up(books: Books) -> None:
    assert balance(books.opening(FIRST)) == 0
    for year in (FIRST, SECOND):
        lines = books.of_year(year)
        of = types(books)
        assert lines
        assert balance(lines) == 0
        moved = balance([line for line in lines if of[line.account_code] is AccountType.BALANCE_SHEET])
        assert moved == books.profit(year)


def test_opening_of_the_second_year_is_the_closing_of_the_first(books: Books) -> None:
    of = types(books)
    result = books.chart.accounts[Role.RESULT].code
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for line in books.opening(FIRST) + books.of_year(FIRST):
        if of[line.account_code] is AccountType.BALANCE_SHEET:
            expected[line.account_code] += line.amount
    expected[result] -= books.profit(FIRST)
    opening = books.opening(SECOND)
    assert {line.account_code: line.amount for line in opening} == {k: v for k, v in expected.items() if v}
    assert balance(opening) == 0
    assert all(line.opening and line.booking_date.isoformat() == f"{SECOND}-01-01" for line in opening)
    assert result == {"BE": "140000", "NL": "0590", "FR": "120000"}[books.chart.country]


def test_closing_entry_leaves_no_result(books: Books) -> None:
    of = types(books)
    lines = books.of_year(FIRST) + books.closing(FIRST)
    assert balance(books.closing(FIRST)) == 0
    assert balance([line for line in lines if of[line.account_code] is AccountType.PROFIT_AND_LOSS]) == 0


def test_a_stock_of_many_companies_stays_believable() -> None:
    for seed in range(8):
        for chart in CHARTS:
            books = generate_books(seed, "Veel", FIRST, 3, entries_per_month=20, chart=chart)
            for year in range(FIRST, FIRST + 3):
                assert Decimal("0.02") < books.profit(year) / revenue(books, year) < Decimal("0.15")


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.country)
def test_charts_are_complete(chart: Chart) -> None:
    assert set(Role) - set(chart.accounts) <= {Role.CARRIED_FORWARD}
    assert len({journal.code for journal in chart.journals.values()}) == len(JournalKind)
    codes = [account.code for account in chart.accounts.values()]
    assert len({len(code) for code in codes}) == 1
    belgian_or_french = chart.country in {"BE", "FR"}
    for account in chart.accounts.values():
        result = account.code[0] in ("67" if belgian_or_french else "456789")
        assert result == (account.type is AccountType.PROFIT_AND_LOSS), account
