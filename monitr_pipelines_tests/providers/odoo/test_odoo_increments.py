"""Increments end where a full read does, whatever was done to the books in between."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odoo_books_kit import ACCOUNT, ANALYTIC, JOURNAL, LINE, PARTNER, SOUTH, Books, two_lines, year_of_books
from odoo_reading_kit import apply, full, read
from odoo_server_kit import Odoo, serving

from monitr_pipelines.ledger.changes import Dates, Replace
from monitr_pipelines.lifecycle.errors import CursorExpired
from monitr_pipelines.providers.contract import Checkpoint, End
from monitr_pipelines.providers.odoo import datasets

JULY, MAY = date(2025, 7, 20), date(2026, 5, 3)
Edit = Callable[[Books], object]
numbers = count(1)


def first(books: Books) -> int:
    return books.moves()[0]


def first_line(books: Books) -> int:
    return int(books.lines_of(first(books))[0]["id"])


def recode_axis_value(books: Books) -> None:
    books.rename(ANALYTIC, 24, code="CC9")


def share_a_code(books: Books) -> None:
    """Another analytic account with the same code makes that of the first one another."""
    books.rename(ANALYTIC, 37, root_plan_id=2, code="CC1")


EDITS: dict[str, Edit] = {
    "a new entry": lambda books: books.entry(JULY, two_lines(310, 313, 7)),
    "an entry of another company": lambda books: books.entry(JULY, two_lines(312, 311, 7), company=SOUTH),
    "a draft": lambda books: books.entry(JULY, two_lines(310, 313, 7), state="draft"),
    "a draft is posted": lambda books: books.change(books.moves(state="draft")[0], parent_state="posted"),
    "an entry is reset to draft": lambda books: books.change(first(books), parent_state="draft"),
    "an entry is canceled": lambda books: books.change(first(books), parent_state="cancel"),
    "an entry is deleted": lambda books: books.delete(first(books)),
    "the last entry of a month goes": lambda books: [
        books.delete(move) for move in books.moves() if books.lines_of(move)[0]["date"] < "2025-08"
    ],
    "amounts change": lambda books: books.rewrite(first(books), 4_242),
    "lines are replaced": lambda books: books.replace_lines(first(books)),
    "an entry moves to another month": lambda books: books.change(first(books), date=f"{MAY}"),
    "an entry moves to a new month": lambda books: books.change(first(books), date="2027-01-31"),
    "an entry moves within its month": lambda books: books.change(first(books), date="2025-07-31"),
    "the account of a line changes": lambda books: books.change_line(first_line(books), account_id=314),
    "a distribution changes": lambda books: books.change_line(
        first_line(books), analytic_distribution={"25,31": 30.0, "32": 20.5}
    ),
    "a distribution goes": lambda books: books.change_line(first_line(books), analytic_distribution=False),
    "an entry is numbered anew": lambda books: books.change(first(books), move_name="MISC/2025/07/0042"),
    "an account has another code": lambda books: books.recode(310, "610999"),
    "an account has another code elsewhere": lambda books: books.recode(310, "612999", SOUTH),
    "a journal has another code": lambda books: books.rename(JOURNAL, 1, code="DIV"),
    "a partner has another name": lambda books: books.rename(PARTNER, 51, display_name="Renamed"),
    "a journal is deleted": lambda books: books.tables[JOURNAL].pop(1),
    "an analytic account has another code": recode_axis_value,
    "a code is shared from now on": share_a_code,
    "an analytic account is deleted": lambda books: books.tables[ANALYTIC].pop(25),
    "a plan has another name": lambda books: books.tables["account.analytic.plan"][2].update(name="Teams"),
    "an account is archived": lambda books: books.tables[ACCOUNT][310].update(active=False),
    "a new account is used": lambda books: (
        books.tables[ACCOUNT].update({400: books.tables[ACCOUNT][310] | {"id": 400, "codes": {3: "615000"}}}),
        books.entry(JULY, two_lines(400, 312, 5)),
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_increment_ends_where_a_full_read_does(odoo_18: Odoo, edit: Edit) -> None:
    lines, end = full(odoo_18)
    edit(odoo_18.books)
    end = apply(read(odoo_18, end.cursor), lines)
    assert lines == full(odoo_18)[0]
    assert [type(item) for item in read(odoo_18, end.cursor)] == [End], "what was read is read again"


@pytest.mark.parametrize("edit", ["amounts change", "an entry is deleted", "a partner has another name"])
def test_so_it_does_on_servers_of_each_version(odoo: Odoo, edit: str) -> None:
    lines, end = full(odoo)
    EDITS[edit](odoo.books)
    apply(read(odoo, end.cursor), lines)
    assert lines == full(odoo)[0]


def test_only_the_months_that_differ_are_read(odoo_18: Odoo) -> None:
    _, end = full(odoo_18)
    odoo_18.books.rewrite(first(odoo_18.books), 11)
    odoo_18.books.entry(MAY, two_lines(310, 312, 5))
    scopes = {item.scope for item in read(odoo_18, end.cursor) if isinstance(item, Replace)}
    assert scopes == {
        Dates(date(2025, 7, 1), date(2025, 8, 1)),
        Dates(date(2026, 5, 1), date(2026, 6, 1)),
    }


def test_an_edit_committed_late_is_read(odoo_18: Odoo) -> None:
    """Its stamp is earlier than one that was read, and its lines are as many with the same sum."""
    books = odoo_18.books
    odoo_18.clock_ahead = timedelta(minutes=5)
    move = first(books)
    late = books.begin()
    books.entry(JULY, two_lines(310, 313, 7))
    lines, end = full(odoo_18)
    books.change_line(move * 10, late, account_id=314)
    apply(read(odoo_18, end.cursor), lines)
    assert lines == full(odoo_18)[0]


def test_an_entry_committed_late_is_read_whenever_that_was(odoo_18: Odoo) -> None:
    """A lower id and an earlier stamp than what was read already."""
    books = odoo_18.books
    late, id_ = books.begin(), books.take_id()
    books.entry(JULY, two_lines(310, 313, 7))
    lines, end = full(odoo_18)
    books.entry(JULY, two_lines(310, 313, 9), id_=id_, stamp=late)
    apply(read(odoo_18, end.cursor), lines)
    assert lines == full(odoo_18)[0]
    assert str(id_) in {line.booking for line in lines.values()}


def test_a_second_edit_within_the_second_that_was_read_is_read(odoo_18: Odoo) -> None:
    books = odoo_18.books
    odoo_18.clock_ahead = timedelta(seconds=1)
    stamp = books.begin()
    books.change(first(books), stamp)
    lines, end = full(odoo_18)
    books.change_line(first(books) * 10, stamp + timedelta(milliseconds=1), account_id=314)
    apply(read(odoo_18, end.cursor), lines)
    assert lines == full(odoo_18)[0]


@pytest.mark.parametrize(("ahead", "again"), [(timedelta(minutes=90), True), (timedelta(hours=2), False)])
def test_months_are_read_again_until_nothing_can_be_committed_late(
    odoo_18: Odoo, ahead: timedelta, *, again: bool
) -> None:
    odoo_18.clock_ahead = ahead
    _, end = full(odoo_18)
    assert any(isinstance(item, Replace) for item in read(odoo_18, end.cursor)) == again


def test_a_cursor_of_the_far_future_gives_nothing(odoo_18: Odoo) -> None:
    odoo_18.clock_ahead = timedelta()
    _, end = full(odoo_18)
    future = {
        month: [lines, debit, newest.replace("2026-", "2999-")]
        for month, (lines, debit, newest) in end.cursor["months"].items()
    }
    differing = [item for item in read(odoo_18, end.cursor | {"months": future}) if isinstance(item, Replace)]
    assert differing, "stamps that were never read differ"
    assert [type(item) for item in read(odoo_18, end.cursor | {"settled": True})] == [End]


def test_an_account_that_loses_its_code_and_gets_another_is_read(odoo_18: Odoo) -> None:
    lines, end = full(odoo_18)
    code = odoo_18.books.tables[ACCOUNT][310]["codes"].pop(3)
    end = apply(read(odoo_18, end.cursor), lines)
    assert code in {line.account_code for line in lines.values()}
    odoo_18.books.recode(310, "610777")
    apply(read(odoo_18, end.cursor), lines)
    assert lines == full(odoo_18)[0]
    assert code not in {line.account_code for line in lines.values()}


def test_a_database_that_was_restored_is_read_as_it_is(odoo_18: Odoo) -> None:
    saved = {id_: dict(row) for id_, row in odoo_18.books.tables[LINE].items()}
    odoo_18.books.entry(MAY, two_lines(310, 312, 5))
    odoo_18.books.rewrite(first(odoo_18.books), 77)
    lines, end = full(odoo_18)
    odoo_18.books.tables[LINE] = saved
    apply(read(odoo_18, end.cursor), lines)
    assert lines == full(odoo_18)[0]


def test_an_entry_whose_pages_are_of_before_and_after_is_read_anew(
    odoo_18: Odoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lines stand on two pages, and it changes between them."""
    monkeypatch.setattr(datasets, "PAGE", 3)
    books = odoo_18.books
    odoo_18.meanwhile = lambda page: books.rewrite(books.moves()[1], 999) if page == 2 else None
    with pytest.raises(CursorExpired) as raised:
        read(odoo_18)
    assert raised.value.messages[0].kind == "books_moved"
    odoo_18.meanwhile = None
    assert full(odoo_18)[0]


