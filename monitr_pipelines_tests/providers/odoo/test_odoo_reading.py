"""What the connector reads of a company, from servers of each kind."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from odoo_books_kit import ACCOUNT, LINE, NORTH, SOUTH, two_lines
from odoo_reading_kit import Lines, apply, full, read
from odoo_server_kit import Odoo

from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.lifecycle.errors import EntityGone, InconsistentData
from monitr_pipelines.providers.contract import Administration, Checkpoint, End
from monitr_pipelines.providers.odoo import datasets

DAY = date(2025, 7, 20)


def in_odoo(odoo: Odoo, company: int) -> dict[int, int]:
    """Cents by line of the ledger."""
    return {
        row["id"]: row["balance"]
        for row in odoo.books.tables[LINE].values()
        if row["company_id"] == company
        and row["parent_state"] == "posted"
        and row["display_type"] == "product"
    }


def whole_lines(lines: Lines) -> dict[int, int]:
    cents: defaultdict[int, int] = defaultdict(int)
    for key, line in lines.items():
        cents[int(key.partition("/")[0])] += int(line.amount * 100)
    return dict(cents)


@pytest.mark.parametrize("company", [NORTH, SOUTH])
def test_the_whole_ledger_is_what_odoo_holds(odoo: Odoo, company: int) -> None:
    lines, _ = full(odoo, company)
    assert whole_lines(lines) == in_odoo(odoo, company)
    assert all(isinstance(line.amount, Decimal) for line in lines.values())


def test_an_api_is_chosen_by_the_version(odoo: Odoo) -> None:
    full(odoo)
    grouped = "formatted_read_group" if odoo.version >= 19 else "read_group"
    assert {call.rpartition(".")[2] for call in odoo.asked} == {"search_read", grouped}


def test_companies_are_administrations(odoo: Odoo) -> None:
    source = odoo.source(None)
    source.check()
    assert source.administrations() == [
        Administration("3", "North NV", "EUR", 7),
        Administration("4", "South BV", "EUR", 1),
    ]
    source.close()


@pytest.mark.parametrize("company", ["9", "4", "x"])
def test_a_company_that_the_user_may_not_see_is_gone(odoo: Odoo, company: str) -> None:
    odoo.allowed = [3]
    source = odoo.source(company)
    with pytest.raises(EntityGone):
        source.check()
    with pytest.raises(EntityGone):
        list(source.transactions(None))
    source.close()


def test_codes_are_those_of_the_company(odoo: Odoo) -> None:
    odoo.books.tables[ACCOUNT][313]["active"] = False
    for company, expected in (
        (NORTH, {"610000", "700000", "400000", "550000", "000000"}),
        (SOUTH, {"612000", "700000", "400000", "551000"}),
    ):
        source = odoo.source(company)
        types = {account.code: account.type for account in source.accounts()}
        assert types.keys() == expected
        assert types["700000"] is AccountType.PROFIT_AND_LOSS
        assert types["400000"] is AccountType.BALANCE_SHEET
        assert types.get("000000") is None
        source.close()
    assert {line.account_code for line in full(odoo, SOUTH)[0].values()} == {"400000", "700000"}


def test_lines_say_what_odoo_shows(odoo: Odoo) -> None:
    move = odoo.books.entry(
        DAY,
        [
            {"account": 310, "cents": 9259, "currency": 1, "foreign": 10_000, "partner": 51, "name": "Label"},
            {"account": 312, "cents": -9259, "name": False, "ref": "REF", "journal": 2},
        ],
    )
    lines, _ = full(odoo)
    first, second = lines[str(move * 10)], lines[str(move * 10 + 1)]
    assert (first.booking, first.document_number) == (
        str(move),
        odoo.books.tables["account.move"][move]["name"],
    )
    assert (first.booking_date, first.amount, first.account_code) == (DAY, Decimal("92.59"), "610000")
    assert (first.foreign_amount, first.foreign_currency) == (Decimal(100), "USD")
    assert (first.relation, first.description, first.journal) == ("Customer 51", "Label", "MISC")
    assert (second.relation, second.description, second.journal) == (None, "REF", "INV")
    assert (second.foreign_amount, second.foreign_currency) == (None, None)


def test_root_plans_are_axes_and_their_values_distinct(odoo: Odoo) -> None:
    source = odoo.source()
    values = {(value.axis, value.code): value.name for value in source.axes()}
    source.close()
    assert values == {
        ("Departments", "CC1"): "Value 24",
        ("Departments", "CC2 #25"): "Value 25",
        ("Departments", "CC2 #26"): "Value 26",
        ("Products #4", "P1"): "Value 31",
        ("Products #4", "#32"): "Value 32",
        ("Products #5", "X"): "Value 37",
    }


def test_requests_are_as_many_as_the_pages_need(odoo: Odoo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "PAGE", 10)
    lines, end = full(odoo)
    pages = len(whole_lines(lines)) // 10 + 1
    # Companies, accounts, analytic accounts, journals, totals.
    assert len(odoo.asked) == 5 + pages
    assert odoo.pages == pages
    odoo.asked.clear()
    odoo.pages = 0
    assert [type(item) for item in read(odoo, end.cursor)] == [End]
    assert (len(odoo.asked), odoo.pages) == (6, 0)  # and partners whose name may have changed


def test_a_fetch_goes_on_at_every_checkpoint(odoo: Odoo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "PAGE", 7)
    items = read(odoo)
    lines: Lines = {}
    end = apply(items, lines)
    places = [number for number, item in enumerate(items) if isinstance(item, Checkpoint)]
    assert len(places) > 3
    for place in places:
        item = items[place]
        assert isinstance(item, Checkpoint)
        resumed: Lines = {}
        assert apply([*items[:place], *read(odoo, item.cursor)], resumed) == end
        assert resumed == lines


def test_books_without_an_entry_are_a_whole_ledger(odoo: Odoo) -> None:
    odoo.books.tables[LINE].clear()
    lines, end = full(odoo)
    assert lines == {}
    move = odoo.books.entry(DAY, two_lines(310, 312, 5))
    apply(read(odoo, end.cursor), lines)
    assert {line.booking for line in lines.values()} == {str(move)}


@pytest.mark.parametrize("at", [date(2025, 7, 1), date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1)])
def test_a_trial_balance_is_the_sum_of_its_lines(odoo: Odoo, at: date) -> None:
    """North's fiscal year begins in July."""
    odoo.books.entry(date(2025, 6, 30), two_lines(310, 313, 123))
    odoo.books.entry(date(2026, 7, 1), two_lines(313, 311, 7_000))
    lines, _ = full(odoo)
    source = odoo.source()
    types = {account.code: account.type for account in source.accounts()}
    start = date(at.year - (at.month < 7), 7, 1)
    expected: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines.values():
        of_year = types[line.account_code] is not AccountType.PROFIT_AND_LOSS or line.booking_date >= start
        if line.booking_date <= at and of_year:
            expected[line.account_code] += line.amount
    told = source.trial_balance(at)
    source.close()
    assert {code: balance for code, balance in told.items() if balance} == {
        code: balance for code, balance in expected.items() if balance
    }
    assert told


