"""What a provider reads: all of it, the same each time, on from any place, and with keys and amounts."""

from decimal import Decimal

import pytest
from conformance_kit import Case, Software, cases
from edits_kit import Edit
from fields_kit import declared, seen
from stream_kit import Lines, applied, as_stored, changed_lines, connected, deleted_keys, end_of, played, read

from monitr_pipelines.ledger.changes import Replace, WholeLedger
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import CursorExpired
from monitr_pipelines.providers.contract import Checkpoint, End, Item

MOST_DECIMALS = 4
ROUNDS = 4


def test_every_provider_is_tried() -> None:
    tried = cases()
    assert {case.name for case in tried} >= {"exact", "odoo", "tryton"}
    for case in tried:
        assert {*case.conformance.edits} | {*case.conformance.without}, case
        assert case.conformance.requests is not None, f"{case}: say how many requests an import needs"


def test_two_full_reads_are_equal(case: Case, software: Software) -> None:
    first, second = (lists(case, software) for _ in range(2))
    assert first == second
    lines, accounts, axes = first
    assert lines
    assert accounts
    assert axes or not case.provider.axes


def lists(case: Case, software: Software) -> tuple[list[LedgerLine], list[object], list[object]]:
    with connected(case, software) as source:
        items = played(source.transactions(None))
        assert {type(item.scope) for item in items if isinstance(item, Replace)} == {WholeLedger}
        return changed_lines(items), list(source.accounts()), list(source.axes())


def test_lines_have_what_every_line_has(case: Case, software: Software) -> None:
    lines, accounts, axes = lists(case, software)
    keys = [line.external_id for line in lines]
    assert len(set(keys)) == len(keys)
    assert all(keys)
    charted = {account.code for account in accounts}
    listed = {(value.axis, value.code) for value in axes}
    bookings: dict[str | None, Decimal] = {}
    for line in lines:
        assert type(line.amount) is Decimal
        assert within(line.amount), line
        assert line.foreign_amount is None or within(line.foreign_amount)
        assert (line.foreign_amount is None) == (line.foreign_currency is None)
        assert line.booking_date.year > 2000
        assert line.booking
        assert line.account_code in charted
        assert set(line.axes) <= listed
        assert list(line.axes) == sorted(line.axes)
        bookings[line.booking] = bookings.get(line.booking, Decimal(0)) + line.amount
    assert not any(bookings.values()) or not case.provider.bookings_balance


def within(amount: Decimal) -> bool:
    return amount == amount.quantize(Decimal(1).scaleb(-MOST_DECIMALS))


def test_a_fetch_goes_on_behind_every_checkpoint(case: Case, software: Software) -> None:
    items = read(case, software)
    places = [number for number, item in enumerate(items) if isinstance(item, Checkpoint)]
    assert len(places) > 2
    for place in places:
        rest = read(case, software, cursor_at(items, place))
        assert sorted(changed_lines(rest)) == sorted(changed_lines(items[place:]))
        assert applied([*items[:place], *rest], {}) == applied(items, {})
        assert same(end_of(rest), end_of(items), case)


def test_an_increment_goes_on_behind_every_end(case: Case, software: Software) -> None:
    ends: list[tuple[Lines, End]] = []
    kinds = sorted(case.conformance.edits)
    for step in range(ROUNDS):
        items = read(case, software)
        ends.append((applied(items, {}), end_of(items)))
        software.apply([Edit(kind, 31 * step + nth, 977 * step + nth) for nth, kind in enumerate(kinds)])
        software.pass_time(step)
    software.settle()
    fresh = applied(read(case, software), {})
    for books, end in ends:
        try:
            rest = read(case, software, end.cursor)
        except CursorExpired:
            rest = read(case, software)
        assert applied(rest, books) == fresh


def test_a_stream_behind_its_own_end_changes_nothing(case: Case, software: Software) -> None:
    items = read(case, software)
    books = applied(items, {})
    end = end_of(items)
    for _ in range(2):
        again = read(case, software, end.cursor)
        assert applied(again, books) == books
        assert not deleted_keys(again)
        end = end_of(again)


def test_a_cursor_of_the_far_future_gives_nothing(case: Case, software: Software) -> None:
    items = read(case, software)
    books = applied(items, {})
    later = case.conformance.far_future(end_of(items).cursor)
    if case.conformance.forgotten:
        with pytest.raises(CursorExpired):
            read(case, software, later)
        return
    found = read(case, software, later)
    assert applied(found, books) == books
    assert not deleted_keys(found)
    assert not {line for line in changed_lines(found) if books[line.external_id] != line}


def cursor_at(items: list[Item], place: int) -> object:
    item = items[place]
    assert isinstance(item, Checkpoint)
    return as_stored(item.cursor)


def same(one: End, other: End, case: Case) -> bool:
    """Whether two ends are at one place, whatever the clock showed."""
    left, right = (
        {name: value for name, value in each.cursor.items() if name not in case.conformance.clocks}
        for each in (one, other)
    )
    return left == right


def test_every_field_of_a_line_is_used(case: Case, software: Software) -> None:
    lines = changed_lines(read(case, software))
    software.apply([Edit(kind, 7 * nth, 11 * nth) for nth in range(3) for kind in case.conformance.edits])
    lines += changed_lines(read(case, software))
    empty = {name for name in LedgerLine._fields if not any(getattr(line, name) for line in lines)}
    assert empty == {*case.conformance.bare}, "say of each field why no line has it"


def test_every_declared_field_is_seen(case: Case, software: Software) -> None:
    every = {f"{name}.{each}" for name, (_, fields) in declared(case).items() for each in fields}
    assert every - seen(case, software) == {*case.conformance.unseen}, "say of each field why it is empty"
