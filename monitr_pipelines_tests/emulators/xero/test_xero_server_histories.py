"""Whatever happens to the books, whenever they are looked at: journals stay, and come to the books."""

from edits_kit import KINDS, Edit, History, histories
from hypothesis import given, settings
from xero_server_kit import GENEROUS, movements_in, movements_of, some_books

from monitr_pipelines.emulators.xero import build
from monitr_pipelines.emulators.xero.conditions import Row
from monitr_pipelines.emulators.xero.service import Xero

# A line has at most one option of a category, and all of it.
EDITS = [kind for kind in KINDS if kind != "split"]


def numbered(emulator: Xero) -> dict[object, Row]:
    """All journals of the first company by number."""
    company = emulator.books.companies[1]
    rows: list[Row] = []
    page = emulator.journals.page(company, {}, 0)
    while page:
        rows += page
        page = emulator.journals.page(company, {"offset": str(page[-1]["JournalNumber"])}, 0)
    return {row["JournalNumber"]: row for row in rows}


def booked(row: Row) -> tuple[object, ...]:
    """What of a journal never changes; accounts and options have the names that they have now."""
    lines = row["JournalLines"]
    assert isinstance(lines, list)
    keys = [(line["JournalLineID"], line["AccountID"], line["NetAmount"]) for line in lines]
    return row["JournalID"], row["JournalDate"], row["CreatedDateUTC"], row["Reference"], keys


@settings(max_examples=6)
@given(first=histories(EDITS, 40), second=histories(EDITS, 40))
def test_journals_stay_and_come_to_the_books(first: list[Edit], second: list[Edit]) -> None:
    books = some_books()
    emulator, edits = build(books, GENEROUS), History(books)
    before = numbered(emulator)
    for history in (first, second):
        edits.apply(history)
        after = numbered(emulator)
        assert {number: booked(after[number]) for number in before} == {
            number: booked(row) for number, row in before.items()
        }
        assert movements_in(after.values()) == movements_of(books)
        before = after
    edits.settle()
    assert movements_in(numbered(emulator).values()) == movements_of(books)
