"""Months of Moneybird: read until they add up, by whichever slices are fewer, with debits of either sign."""

from datetime import date
from decimal import Decimal

import pytest
from moneybird_kit import Books, applied

from monitr_pipelines.ledger.changes import Replace, WholeLedger
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import CursorExpired, InconsistentData
from monitr_pipelines.providers.contract import Checkpoint
from monitr_pipelines.providers.moneybird.reading import BY_ACCOUNT, BY_PROJECT

JANUARY, MARCH = date(2026, 1, 31), date(2026, 3, 1)
SALE = ("1", "12.10"), ("2", "-10"), ("3", "-2.10")


def test_every_field_of_a_line(books: Books) -> None:
    books.projects_named = {"7": "Dike"}
    document = books.book(JANUARY, ("1", "12.10"), ("2", "-12.10"), project="7")
    first = next(iter(books.full()[0].values()))
    assert first == LedgerLine(
        external_id=str(books.of(document)[0].id),
        booking_date=JANUARY,
        account_code="1300",
        amount=Decimal("12.10"),
        booking=document,
        journal="Document",
        description="Goods",
        axes=(("Project", "7"),),
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_debits_are_positive_whatever_they_are_in_the_journal(books: Books, sign: int) -> None:
    books.sign = sign
    books.book(JANUARY, *SALE)
    ledger, cursor = books.full()
    assert {line.account_code: line.amount for line in ledger.values()} == {
        "1300": Decimal("12.10"),
        "8000": Decimal(-10),
        "4000": Decimal("-2.10"),
    }
    assert cursor["sign"] == sign


def test_lines_that_add_up_with_neither_sign_are_refused(books: Books) -> None:
    books.book(JANUARY, *SALE)
    books.forged = Decimal("0.01")
    with pytest.raises(InconsistentData) as raised:
        books.full()
    assert "2025-01" in raised.value.detail
    assert books.asked["month"] == 4, "asked again: someone may have worked on it"


def test_a_month_that_tells_no_sign_waits_for_one_that_does(books: Books) -> None:
    books.sign = -1
    for amount in ("5", "-5"):
        books.book(JANUARY, ("1", amount), ("2", str(-Decimal(amount))))
    books.book(MARCH, *SALE)
    ledger, cursor = books.full()
    assert sorted(line.amount for line in ledger.values() if line.booking_date == JANUARY) == [-5, -5, 5, 5]
    first = books.rows[0]
    assert ledger[str(first.id)].amount == 5
    assert sorted(cursor["months"]) == ["2026-01", "2026-03"]


@pytest.mark.parametrize("sign", [1, -1])
def test_where_no_month_tells_all_is_read_again_as_soon_as_one_does(books: Books, sign: int) -> None:
    books.sign = sign
    for amount in ("5", "-5"):
        books.book(JANUARY, ("1", amount), ("2", str(-Decimal(amount))))
    ledger, cursor = books.full()
    assert cursor["sign"] is None
    books.book(MARCH, *SALE)
    if sign < 0:
        with pytest.raises(CursorExpired):
            books.stream(cursor)
        ledger, _ = books.full()
    else:
        books.follow(ledger, cursor)
    assert books.full()[0][str(books.rows[0].id)].amount == 5


def test_whichever_slices_are_fewer_are_asked_for(books: Books) -> None:
    books.book(JANUARY, *SALE)
    without = books.full()[0]
    assert (books.asked[BY_PROJECT], books.asked[BY_ACCOUNT]) == (1, 0)
    books.projects_named = {str(number): "Dike" for number in range(2)}
    books.asked.clear()
    assert books.full()[0] == without
    assert (books.asked[BY_PROJECT], books.asked[BY_ACCOUNT]) == (0, 3)


def test_a_project_that_no_list_names_is_found_by_account_and_kept(books: Books) -> None:
    books.book(JANUARY, *SALE)
    books.book(JANUARY, ("1", "1"), ("2", "-1"), project="77")
    items, _ = books.stream()
    assert len(applied(items, {})) == 5
    assert books.asked[BY_ACCOUNT] == 3
    assert {line.axes for line in applied(items, {}).values()} == {(), (("Project", "77"),)}


def test_lines_on_an_account_that_no_list_names_are_refused(books: Books) -> None:
    books.book(JANUARY, ("1", "1"), ("4", "-1"))
    with pytest.raises(InconsistentData):
        books.full()


def test_an_account_that_is_made_while_lines_are_read_is_listed(books: Books) -> None:
    books.book(JANUARY, ("1", "1"), ("4", "-1"))
    books.meanwhile = [lambda: books.codes.update({"4": "0100"})]
    assert {line.account_code for line in books.full()[0].values()} == {"1300", "0100"}


def test_a_month_that_is_worked_on_meanwhile_is_read_as_it_is_in_the_end(books: Books) -> None:
    document = books.book(JANUARY, *SALE)

    def rewrite() -> None:
        books.rows = [row for row in books.rows if row.document_id != document]
        books.book(JANUARY, ("1", "7"), ("2", "-7"))

    books.meanwhile = [rewrite]
    ledger, cursor = books.full()
    assert sorted(line.amount for line in ledger.values()) == [-7, 7]
    books.follow(ledger, cursor)


def test_lines_of_nothing_are_left_out(books: Books) -> None:
    books.book(JANUARY, ("1", "5"), ("2", "-5"), ("3", "0.0"))
    assert len(books.full()[0]) == 2


def test_a_fetch_goes_on_with_the_month_behind_its_checkpoint(books: Books) -> None:
    for month in (1, 2, 3):
        books.book(date(2026, month, 5), *SALE)
    items, place = books.stream()
    places = [number for number, item in enumerate(items) if isinstance(item, Checkpoint)]
    for number in places:
        checkpoint = items[number]
        assert isinstance(checkpoint, Checkpoint)
        rest, end = books.stream(checkpoint.cursor)
        assert applied([*items[:number], *rest], {}) == applied(items, {})
        assert end == place


def test_what_changes_behind_a_checkpoint_is_read_by_the_next_increment(books: Books) -> None:
    document = books.book(JANUARY, *SALE)
    books.book(MARCH, *SALE)
    items, _ = books.stream()
    upto, checkpoint = next(
        (items[:number], item)
        for number, item in enumerate(items)
        if isinstance(item, Checkpoint) and item.cursor["months"]
    )
    books.rows = [row for row in books.rows if row.document_id != document]
    rest, place = books.stream(checkpoint.cursor)
    assert "2026" not in place.years
    books.follow(applied([*upto, *rest], {}), place.as_json())


def test_books_without_a_line_are_a_whole_ledger(books: Books) -> None:
    items, place = books.stream()
    assert [item.scope for item in items if isinstance(item, Replace)] == [WholeLedger()]
    assert place.months == {}