@pytest.mark.parametrize("cents", [999_999_999_999_999, -999_999_999_999_999])
def test_large_amounts_keep_their_cents(odoo: Odoo, cents: int) -> None:
    move = odoo.books.entry(DAY, two_lines(310, 312, cents))
    lines, _ = full(odoo)
    assert lines[str(move * 10)].amount == Decimal(cents) / 100


def test_amounts_whose_cents_get_lost_are_refused(odoo: Odoo) -> None:
    odoo.books.entry(DAY, two_lines(310, 312, 1_000_000_000_000_000))
    with pytest.raises(InconsistentData) as raised:
        full(odoo)
    assert raised.value.messages[0].kind == "amounts_inexact"


def test_debit_and_credit_that_are_not_the_balance_are_refused(odoo: Odoo) -> None:
    move = odoo.books.entry(DAY, two_lines(310, 312, 100))
    odoo.books.change_line(move * 10, balance=101)
    with pytest.raises(InconsistentData) as raised:
        full(odoo)
    assert raised.value.messages[0].kind == "answer_contradicts"


def test_lines_that_are_hidden_end_the_import(odoo: Odoo) -> None:
    move = odoo.books.entry(DAY, two_lines(310, 312, 5_000))
    odoo.books.hidden.add(move * 10 + 1)
    with pytest.raises(InconsistentData) as raised:
        full(odoo)
    assert raised.value.messages[0].kind == "lines_hidden"
    number = odoo.books.tables["account.move"][move]["name"]
    assert [finding.message for finding in raised.value.findings] == [
        f"entry {number}: 50.00 more debit can be read than credit"
    ]


def test_analytic_accounts_that_are_hidden_end_the_import(odoo: Odoo) -> None:
    odoo.books.hidden.add(24)
    with pytest.raises(InconsistentData) as raised:
        full(odoo)
    assert raised.value.messages[0].kind == "dimensions_hidden"


def test_what_an_analytic_account_had_that_is_deleted_is_nobodys(odoo: Odoo) -> None:
    del odoo.books.tables["account.analytic.account"][24]
    lines, _ = full(odoo)
    assert whole_lines(lines) == in_odoo(odoo, NORTH)
    assert {line.axes for line in lines.values()} == {(), (("Departments", "CC2 #25"),)}


def test_pages_that_lack_a_line_are_noticed(odoo: Odoo, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry of zero adds up without its lines; the sums of its month do not."""
    move = odoo.books.entry(DAY, two_lines(310, 312, 0))
    found = odoo.search_read

    def without(model: str, *arguments: object, **named: object) -> list[dict[str, object]]:
        return [row for row in found(model, *arguments, **named) if row["id"] != move * 10]

    monkeypatch.setattr(odoo, "search_read", without)
    with pytest.raises(InconsistentData) as raised:
        full(odoo)
    assert raised.value.messages[0].kind == "answer_contradicts"


@pytest.mark.parametrize("shuffle", [reversed, lambda rows: [*rows, *rows]])
def test_rows_in_another_order_are_refused(
    odoo: Odoo, monkeypatch: pytest.MonkeyPatch, shuffle: object
) -> None:
    found = odoo.search_read
    monkeypatch.setattr(odoo, "search_read", lambda *given, **named: list(shuffle(found(*given, **named))))
    with pytest.raises(InconsistentData):
        full(odoo)
