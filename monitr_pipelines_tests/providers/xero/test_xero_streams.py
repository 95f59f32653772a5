"""Journals of Xero: every field, pages by number, increments from the settled journal on, and when not."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from xero_kit import BANK, JOURNALS, NO_CODE, NORTH, SALES, Number, Xero, account, end_of, lines_of, stamp

from monitr_pipelines.ledger.changes import Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.records import AccountType, AxisValue, LedgerLine
from monitr_pipelines.lifecycle.errors import CursorExpired, EntityGone, InconsistentData, OurFault
from monitr_pipelines.providers.contract import Checkpoint


@pytest.fixture(autouse=True)
def _small_pages(xero: Xero) -> None:
    xero.page = 2


def test_a_line_has_what_the_journal_tells(xero: Xero) -> None:
    tracking = [{"Name": "Old name", "Option": "Old option", "TrackingOptionID": NORTH}]
    xero.book("40.10", Description=" Tires ", TrackingCategories=tracking, TaxAmount=Number("8.42"))
    first, second = lines_of(xero.read())
    assert first == LedgerLine(
        "1a",
        date(2026, 4, 1),
        "610",
        Decimal("40.10"),
        "journal-1",
        "1",
        journal="ACCREC",
        document_number="1",
        description="Tires",
        axes=(("Region", "North"),),
    )
    assert (second.amount, second.description, second.axes) == (Decimal("-40.10"), "INV-1", ())
    assert str(first.amount) == "40.10"


def test_what_may_be_missing_is(xero: Xero) -> None:
    xero.book("1", account=NO_CODE, JournalLineID=None, Description=None, TrackingCategories=None)
    xero.journals[0] |= {"Reference": None}
    del xero.journals[0]["SourceType"]
    line, _ = lines_of(xero.read())
    assert line.external_id == "journal-1/1"
    assert line.account_code == f"#{NO_CODE}"
    assert (line.journal, line.description, line.axes) == (None, None, ())


@pytest.mark.parametrize("name", ["NetAmount", "AccountID"])
def test_what_must_be_there_is_no_zero(xero: Xero, name: str) -> None:
    xero.book("1")
    del xero.journals[0]["JournalLines"][0][name]
    with pytest.raises(OurFault) as raised:
        xero.read()
    assert name in raised.value.detail


def test_the_whole_ledger_comes_page_by_page_and_goes_on_behind_each(xero: Xero) -> None:
    for number in (1, 4, 5, 9, 10):
        xero.book("1", number=number)
    items = xero.read()
    assert {item.scope for item in items if isinstance(item, Replace)} == {WholeLedger()}
    assert [each for each in xero.asked if JOURNALS in each] == [
        f"{JOURNALS}?offset={number}" for number in (0, 4, 9, 10)
    ]
    places = [place for place, item in enumerate(items) if isinstance(item, Checkpoint)]
    for place in places:
        item = items[place]
        assert isinstance(item, Checkpoint)
        rest = xero.read(item.cursor)
        assert lines_of(rest) == lines_of(items[place:])
        assert end_of(rest) == end_of(items)


def test_a_page_that_ends_early_is_not_the_last(xero: Xero) -> None:
    for _ in range(3):
        xero.book("1")
    first = {"Journals": xero.journals[:1]}
    xero.before = lambda path: (200, first) if path.endswith("offset=0") else None
    assert len(lines_of(xero.read())) == 6


def test_books_without_a_journal_are_a_whole_ledger(xero: Xero) -> None:
    (first, _) = items = xero.read()
    assert first == Replace(WholeLedger(), [])
    xero.book("1")
    assert len(lines_of(xero.read(end_of(items)))) == 2


def test_an_increment_begins_with_the_journal_that_was_settled(xero: Xero) -> None:
    for _ in range(3):
        xero.book("1")
    cursor = end_of(xero.read())
    xero.asked.clear()
    xero.book("2")
    items = xero.read(cursor)
    assert [each for each in xero.asked if JOURNALS in each] == [
        f"{JOURNALS}?offset={number}" for number in (2, 4)
    ]
    assert {type(item) for item in items[:-1]} == {Upsert}
    assert [line.external_id for line in lines_of(items)] == ["3a", "3b", "4a", "4b"]


def test_a_journal_that_is_committed_late_is_read_by_the_next_import(xero: Xero) -> None:
    xero.book("1")
    xero.clock = datetime.now(UTC) - timedelta(minutes=50)
    xero.book("1", number=3)
    cursor = end_of(xero.read())
    xero.book("7", number=2)
    xero.journals.sort(key=lambda each: each["JournalNumber"])
    again = xero.read(cursor)
    assert Decimal(7) in {line.amount for line in lines_of(again)}
    assert end_of(again)["settled"] == [1, "journal-1"]


def test_an_hour_later_nothing_is_read_again_but_the_last(xero: Xero) -> None:
    xero.clock = datetime.now(UTC) - timedelta(minutes=30)
    xero.book("1")
    xero.book("1")
    cursor = end_of(xero.read())
    assert cursor["settled"] == [0, ""]
    for journal in xero.journals:
        journal["CreatedDateUTC"] = stamp(datetime.now(UTC) - timedelta(minutes=61))
    cursor = end_of(xero.read(cursor))
    assert cursor["settled"] == [2, "journal-2"]
    assert {line.booking for line in lines_of(xero.read(cursor))} == {"journal-2"}


@pytest.mark.parametrize("of_zone", ["/Date({}+1300)/", "/Date({})/"])
def test_stamps_are_instants_whatever_clock_shows_them(xero: Xero, of_zone: str) -> None:
    xero.book("1")
    half_an_hour_ago = datetime.now(UTC) - timedelta(minutes=30)
    xero.journals[0]["CreatedDateUTC"] = of_zone.format(int(half_an_hour_ago.timestamp()) * 1000)
    assert end_of(xero.read())["settled"] == [0, ""]


# When everything is read anew


def test_an_organisation_that_was_reset_is_fetched_whole(xero: Xero) -> None:
    xero.book("1")
    cursor = end_of(xero.read())
    xero.journals[0]["JournalID"] = "another"
    with pytest.raises(CursorExpired):
        xero.read(cursor)
    xero.journals.clear()
    with pytest.raises(CursorExpired):
        xero.read(cursor)


def test_names_that_lines_were_read_with_are_noticed_when_they_change(xero: Xero) -> None:
    xero.book("1")
    cursor = end_of(xero.read())
    xero.accounts.append(account("new", "999", "New", "ASSET"))
    xero.accounts[1]["Name"] = "Turnover"
    xero.read(cursor)
    xero.accounts[0]["Code"] = "091"
    with pytest.raises(CursorExpired):
        xero.read(cursor)
    xero.accounts[0]["Code"] = "090"
    xero.categories[0]["Name"] = "Area"
    with pytest.raises(CursorExpired):
        xero.read(cursor)


def test_what_was_made_since_the_chart_was_read_is_named_by_lines_and_listed(xero: Xero) -> None:
    tracking = [{"Name": "Region", "Option": "West", "TrackingOptionID": "west"}]
    made = account("made", "777", "Made", "ASSET")
    xero.book("1", account="made", AccountCode="777", TrackingCategories=tracking)

    def make(path: str) -> None:
        if JOURNALS in path and made not in xero.accounts:
            xero.accounts.append(made)
            xero.categories[0]["Options"].append({"TrackingOptionID": "west", "Name": "West"})

    xero.before = make
    source = xero.source()
    *items, end = list(source.transactions(None))
    line = next(line for item in items if isinstance(item, Replace) for line in item.lines)
    assert (line.account_code, line.axes) == ("777", (("Region", "West"),))
    assert "777" in {each.code for each in source.accounts()}
    assert AxisValue("Region", "West", "West") in source.axes()
    made["Code"] = "778"
    with pytest.raises(CursorExpired):
        xero.read(end.cursor)


# What is refused


@pytest.mark.parametrize("numbers", [(2, 1), (1, 1), (0, 1)])
def test_journals_out_of_order_are_no_page(xero: Xero, numbers: tuple[int, int]) -> None:
    for number in numbers:
        xero.book("1")
        xero.journals[-1]["JournalNumber"] = number
    xero.before = lambda path: (200, {"Journals": xero.journals}) if JOURNALS in path else None
    with pytest.raises(InconsistentData):
        xero.read()


def test_two_options_of_one_category_are_refused(xero: Xero) -> None:
    tracking = [{"Name": "Region", "Option": option} for option in ("East", "West")]
    xero.book("1", TrackingCategories=tracking)
    with pytest.raises(InconsistentData):
        xero.read()


def test_books_without_accounts_are_hidden_ones(xero: Xero) -> None:
    xero.accounts.clear()
    with pytest.raises(EntityGone):
        xero.read()


def test_accounts_have_their_statement(xero: Xero) -> None:
    xero.accounts.append(account("other", "1", "Other", "SOMETHING"))
    types = {each.code: each.type for each in xero.source().accounts()}
    assert types["090"] is AccountType.BALANCE_SHEET
    assert types["200"] is AccountType.PROFIT_AND_LOSS
    assert types["1"] is None
    assert {BANK, SALES}.isdisjoint(types)
