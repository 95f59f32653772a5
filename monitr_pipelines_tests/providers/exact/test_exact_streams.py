"""The connector of Exact Online: the whole ledger, increments, and what changes while they are read."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from exact_kit import Exact, Number, apply, in_json

from monitr_pipelines.ledger.changes import Cursor, Delete, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import CursorExpired
from monitr_pipelines.providers.contract import Checkpoint, End, Item

LINES, LOG = "sync/Financial/TransactionLines", "sync/Deleted"
Ledger = dict[str, LedgerLine]


def full(exact: Exact) -> tuple[Ledger, End]:
    books: Ledger = {}
    return books, apply(exact.read(), books)


def follow(exact: Exact, books: Ledger, end: End) -> End:
    """An increment, after which the books are those of a fresh full read."""
    end = apply(exact.read(end.cursor), books)
    assert books == full(exact)[0]
    return end


def asked_since(exact: Exact, act: Callable[[], object]) -> list[str]:
    before = len(exact.asked)
    act()
    return exact.asked[before:]


# Lines


def test_every_field_of_a_line(exact: Exact) -> None:
    entry = exact.book(
        "316.5",
        on=date(2026, 3, 31),
        Currency="USD",
        AmountFC=Number("400.00"),
        CostCenter=" 001",
        CostUnit="U1 ",
        ProjectCode="P-1",
        AccountName="  Client ",
    )
    first, second = sorted(full(exact)[0].values(), key=lambda line: line.line_number or "")
    row = exact.of(entry)[0]
    assert first == LedgerLine(
        external_id=row["ID"],
        booking_date=date(2026, 3, 31),
        account_code="400000",
        amount=Decimal("316.5"),
        booking=entry,
        line_number="0",
        period="2026-03",
        journal="70",
        document_number="26000001",
        relation="Client",
        description="Goods",
        foreign_amount=Decimal("400.00"),
        foreign_currency="USD",
        axes=(("Cost centre", "001"), ("Cost unit", "U1"), ("Project", "P-1")),
        version=row["Timestamp"],
    )
    assert (second.amount, second.line_number) == (Decimal("-316.5"), "1")
    assert str(second.amount) == "-316.5"


def test_amounts_in_the_currency_of_the_division_are_no_foreign_ones(exact: Exact) -> None:
    exact.book("10")
    assert {line.foreign_currency for line in full(exact)[0].values()} == {None}


def test_opening_balances_are_opening_lines(exact: Exact) -> None:
    exact.book("10", Type=10)
    exact.book("10", Type=90)
    assert sorted(line.opening for line in full(exact)[0].values()) == [False, False, True, True]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12345678901.23", "12345678901.23"),
        ("0.30000000000000004", "0.3"),
        ("316.49999999999994", "316.5"),
        ("1.23456", "1.23456"),
        ("1e2", "100"),
    ],
)
def test_amounts_have_the_digits_of_the_answer_as_far_as_a_double_has_any(
    exact: Exact, written: str, read: str
) -> None:
    exact.book("1", AmountDC=Number(written))
    assert {line.amount for line in full(exact)[0].values()} == {Decimal(read)}


# The whole ledger


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("bare", [False, True])
def test_a_whole_ledger_is_read_page_by_page(
    exact: Exact, monkeypatch: pytest.MonkeyPatch, *, bare: bool, as_text: bool
) -> None:
    monkeypatch.setattr("monitr_pipelines.providers.exact.api.PAGE", 4)
    exact.page, exact.bare, exact.as_text = 4, bare, as_text
    for number in range(5):
        exact.book(str(number + 1))
    items = exact.read()
    books: Ledger = {}
    apply(items, books)
    assert len(books) == 10
    assert sum(line.amount for line in books.values()) == 0
    assert exact.asked.count(LINES) == 3
    assert exact.asked.count(LOG) == 2
    assert all(isinstance(item.scope, WholeLedger) for item in items if isinstance(item, Replace))


def test_a_page_that_is_just_full_is_the_last_where_the_envelope_says_so(exact: Exact) -> None:
    exact.page = 4
    exact.book("1")
    exact.book("2")
    exact.read()
    assert exact.asked.count(LINES) == 1


def test_empty_books_are_a_whole_ledger_of_nothing(exact: Exact) -> None:
    items = exact.read()
    assert [type(item) for item in items] == [Replace, End]


def test_an_interrupted_fetch_goes_on_behind_its_last_checkpoint(exact: Exact) -> None:
    exact.page = 4
    entries = [exact.book(str(number + 1)) for number in range(6)]
    expected: list[Item] = []
    for item in exact.read():
        expected.append(item)
        if isinstance(item, Checkpoint):
            exact.asked.clear()
            rest = exact.read(item.cursor)
            books: Ledger = {}
            apply([*expected, *rest], books)
            assert books == full(exact)[0]
    # What changed in a page that was read before comes again, and what was deleted there is told.
    first = next(item for item in expected if isinstance(item, Checkpoint))
    upto = expected[: expected.index(first)]
    exact.edit(entries[0], Description="Other goods")
    exact.delete(entries[1])
    books = {}
    apply([*upto, *exact.read(first.cursor)], books)
    assert books == full(exact)[0]
    assert len(books) == 10


def test_what_changes_while_it_is_read_is_read_as_it_is_in_the_end(exact: Exact) -> None:
    exact.page = 2
    entries = [exact.book(str(number + 1)) for number in range(4)]
    todo = [
        lambda: exact.edit(entries[0], Description="Edited"),
        lambda: exact.delete(entries[1]),
        lambda: exact.replace_lines(entries[2], "77"),
        lambda: exact.book("5"),
    ]

    def meddle(path: str) -> None:
        if path == LINES and todo:
            todo.pop(0)()

    exact.before = meddle
    items = exact.read()
    books: Ledger = {}
    apply(items, books)
    assert not todo
    exact.before = lambda _: None
    assert books == full(exact)[0]


def test_lines_and_deletions_that_belong_together_are_never_told_apart(exact: Exact) -> None:
    """An entry is rewritten between the last page of lines and the log: the new lines are read too."""
    entry = exact.book("10")
    exact.book("20")
    books, end = full(exact)
    left = [1]

    def rewrite(path: str) -> None:
        if path == LOG and left:
            left.pop()
            exact.replace_lines(entry, "11")

    exact.before = rewrite
    apply(exact.read(end.cursor), books)
    assert not left
    totals: dict[str | None, Decimal] = {}
    for line in books.values():
        totals[line.booking] = totals.get(line.booking, Decimal(0)) + line.amount
    assert set(totals.values()) == {0}
    assert entry in totals


# Increments


def test_an_increment_is_what_changed_and_what_is_gone(exact: Exact) -> None:
    entries = [exact.book(str(number + 1)) for number in range(4)]
    books, end = full(exact)
    exact.edit(entries[0], Date=in_json(date(2026, 2, 1)))
    exact.delete(entries[1])
    exact.book("50")
    exact.forget("a customer", entity_type=2)
    items = exact.read(end.cursor)
    assert [type(item) for item in items] == [Upsert, Delete, End]
    assert len(items[0].lines) == 4
    assert len(items[1].keys) == 2
    follow(exact, books, end)


def test_nothing_new_costs_a_question_for_lines_deletions_the_division_accounts_and_each_axis(
    exact: Exact,
) -> None:
    exact.book("1")
    _, end = full(exact)
    items: list[Item] = []
    asked = asked_since(exact, lambda: items.extend(exact.read(end.cursor)))
    assert sorted(asked) == sorted(["system/Divisions", LINES, LOG, *exact.tables])
    assert [type(item) for item in items] == [End]


def test_an_account_or_a_value_with_another_code_is_read_anew_with_all_lines(exact: Exact) -> None:
    exact.book("1", CostCenter="001")
    books, end = full(exact)
    end = follow(exact, books, end)
    for table in ("sync/Financial/GLAccounts", "hrm/Costcenters", "hrm/Costunits", "sync/Project/Projects"):
        row = exact.tables[table][0]
        before = row["Code"]
        row["Code"] = f"9{before.strip()}"
        with pytest.raises(CursorExpired):
            exact.read(end.cursor)
        row["Code"] = before
        row["Description"] = "Renamed"
        end = follow(exact, books, end)


def test_an_account_that_is_made_while_lines_are_read_is_listed(exact: Exact) -> None:
    exact.book("1")
    opened = exact.source()
    items = opened.transactions(None)
    next(items)  # the chart has been read
    new = {"Timestamp": 10, "ID": "new", "Code": "499000", "Description": "New", "BalanceType": "B"}
    exact.tables["sync/Financial/GLAccounts"].append(new)
    exact.book("2", GLAccountCode="499000 ")
    *_, end = items
    assert isinstance(end, End)
    assert "499000" in {account.code for account in opened.accounts()}
    new["Code"] = "499001"
    with pytest.raises(CursorExpired):
        exact.read(end.cursor)


def test_a_cursor_of_before_codes_were_kept_goes_on(exact: Exact) -> None:
    exact.book("1")
    books, end = full(exact)
    older = {name: value for name, value in end.cursor.items() if name != "codes"}
    follow(exact, books, End(older))


def test_a_cursor_of_the_far_future_gives_nothing(exact: Exact) -> None:
    exact.book("1")
    _, end = full(exact)
    far = dict(end.cursor) | {"lines": 10**18, "deleted": 10**18}
    assert [type(item) for item in exact.read(far)] == [End]


def test_an_entry_that_is_committed_late_is_not_missed(exact: Exact) -> None:
    exact.clock = datetime.now(UTC)
    late, _ = exact.book("1"), exact.book("2")
    exact.hide(late)
    books, end = full(exact)
    assert len(books) == 2
    exact.commit()
    end = follow(exact, books, end)
    assert len(books) == 4
    exact.delete(late)
    follow(exact, books, end)


def test_what_is_young_is_judged_by_the_clock_of_the_server(exact: Exact) -> None:
    """Wherever our own clock stands."""
    exact.clock = exact.ahead = datetime.now(UTC) + timedelta(days=20)
    late, _ = exact.book("1"), exact.book("2")
    exact.hide(late)
    books, end = full(exact)
    exact.commit()
    follow(exact, books, end)
    assert len(books) == 4


def test_what_is_old_is_read_once(exact: Exact) -> None:
    exact.book("1")
    exact.clock = datetime.now(UTC)
    exact.book("2")
    _, end = full(exact)
    (again, _) = exact.read(end.cursor)
    assert {line.amount for line in again.lines} == {Decimal(2), Decimal(-2)}


@pytest.mark.parametrize("seed", range(6))
def test_any_history_read_in_increments_is_that_of_a_full_read(exact: Exact, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - which history, not a secret
    exact.page = chance.choice([2, 3, 1000])
    entries = [exact.book(str(number + 1)) for number in range(3)]
    books, end = full(exact)
    for _ in range(40):
        exact.clock = chance.choice([exact.clock, datetime.now(UTC) - timedelta(minutes=30)])
        match chance.choice(["book", "edit", "delete", "rewrite", "date", "hide", "commit", "read"]):
            case "book":
                entries.append(exact.book(str(chance.randrange(1, 1000))))
            case "edit" if exact.lines:
                exact.edit(chance.choice(entries), Description=f"seed {seed}")
            case "delete" if len(entries) > 2:
                exact.delete(entries.pop(chance.randrange(len(entries))))
            case "rewrite":
                exact.replace_lines(chance.choice(entries), str(chance.randrange(1, 1000)))
            case "date":
                exact.edit(chance.choice(entries), Date=in_json(date(2026, chance.randrange(1, 13), 1)))
            case "hide" if exact.clock != datetime(2026, 1, 15, 12, tzinfo=UTC):
                late = exact.book("9")
                exact.hide(late)
            case "commit":
                exact.commit()
            case "read":
                end = follow(exact, books, end)
    exact.commit()
    follow(exact, books, end)


# Cursors that end


@pytest.mark.parametrize("stamp", ["DivisionMoveDate", "DivisionHRLinkUnlinkDate"])
def test_a_division_that_was_moved_has_other_row_versions(exact: Exact, stamp: str) -> None:
    exact.book("1")
    items = exact.read()
    checkpoint = next(item for item in items if isinstance(item, Checkpoint))
    exact.division[stamp] = in_json(datetime(2026, 11, 1, 3, tzinfo=UTC))
    for cursor in (checkpoint.cursor, items[-1].cursor):
        with pytest.raises(CursorExpired):
            exact.read(cursor)
    _, end = full(exact)
    assert [type(item) for item in exact.read(end.cursor)] == [End]


@pytest.mark.parametrize(("days", "expired"), [(54, False), (56, True)])
def test_deletions_are_told_for_two_months(exact: Exact, days: int, *, expired: bool) -> None:
    exact.book("1")
    items = exact.read()
    checkpoint = next(item for item in items if isinstance(item, Checkpoint))

    def aged(cursor: Cursor) -> Cursor:
        began_at = datetime.now(UTC) - timedelta(days=days)
        return dict(cursor) | {"began_at": began_at.isoformat()}

    for cursor in (checkpoint.cursor, items[-1].cursor):
        if expired:
            with pytest.raises(CursorExpired):
                exact.read(aged(cursor))
        else:
            exact.read(aged(cursor))
