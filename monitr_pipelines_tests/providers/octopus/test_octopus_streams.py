"""Streams of Octopus: the whole ledger, and what changed since."""

from datetime import date
from decimal import Decimal

import pytest
from octopus_kit import DOSSIER, Number, Octopus, end_of, lines_in, nothing

from monitr_pipelines.ledger.changes import Bookings, Replace
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.lifecycle.errors import CursorExpired, EntityGone, InconsistentData, OurFault
from monitr_pipelines.providers.contract import Checkpoint, Item

LONG_AGO = "1980-01-01 00:00:00.000"


def replaced(items: list[Item]) -> dict[str, list[str]]:
    """Bookings that were replaced, with the keys of their lines."""
    return {
        key: [line.external_id for line in item.lines if line.booking == key]
        for item in items
        if isinstance(item, Replace) and isinstance(item.scope, Bookings)
        for key in item.scope.keys
    }


def test_a_line(octopus: Octopus) -> None:
    octopus.book("121.50", currencyCode="USD", documentAmount=Number("130.0"))
    line = lines_in(octopus.read())["1.A1.1.1"]
    assert line.amount == Decimal("121.50")
    assert (line.foreign_amount, line.foreign_currency) == (Decimal("130.0"), "USD")
    assert (line.booking, line.journal, line.document_number, line.line_number) == ("1.A1.1", "A1", "1", "1")
    assert (line.period, line.booking_date) == ("202501", date(2025, 1, 20))
    assert (line.relation, line.description, line.axes) == ("9", "Goods", (("Cost centre", "3"),))
    other = lines_in(octopus.read())["1.A1.1.2"]
    assert (other.account_code, other.amount, other.axes) == ("440000", Decimal("-121.50"), ())


def test_the_first_import_asks_by_bookyear_and_type_of_journal(octopus: Octopus) -> None:
    octopus.book()
    octopus.book(bookyear=2, kind=2)
    items = octopus.read()
    asked = [(path, query) for _, path, query in octopus.asked if path.endswith("bookings/modified")]
    assert asked == [
        (
            f"/dossiers/{DOSSIER}/bookyears/{year}/bookings/modified",
            {"journalTypeId": str(kind), "modifiedTimeStamp": LONG_AGO},
        )
        for year in (1, 2)
        for kind in (1, 2, 3, 4)
    ]
    assert {line.booking for line in lines_in(items).values()} == {"1.A1.1", "2.V1.1"}


def test_an_increment_asks_once_for_what_changed_since_four_hours_before(octopus: Octopus) -> None:
    octopus.book()
    octopus.book(document=2)
    cursor = end_of(octopus.read()).cursor
    octopus.asked.clear()
    octopus.book("60.50", document=2)
    octopus.delete()
    items = octopus.read(cursor)
    ((_, path, query),) = [each for each in octopus.asked if each[1].endswith("bookings/modified")]
    assert path == f"/dossiers/{DOSSIER}/bookyears/-1/bookings/modified"
    assert query == {"journalTypeId": "-1", "modifiedTimeStamp": "2026-01-15 04:00:00.000"}
    assert replaced(items) == {"1.A1.2": ["1.A1.2.1", "1.A1.2.2"], "1.A1.1": []}


def test_a_number_that_was_deleted_and_given_again_is_there(octopus: Octopus) -> None:
    octopus.book()
    cursor = end_of(octopus.read()).cursor
    octopus.delete()
    octopus.book("5")
    assert replaced(octopus.read(cursor)) == {"1.A1.1": ["1.A1.1.1", "1.A1.1.2"]}


def test_where_nothing_changed_the_moment_stays(octopus: Octopus) -> None:
    octopus.book()
    cursor = end_of(octopus.read()).cursor
    octopus.now = octopus.now.replace(day=20)
    octopus.before = lambda path: nothing() if path.endswith("bookings/modified") else None
    items = octopus.read(cursor)
    assert items == [end_of(items)]
    assert end_of(items).cursor == cursor
    octopus.before = lambda _: None
    assert end_of(octopus.read(cursor)).cursor["since"].startswith("2026-01-20")


def test_404_in_other_words_than_those_of_octopus_is_not_nothing(octopus: Octopus) -> None:
    octopus.book()
    octopus.before = lambda path: (404, b"<html>") if path.endswith("bookings/modified") else None
    with pytest.raises(EntityGone):
        octopus.read()


def test_a_fetch_goes_on_behind_its_checkpoint(octopus: Octopus) -> None:
    octopus.book()
    octopus.book(kind=2)
    octopus.book(bookyear=2)
    items = octopus.read()
    places = [number for number, item in enumerate(items) if isinstance(item, Checkpoint)]
    assert len(places) == 8
    octopus.now = octopus.now.replace(day=20)
    for place in places:
        octopus.asked.clear()
        rest = octopus.read(items[place].cursor)
        assert lines_in(rest) == lines_in(items[place:])
        assert end_of(rest) == end_of(items)
        asked = [path for path in octopus.paths() if path.endswith("bookings/modified")]
        assert len(asked) == 7 - places.index(place)


