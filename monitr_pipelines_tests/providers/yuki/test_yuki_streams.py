"""What of Yuki's ledger is read: all of time once, then what may read otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import pairwise

import pytest
from edits_kit import Edit, History
from yuki_kit import NOW, Yuki, answer, deleted, end, lines_of, played, record

from monitr_pipelines.emulators.frame.server import serve
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import MORNING, Size, invented_books
from monitr_pipelines.emulators.yuki import build
from monitr_pipelines.importing.ports import NoLimits, UnstoredTokens
from monitr_pipelines.ledger.changes import Dates, Replace, WholeLedger
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import CursorExpired, InconsistentData
from monitr_pipelines.providers.contract import Checkpoint, Item, Ports
from monitr_pipelines.providers.yuki.source import YukiSource
from monitr_pipelines.providers.yuki.windows import (
    DAY,
    EARLIEST,
    LATEST,
    MOST_YEARS,
    all_of_time,
    first_month,
)

DECEMBER, JANUARY = date(2025, 12, 10), date(2026, 1, 10)
LONG_AGO, AHEAD = date(1999, 9, 9), date(2027, 2, 2)
CHANGED = "2026-01-14T11:12:13"


@pytest.mark.parametrize("started", [None, date(1978, 3, 3), date(2025, 5, 5), date(2030, 1, 1)])
def test_windows_are_all_of_time_and_not_too_many(started: date | None) -> None:
    today = date(2026, 2, 28)
    windows = sorted(all_of_time(first_month(started, today), today))
    assert (windows[0].start, windows[-1].end) == (EARLIEST, LATEST)
    assert all(after.start == before.end + DAY for before, after in pairwise(windows))
    assert len(windows) <= MOST_YEARS * 12 + 2 + 2
    assert windows[-1].start == date(2026, 3, 1)


def test_a_first_import_reads_what_is_dated_before_and_behind_all_months(yuki: Yuki) -> None:
    for day in (LONG_AGO, DECEMBER, JANUARY, AHEAD):
        yuki.book(f"{day}", day)
    items = yuki.read()
    assert [line.booking_date for line in lines_of(items)] == [DECEMBER, JANUARY, AHEAD, LONG_AGO]
    assert {type(item.scope) for item in items if isinstance(item, Replace)} == {WholeLedger}
    assert yuki.months() == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert {*end(items)["years"]} == {"1999", "2025", "2026", "2027"}


def test_an_increment_reads_this_month_the_one_before_and_those_that_the_digest_names(yuki: Yuki) -> None:
    cursor = end(yuki.read())
    yuki.asked.clear()
    yuki.book("new", date(2025, 3, 3))
    yuki.tell("new", date(2025, 3, 3))
    items = yuki.read(cursor)
    assert yuki.months() == ["2025-03", "2025-12", "2026-01"]
    scopes = {item.scope for item in items if isinstance(item, Replace)}
    assert Dates(date(2025, 3, 1), date(2025, 4, 1)) in scopes
    assert [line.external_id for line in lines_of(items)] == ["new"]
    (asked,) = {
        (values["startDate"], values["endDate"])
        for operation, values in yuki.asked
        if operation == "GetUpdatedAndDeletedTransactions"
    }
    assert asked == ("2026-01-14T08:00:00.00Z", "2026-01-16T08:00:00.00Z")


def test_a_year_that_changed_is_read_whole_though_the_digest_is_silent(yuki: Yuki) -> None:
    yuki.book("k", date(2024, 5, 5))
    yuki.changed = {"2024": "2025-02-05T11:12:13"}
    cursor = end(yuki.read())
    yuki.changed = {"2024": CHANGED}
    yuki.book("untold", date(2024, 7, 7))
    yuki.asked.clear()
    items = yuki.read(cursor)
    assert yuki.months() == [f"2024-{month:02}" for month in range(1, 13)] + ["2025-12", "2026-01"]
    assert {line.external_id for line in lines_of(items)} == {"k", "untold"}
    yuki.asked.clear()
    yuki.read(end(items))
    assert yuki.months() == ["2025-12", "2026-01"]


def test_the_months_to_come_of_a_year_that_changed_are_one_question(yuki: Yuki) -> None:
    cursor = end(yuki.read())
    yuki.changed = {"2026": CHANGED}
    yuki.book("k", date(2026, 7, 7))
    yuki.asked.clear()
    assert [line.external_id for line in lines_of(yuki.read(cursor))] == ["k"]
    assert yuki.months() == ["2025-12", "2026-01", "2026-02"]


def test_what_changes_while_lines_are_read_shows_the_next_time(yuki: Yuki) -> None:
    yuki.changed = {"2025": "2025-12-05T11:12:13"}

    def change(operation: str, values: object) -> None:
        if operation == "GetTransactionDetails":
            yuki.changed["2025"] = CHANGED

    yuki.before = change
    items = yuki.read()
    assert end(items)["years"]["2025"] == "2025-12-05T11:12:13"


def test_a_year_of_which_nothing_is_told_is_no_reason_to_end(yuki: Yuki) -> None:
    yuki.book("k", DECEMBER)
    yuki.before = lambda operation, _: (500, b"") if operation == "GetFinancialYearModifiedDate" else None
    cursor = end(yuki.read())
    assert cursor["years"] == {"2025": "", "2026": ""}
    assert [line.external_id for line in lines_of(yuki.read(cursor))] == ["k"]


def test_what_the_digest_tells_as_deleted_is_gone_unless_it_was_read(yuki: Yuki) -> None:
    yuki.book("moved", DECEMBER)
    yuki.book("back", DECEMBER)
    cursor = end(yuki.read())
    del yuki.lines["moved"]
    for key in ("moved", "back"):
        yuki.tell(key, date(2025, 3, 3), deleted=True)
    yuki.tell("again", DECEMBER, deleted=True, stamp="2026-01-15T07:00:00")
    yuki.tell("again", DECEMBER, stamp="2026-01-15T07:30:00")
    assert deleted(yuki.read(cursor)) == ["moved"]


@pytest.mark.parametrize("asked_for", [1000, 2])
def test_pages_of_the_digest_are_read_until_one_is_empty(
    yuki: Yuki, monkeypatch: pytest.MonkeyPatch, asked_for: int
) -> None:
    """Whether the server keeps to what was asked for, or gives less of its own accord."""
    monkeypatch.setattr("monitr_pipelines.providers.yuki.datasets.PAGE", asked_for)
    yuki.page = 2
    cursor = end(yuki.read())
    for month in range(1, 6):
        yuki.tell(f"k{month}", date(2025, month, 1))
    yuki.read(cursor)
    assert yuki.months()[-7:] == [f"2025-{month:02}" for month in (1, 2, 3, 4, 5, 12)] + ["2026-01"]
    # Four pages, and the same again: rows may move between two of them.
    assert yuki.count("GetUpdatedAndDeletedTransactions") == 8


def test_a_change_that_moves_to_another_page_is_not_missed(yuki: Yuki) -> None:
    yuki.page = 2
    cursor = end(yuki.read())
    for month in range(1, 6):
        yuki.tell(f"k{month}", date(2025, month, 1))

    def move(operation: str, values: object) -> None:
        if operation == "GetUpdatedAndDeletedTransactions" and yuki.count(operation) == 2:
            first = yuki.changes.pop(0)
            yuki.changes.append({**first, "updated": "2026-01-15T09:30:00"})

    yuki.before = move
    yuki.read(cursor)
    assert {f"2025-{month:02}" for month in range(1, 6)} <= {*yuki.months()}


def test_a_page_of_the_digest_that_comes_twice_is_refused(yuki: Yuki) -> None:
    yuki.page = 2
    cursor = end(yuki.read())
    for month in range(1, 6):
        yuki.tell(f"k{month}", date(2025, month, 1))
    first = "".join(record("UpdatedTransaction", each) for each in yuki.changes[:2])
    yuki.before = lambda operation, _: (
        (200, answer(operation, first)) if operation == "GetUpdatedAndDeletedTransactions" else None
    )
    with pytest.raises(InconsistentData):
        yuki.read(cursor)


def test_lines_of_another_month_than_was_asked_for_are_refused(yuki: Yuki) -> None:
    other = answer(
        "GetTransactionDetails",
        "<TransactionInfo><transactionDate>2024-02-02</transactionDate></TransactionInfo>",
    )
    yuki.before = lambda operation, values: (
        (200, other) if operation == "GetTransactionDetails" and "2025-12-01" in str(values) else None
    )
    with pytest.raises(InconsistentData):
        yuki.read()


def test_a_line_that_moves_while_months_are_read_is_not_told_twice(yuki: Yuki) -> None:
    yuki.book("k", DECEMBER)

    def move(operation: str, values: object) -> None:
        if "2026-01-01T" in str(values):
            yuki.book("k", JANUARY)

    yuki.before = move
    with pytest.raises(CursorExpired):
        yuki.read()


def test_an_interrupted_fetch_goes_on_unless_what_was_read_may_come_again(yuki: Yuki) -> None:
    for day in (DECEMBER, JANUARY):
        yuki.book(f"{day}", day)
    items = yuki.read()
    places = [item.cursor for item in items if isinstance(item, Checkpoint)]
    assert [place["after"] for place in places] == ["2025-12-01", "2026-01-01", "2026-02-01", "1900-01-01"]
    assert [line.booking_date for line in lines_of(yuki.read(places[1]))] == [JANUARY]
    yuki.tell("new", JANUARY, created="2026-01-15T16:00:00", stamp="2026-01-15T16:00:00")
    yuki.tell("read", DECEMBER)
    assert end(yuki.read(places[1]))["began_at"] == end(items)["began_at"]
    yuki.tell("moved", JANUARY)
    with pytest.raises(CursorExpired):
        yuki.read(places[1])


@pytest.mark.parametrize("what", ["account", "project", "clock"])
def test_what_lines_cannot_tell_has_everything_read(yuki: Yuki, what: str) -> None:
    cursor = end(yuki.read())
    match what:
        case "account":
            yuki.accounts[0] = ("400001", "2", "Customers")
        case "project":
            yuki.projects["p-1"] = "ELSE"
        case "clock":
            yuki.now = NOW.replace("15 Jan", "12 Jan")
    with pytest.raises(CursorExpired):
        yuki.read(cursor)


def test_what_was_made_while_lines_were_read_is_listed(yuki: Yuki) -> None:
    yuki.book("k", DECEMBER, projectCode="NEW")

    def make(operation: str, values: object) -> None:
        if operation == "GetTransactionDetails":
            yuki.projects["p-2"] = "NEW"

    yuki.before = make
    source = yuki.source()
    played(source)
    assert {value.code for value in source.axes()} == {"WELLNESS", "NEW"}


# What the digest does is not documented: increments end in the same books either way.


@contextmanager
def emulated(**options: str) -> Iterator[tuple[YukiSource, History]]:
    books = invented_books(Size(entries_per_month=1), Clock(MORNING))
    emulator = build(books, {"calls_a_day": "100000", **options})
    with serve(emulator, books.clock) as server:
        ports = Ports(UnstoredTokens(emulator.settings(server.address)), NoLimits())
        source = YukiSource(emulator.administrations()[0].id, ports)
        try:
            yield source, History(books)
        finally:
            source.close()


@pytest.mark.parametrize("options", [{"digest": "dates"}, {"new_lines": "untold"}], ids=str)
def test_a_digest_that_tells_less_is_made_up_for(options: dict[str, str]) -> None:
    kinds = ("add", "delete", "redate", "amounts", "replace lines", "account", "state", "shares")
    with emulated(**options) as (source, history):
        items = played(source)
        books = applied({}, items)
        for step in range(4):
            history.apply([Edit(kind, 31 * step + nth, 97 * step + nth) for nth, kind in enumerate(kinds)])
            history.books.clock.advance(timedelta(days=2))
            items = played(source, end(items))
            books = applied(books, items)
            assert books == applied({}, played(source)), step


def applied(books: dict[str, LedgerLine], items: list[Item]) -> dict[str, LedgerLine]:
    scopes = [item.scope for item in items if isinstance(item, Replace)]
    kept = {key: line for key, line in books.items() if not any(each.contains(line) for each in scopes)}
    found = kept | {line.external_id: line for line in lines_of(items)}
    return {key: line for key, line in sorted(found.items()) if key not in deleted(items)}


def test_balances_are_those_of_the_lines_without_tax_corrections() -> None:
    with emulated(fiscal="corrected") as (source, _):
        lines = lines_of(played(source))
        at = date(2024, 12, 31)
        told = {code: balance for code, balance in source.trial_balance(at).items() if balance}
        sums: dict[str, object] = {}
        for code in {line.account_code for line in lines}:
            total = sum(
                line.amount for line in lines if line.account_code == code and line.booking_date <= at
            )
            if total:
                sums[code] = total
        assert told == sums