def test_lines_that_are_replaced_behind_their_page_are_not_doubled(
    odoo_18: Odoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "PAGE", 6)
    books = odoo_18.books
    odoo_18.meanwhile = lambda page: books.replace_lines(first(books)) if page == 2 else None
    with pytest.raises(CursorExpired):
        read(odoo_18)


def test_what_comes_while_pages_are_read_is_read_now_or_next(
    odoo_18: Odoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "PAGE", 6)
    books = odoo_18.books

    def meanwhile(page: int) -> None:
        if page == 2:
            books.entry(MAY, two_lines(310, 313, 7))
            books.change(books.moves()[0], date=f"{MAY}")
            books.delete(books.moves()[-2])
            books.rename(PARTNER, 52, display_name="Renamed")

    odoo_18.meanwhile = meanwhile
    lines, end = full(odoo_18)
    odoo_18.meanwhile = None
    apply(read(odoo_18, end.cursor), lines)
    assert lines == full(odoo_18)[0]


def test_an_increment_goes_on_at_every_checkpoint(odoo_18: Odoo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "PAGE", 4)
    before, end = full(odoo_18)
    for move in odoo_18.books.moves()[::2]:
        odoo_18.books.rewrite(move, next(numbers))
    items = read(odoo_18, end.cursor)
    after = dict(before)
    last = apply(items, after)
    places = [number for number, item in enumerate(items) if isinstance(item, Checkpoint)]
    assert len(places) > 2
    for place in places:
        item = items[place]
        assert isinstance(item, Checkpoint)
        resumed = dict(before)
        assert apply([*items[:place], *read(odoo_18, item.cursor)], resumed) == last
        assert resumed == after