def test_lines_of_a_booking_may_share_a_number(octopus: Octopus) -> None:
    octopus.book(lineSequenceNr=-1)
    assert set(lines_in(octopus.read())) == {"1.A1.1.-1", "1.A1.1.-1.2"}


def test_a_booking_is_never_cut_by_a_page(octopus: Octopus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitr_pipelines.providers.octopus.lines.LINES", 3)
    for document in range(1, 6):
        octopus.book(document=document)
    pages = [list(item.lines) for item in octopus.read() if isinstance(item, Replace)]
    assert [len(page) for page in pages] == [0, 2, 2, 2, 2, 2]


def test_what_does_not_fit_is_asked_for_in_parts_of_its_time(octopus: Octopus) -> None:
    for document, moment in enumerate(("2025-01-20", "2025-06-20", "2025-12-20", "2026-01-14"), 1):
        octopus.book(document=document)
        octopus.written[1, 1, 1, document] = f"{moment} 12:00:00.000"
    octopus.most = 4
    items = octopus.read()
    assert len(lines_in(items)) == 8
    asked = [query for _, path, query in octopus.asked if path.endswith("bookyears/1/bookings/modified")]
    times = [
        (query["modifiedTimeStamp"], query.get("modifiedTimeStampTo"))
        for query in asked
        if query["journalTypeId"] == "1"
    ]
    middle = "2025-07-09 16:00:00.000"
    assert times == [(LONG_AGO, None), (LONG_AGO, middle), (middle, None)]
    assert len([item for item in items if isinstance(item, Checkpoint)]) == 8
    octopus.most = 1
    with pytest.raises(OurFault):
        octopus.read()


def test_delivery_notes_are_in_no_ledger(octopus: Octopus) -> None:
    octopus.book()
    cursor = end_of(octopus.read()).cursor
    octopus.book(kind=7)
    assert set(replaced(octopus.read(cursor))) == {"1.A1.1"}


def test_bookings_of_another_bookyear_than_was_asked_for_are_refused(octopus: Octopus) -> None:
    octopus.book(bookyearKey={"id": 2})
    with pytest.raises(InconsistentData):
        octopus.read()


def test_books_without_a_line_are_a_whole_ledger_until_there_is_one(octopus: Octopus) -> None:
    items = octopus.read()
    assert [item for item in items if isinstance(item, Replace)]
    assert not lines_in(items)
    cursor = end_of(items).cursor
    assert end_of(octopus.read(cursor)).cursor == cursor
    octopus.book()
    with pytest.raises(CursorExpired):
        octopus.read(cursor)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"bookingAmount": "Jan Peeters"}, "bookingAmount"),
        ({"bookingAmount": None}, "bookingAmount"),
        ({"documentDate": "Jan Peeters"}, "documentDate"),
        ({"accountKey": 0}, "accountKey"),
        ({"bookyearKey": None}, "bookyearKey"),
    ],
)
def test_a_value_that_is_none_is_told_by_its_field_alone(
    octopus: Octopus, fields: dict[str, object], told: str
) -> None:
    octopus.book(document=2)
    octopus.book(**fields)
    with pytest.raises(OurFault) as fault:
        octopus.read()
    assert told in fault.value.detail
    assert "Peeters" not in f"{fault.value!r} {fault.value} {fault.value.detail}"


@pytest.mark.parametrize(
    "document", [{}, [], {"modifiedBookings": []}, {"deletedBookings": []}, {"error": 1}]
)
def test_an_envelope_that_nobody_knows_is_no_empty_answer(octopus: Octopus, document: object) -> None:
    octopus.before = lambda path: (200, document) if path.endswith("bookings/modified") else None
    with pytest.raises(OurFault):
        octopus.read()


def test_accounts_are_named_by_the_latest_bookyear_and_typed_by_their_class(
    octopus: Octopus,
) -> None:
    octopus.book()
    octopus.renamed = {(2, 700000): "Ventes"}
    source = octopus.source()
    list(source.transactions(None))
    names = {account.code: account.name for account in source.accounts()}
    assert (names["700000"], names["610000"]) == ("Ventes", "Diensten")
    types = {account.code: account.type for account in source.accounts()}
    costs_and_income = {code for code, told in types.items() if told is AccountType.PROFIT_AND_LOSS}
    assert costs_and_income == {code for code in types if code[0] in "67"}
    assert set(types.values()) == set(AccountType)


def test_an_account_that_was_made_meanwhile_is_listed(octopus: Octopus) -> None:
    octopus.book()
    octopus.numbers = {1: "Kas"}
    source = octopus.source()
    for _ in source.transactions(None):
        octopus.numbers = {1: "Kas", 440000: "Leveranciers", 610000: "Diensten"}
    assert {account.code for account in source.accounts()} == {"1", "440000", "610000"}


def test_a_dossier_without_accounts_is_hidden(octopus: Octopus) -> None:
    octopus.numbers = {}
    with pytest.raises(EntityGone):
        octopus.read()
