"""Increments of Moneybird: what its sums show, and what its versions of documents show alone."""

from datetime import date

import pytest
from moneybird_kit import NOW, YESTERDAY, Books, Emulated, Ledger, spread
from msgspec.structs import replace

from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.records import Share
from monitr_pipelines.ledger.changes import Cursor, Dates, Replace
from monitr_pipelines.lifecycle.errors import CursorExpired, OurFault
from monitr_pipelines.providers.contract import End
from monitr_pipelines.providers.moneybird.datasets import DocumentRow

JANUARY, MARCH = date(2026, 1, 31), date(2026, 3, 1)
SALE = ("1", "12.10"), ("2", "-10"), ("3", "-2.10")
LATER = YESTERDAY + 60


def months_read(books: Books, cursor: Cursor) -> set[date]:
    items, _ = books.stream(cursor)
    return {item.scope.start for item in items if isinstance(item, Replace) and isinstance(item.scope, Dates)}


@pytest.fixture
def known(books: Books) -> tuple[Ledger, Cursor]:
    """Books that were read: a sale in January, and one in March."""
    books.book(JANUARY, *SALE)
    books.book(MARCH, *SALE)
    return books.full()


def test_nothing_new_reads_no_month(books: Books, known: tuple[Ledger, Cursor]) -> None:
    books.asked.clear()
    assert months_read(books, known[1]) == set()
    assert +books.asked == {"year": 3}, "of 2025, this year and the next"


def test_a_month_with_other_sums_is_read_whole(books: Books, known: tuple[Ledger, Cursor]) -> None:
    books.version = LATER
    books.book(date(2026, 1, 2), *SALE)
    assert months_read(books, known[1]) == {date(2026, 1, 1)}
    books.follow(*known)


def test_a_month_that_is_empty_now_is_emptied(books: Books, known: tuple[Ledger, Cursor]) -> None:
    books.rows = [row for row in books.rows if row.date == f"{MARCH}"]
    assert months_read(books, known[1]) == {date(2026, 1, 1)}
    books.follow(*known)


def test_bookings_that_only_change_months_are_found(books: Books, known: tuple[Ledger, Cursor]) -> None:
    """The sums of their year stay as they were; the versions tell."""
    document = str(books.rows[0].document_id)
    books.version = LATER
    books.rows = [
        replace(row, date="2026-02-01") if row.document_id == document else row for row in books.rows
    ]
    books.touch(document, DocumentRow(date="2026-02-01"))
    assert months_read(books, known[1]) == {date(2026, 1, 1), date(2026, 2, 1)}
    books.follow(*known)


def test_a_change_that_leaves_all_sums_is_found_by_its_version(
    books: Books, known: tuple[Ledger, Cursor]
) -> None:
    books.rows[0] = replace(books.rows[0], description="Other goods")
    assert months_read(books, known[1]) == set()
    books.version = LATER
    books.touch(str(books.rows[0].document_id), DocumentRow(date=f"{JANUARY}"))
    books.follow(*known)


def test_an_invoice_is_booked_in_all_the_months_that_it_is_spread_over(
    books: Books, known: tuple[Ledger, Cursor]
) -> None:
    books.version = LATER
    for period in ("202602..202603", "20260201..20260331"):
        books.touch("9", spread(JANUARY, period))
        found = {date(2026, month, 1) for month in (1, 2, 3)}
        assert months_read(books, known[1]) == found


def test_a_draft_is_booked_nowhere(books: Books, known: tuple[Ledger, Cursor]) -> None:
    books.version = LATER
    books.touch("9", DocumentRow(invoice_date=None), "sales_invoices")
    assert months_read(books, known[1]) == set()


def test_what_is_committed_late_is_not_missed(books: Books) -> None:
    """Its version is earlier than the latest one that was read."""
    books.version = int(NOW.timestamp()) - 60
    books.book(MARCH, *SALE)
    books.version -= 3_000
    document = books.book(JANUARY, *SALE)
    late = books.documents_of["receipts"].pop(document)
    ledger, cursor = books.full()
    books.rows[-1] = replace(books.rows[-1], description="Late")
    books.documents_of["receipts"][document] = late
    books.follow(ledger, cursor)


def test_versions_that_are_no_moments_cannot_tell_what_is_newer(books: Books) -> None:
    books.version = 7
    books.book(MARCH, *SALE)
    with pytest.raises(OurFault, match="form"):
        books.full()


def test_an_account_with_another_code_is_read_anew_with_all_lines(
    books: Books, known: tuple[Ledger, Cursor]
) -> None:
    books.codes["4"] = "0100"
    cursor = books.follow(*known)
    books.codes["4"] = "0101"
    with pytest.raises(CursorExpired):
        books.stream(cursor)


def test_accounts_with_no_code_or_the_same_one_are_known_by_their_ids(books: Books) -> None:
    books.codes = {"1": "", "2": "8000", "3": "8000"}
    books.book(MARCH, *SALE)
    codes = {line.account_code for line in books.full()[0].values()}
    assert codes == {"#1", "8000 #2", "8000 #3"}


def test_bookings_years_ahead_are_read(books: Books) -> None:
    books.book(date(2027, 6, 1), *SALE)
    books.book(date(2028, 6, 1), *SALE)
    ledger, cursor = books.full()
    assert len(ledger) == 6
    books.follow(ledger, cursor)


def test_ten_years_of_books_have_a_small_cursor(books: Books) -> None:
    for number in range(120):
        books.book(date(2025 + number // 12, number % 12 + 1, 5), ("1", "1"), ("2", "-1"))
    assert len(str(books.full()[1])) < 6_000


FAMILY_OF = {
    "S": "/sales_invoices",
    "P": "documents/purchase_invoices",
    "B": "financial_mutations",
    "M": "documents/general_journal_documents",
}


def test_documents_of_each_family_tell_where_they_are_booked(moneybird: Emulated) -> None:
    """Another project changes no sum, and the version of one document."""
    end = moneybird.read()[-1]
    assert isinstance(end, End)
    books = moneybird.books
    project = next(value.id for value in books.values.values() if books.axes[value.axis].code == "project")
    entries = {books.journals[entry.journal].kind: entry for entry in books.company_entries(1)}
    with books.lock:
        for kind in FAMILY_OF:
            line = next(line for line in entries[kind].lines if line.account and not line.shares)
            Bookkeeper(books).change_line(line.id, shares=(Share((project,)),))
    moneybird.server.exchanges.clear()
    changed = [line for item in moneybird.read(end.cursor) for line in getattr(item, "lines", ())]
    months = {entries[kind].day.replace(day=1) for kind in FAMILY_OF}
    assert {each.booking_date.replace(day=1) for each in changed} == months
    for family in FAMILY_OF.values():
        (asked,) = moneybird.server.exchanges.of(f"{family}/synchronization", "POST")
        assert asked.status == 200