days = st.dates(date(2025, 6, 1), date(2026, 8, 31))
distributions = st.one_of(
    st.none(),
    st.dictionaries(
        st.sampled_from(["24", "25", "24,31", "25,32", "26,31,37", "37", "99"]),
        st.sampled_from([0, 20.0, 33.33, 50.0, 60.0, 100.0]),
        max_size=4,
    ),
)


class History:
    """Random doings; transactions that began earlier may be committed after others, up to an hour later."""

    def __init__(self, books: Books, data: st.DataObject) -> None:
        self.books = books
        self.draw = data.draw
        self.under_way: list[tuple[Any, int]] = []

    def step(self) -> None:
        kinds = [self.new, self.change, self.line, self.go, self.name, self.begin_late, self.commit_late]
        self.draw(st.sampled_from(kinds))()

    def new(self) -> None:
        cents, partner = self.draw(st.integers(0, 99_999)), self.draw(st.sampled_from([None, 50, 51]))
        lines = two_lines(310, 313, cents, self.draw(distributions), partner)
        self.books.entry(
            self.draw(days), lines, state=self.draw(st.sampled_from(["posted", "posted", "draft"]))
        )

    def some(self) -> int | None:
        moves = sorted({row["move_id"] for row in self.books.tables[LINE].values() if row["company_id"] == 3})
        return self.draw(st.sampled_from(moves)) if moves else None

    def change(self) -> None:
        if (move := self.some()) is None:
            return
        match self.draw(st.integers(0, 3)):
            case 0:
                self.books.change(move, date=f"{self.draw(days)}")
            case 1:
                self.books.change(
                    move, parent_state=self.draw(st.sampled_from(["draft", "posted", "cancel"]))
                )
            case 2:
                self.books.rewrite(move, self.draw(st.integers(1, 99_999)))
            case 3:
                self.books.replace_lines(move)

    def line(self) -> None:
        if (move := self.some()) is None:
            return
        line = self.books.lines_of(move)[0]["id"]
        if self.draw(st.booleans()):
            self.books.change_line(line, analytic_distribution=self.draw(distributions) or False)
        else:
            self.books.change_line(line, account_id=self.draw(st.sampled_from([310, 311, 314])))

    def go(self) -> None:
        if (move := self.some()) is not None:
            self.books.delete(move)

    def name(self) -> None:
        word = f"N{next(numbers)}"
        match self.draw(st.integers(0, 4)):
            case 0:
                self.books.recode(self.draw(st.sampled_from([310, 312, 313])), word)
            case 1:
                self.books.rename(PARTNER, self.draw(st.sampled_from([50, 51])), display_name=word)
            case 2:
                self.books.rename(ANALYTIC, self.draw(st.sampled_from([24, 31])), code=word)
            case 3:
                self.books.tables[ACCOUNT][312]["active"] ^= True
            case 4:
                self.books.rename(JOURNAL, 1, code=word)

    def begin_late(self) -> None:
        self.under_way.append((self.books.begin(), self.books.take_id()))

    def commit_late(self) -> None:
        if not self.under_way:
            return
        stamp, id_ = self.under_way.pop(0)
        if self.books.clock - stamp > timedelta(hours=1):
            return
        move = self.some()
        if move is not None and self.draw(st.booleans()):
            self.books.change_line(self.books.lines_of(move)[0]["id"], stamp, account_id=314)
        else:
            self.books.entry(self.draw(days), two_lines(310, 312, 5), id_=id_, stamp=stamp)


@pytest.fixture(scope="module")
def server() -> Iterator[Odoo]:
    with serving(Odoo(year_of_books())) as served:
        yield served


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.data())
def test_after_any_history_increments_are_a_full_read(server: Odoo, data: st.DataObject) -> None:
    server.books = year_of_books(6)
    server.version = data.draw(st.sampled_from([16, 18, 19]))
    # An import may come right after an edit, or in the quiet of a night.
    history = History(server.books, data)
    server.clock_ahead = timedelta(seconds=1)
    lines, end = full(server)
    for _ in range(data.draw(st.integers(1, 5))):
        for _ in range(data.draw(st.integers(1, 12))):
            history.step()
        if data.draw(st.booleans()):
            server.books.clock += timedelta(hours=3)
            history.under_way.clear()
        end = apply(read(server, end.cursor), lines)
        assert lines == full(server)[0]
