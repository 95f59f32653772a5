"""The books that emulators share: edits, late commits, deletions, a trial balance that equals the lines."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper, Refused
from monitr_pipelines.emulators.shared.books import NoSuchRow, SharedBooks, fiscal_year_start
from monitr_pipelines.emulators.shared.invented import MORNING, Size, invented_books
from monitr_pipelines.emulators.shared.records import Entry, NewEntry, NewLine, Share, State, money
from monitr_pipelines.ledger.records import AccountType

EVERYTHING = Size(splits=True, remarks=True)


@pytest.fixture
def books() -> SharedBooks:
    return invented_books(EVERYTHING)


@pytest.fixture
def keeper(books: SharedBooks) -> Bookkeeper:
    return Bookkeeper(books)


def sale(books: SharedBooks, cents: int = 121_00, day: date = date(2026, 1, 5)) -> NewEntry:
    accounts = {account.code: account.id for account in books.accounts.values() if account.company == 1}
    lines = (NewLine(accounts["400000"], cents), NewLine(accounts["700000"], -cents))
    return NewEntry(company=1, journal=2, day=day, lines=lines)


def visible(books: SharedBooks) -> set[int]:
    return {placed.entry.id for placed in books.lines()}


def test_the_same_seed_gives_the_same_books() -> None:
    first, again = invented_books(EVERYTHING), invented_books(EVERYTHING)
    assert (first.entries, first.accounts, first.values) == (again.entries, again.accounts, again.values)
    assert invented_books(replace(EVERYTHING, seed=2)).entries != first.entries


def test_small_books_have_everything_once(books: SharedBooks) -> None:
    placed = list(books.lines())
    assert len(books.companies) == 2
    assert {entry.state for entry, _ in placed} == set(State)
    assert any(line.currency == "USD" for _, line in placed)
    assert any(line.account is None for _, line in placed)
    totals = {sum(share.percent for share in line.shares) for _, line in placed if line.shares}
    assert min(totals) < 100_00 < max(totals)
    assert any(len(share.values) == 2 for _, line in placed for share in line.shares)
    for entry in books.entries.values():
        assert sum(line.amount for line in entry.lines) == 0


def test_lines_come_by_id_of_both_companies_interleaved(books: SharedBooks) -> None:
    ids = [placed.line.id for placed in books.lines()]
    assert ids == sorted(set(ids))
    assert [placed.line.id for placed in books.lines(after=100)] == ids[100:]
    companies = [entry.company for entry, _ in books.lines()]
    assert companies != sorted(companies)


@pytest.mark.parametrize("lines", [2 * 50, 5_001])
def test_so_many_lines(lines: int) -> None:
    books = invented_books(Size(lines=lines, companies=2))
    assert sum(1 for _ in books.lines()) == lines
    assert {entry.state for entry in books.entries.values()} == {State.POSTED}


@pytest.mark.parametrize("at", [date(2024, 6, 30), date(2025, 12, 31), date(2026, 1, 31)])
def test_a_trial_balance_equals_the_lines(books: SharedBooks, at: date) -> None:
    types = {account.id: account.type for account in books.accounts.values()}
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry, line in books.lines():
        if entry.company == 2 and entry.state is State.POSTED and entry.day <= at and line.account:
            this_year = entry.day.year == at.year
            if types[line.account] is AccountType.BALANCE_SHEET or this_year:
                sums[books.accounts[line.account].code] += money(line.amount)
    assert books.trial_balance(2, at) == {code: amount for code, amount in sums.items() if amount}


def test_fiscal_years_need_not_begin_in_january() -> None:
    assert fiscal_year_start(7, date(2026, 6, 30)) == date(2025, 7, 1)
    assert fiscal_year_start(7, date(2026, 7, 1)) == date(2026, 7, 1)


def test_a_late_commit_has_a_lower_id_and_an_earlier_stamp(books: SharedBooks, keeper: Bookkeeper) -> None:
    late = keeper.add(sale(books), commit=False)
    early = keeper.add(sale(books, 500))
    assert late.id not in visible(books)
    with pytest.raises(NoSuchRow):
        books.entry(late.id)
    seen = max(placed.line.stamp.version for placed in books.lines())
    after = keeper.commit(late.id)
    assert (after.id < early.id, after.stamp < early.stamp) == (True, True)
    assert late.id in visible(books)
    assert late.id not in {placed.entry.id for placed in books.lines_changed(seen)}


def test_only_what_is_posted_counts(books: SharedBooks, keeper: Bookkeeper) -> None:
    before = books.trial_balance(1, date(2026, 1, 31))
    entry = keeper.add(sale(books))
    assert books.trial_balance(1, date(2026, 1, 31))["700000"] == before.get("700000", 0) - 121
    keeper.set_state(entry.id, State.DRAFT)
    assert books.trial_balance(1, date(2026, 1, 31)) == before


def test_changes_restamp_what_they_touch(books: SharedBooks, keeper: Bookkeeper) -> None:
    entry = keeper.add(sale(books))
    first, second = entry.lines
    keeper.change_line(first.id, shares=(Share((1,)),))
    now = books.entry(entry.id)
    assert now.stamp == entry.stamp
    assert now.lines[1].stamp == second.stamp
    assert now.lines[0].stamp > first.stamp
    keeper.change_line(first.id, account=second.account, whole_entry=True)
    now = books.entry(entry.id)
    assert len({now.stamp, now.lines[0].stamp, now.lines[1].stamp}) == 1
    assert now.lines[0].account == second.account
    moved = keeper.redate(entry.id, date(2025, 2, 1))
    assert (moved.day, moved.id, moved.number) == (date(2025, 2, 1), entry.id, entry.number)
    assert {line.stamp for line in moved.lines} == {moved.stamp}
    changed = [placed.line.id for placed in books.lines_changed(entry.stamp.version)]
    assert changed == [line.id for line in moved.lines]


def test_lines_that_are_replaced_have_new_ids(books: SharedBooks, keeper: Bookkeeper) -> None:
    entry = keeper.add(sale(books))
    after = keeper.replace_lines(entry.id, sale(books, 999).lines)
    assert not {line.id for line in entry.lines} & {line.id for line in after.lines}
    with pytest.raises(NoSuchRow):
        books.line(entry.lines[0].id)
    amounts = keeper.change_amounts(entry.id, (5, -5))
    assert [line.id for line in amounts.lines] == [line.id for line in after.lines]
    with pytest.raises(Refused):
        keeper.change_amounts(entry.id, (5, -4))


def test_a_remark_has_no_amount(books: SharedBooks, keeper: Bookkeeper) -> None:
    remarked = next(placed.entry for placed in books.lines() if placed.line.account is None)
    amounts = [line.amount for line in remarked.lines]
    with pytest.raises(Refused, match="remark"):
        keeper.change_amounts(remarked.id, [amounts[0] - 1, *amounts[1:-1], 1])


def test_a_relation_is_called_otherwise_and_no_line_changes(books: SharedBooks, keeper: Bookkeeper) -> None:
    version = next(iter(books.lines_changed(0))).line.stamp
    assert keeper.rename_relation(1, "Other NV").name == books.relations[1].name == "Other NV"
    assert next(iter(books.lines_changed(0))).line.stamp == version


def test_deleting_leaves_a_trace_and_the_number_comes_back(books: SharedBooks, keeper: Bookkeeper) -> None:
    entry = keeper.add(sale(books))
    keeper.delete(entry.id)
    assert entry.id not in visible(books)
    traces = [(gone.kind, gone.id, gone.parent) for gone in books.gone]
    assert traces == [*(("line", line.id, entry.id) for line in entry.lines), ("entry", entry.id, None)]
    again = keeper.add(sale(books))
    assert (again.number, again.id) == (entry.number, entry.id + 1)
    assert keeper.add(sale(books)).number != again.number


def test_accounts_values_and_companies_change(books: SharedBooks, keeper: Bookkeeper) -> None:
    used = next(iter(books.lines())).line.account
    assert used is not None
    with pytest.raises(Refused, match="is used"):
        keeper.delete_account(used)
    account = keeper.add_account(1, "699000", "Other", AccountType.PROFIT_AND_LOSS)
    assert keeper.change_account(account.id, code="699100", archived=True).archived
    assert books.accounts[account.id].code == "699100"
    keeper.delete_account(account.id)
    assert account.id not in books.accounts
    value = keeper.add_value(1, "900", "New", company=2)
    assert keeper.change_value(value.id, archived=True).stamp > value.stamp
    assert not keeper.change_company(2, reachable=False).reachable
    assert keeper.lock_through(1, date(2024, 12, 31)).locked_through == date(2024, 12, 31)


def test_a_company_that_moves_has_new_versions_throughout(books: SharedBooks, keeper: Bookkeeper) -> None:
    before = books.version
    keeper.move(2)
    changed = list(books.lines_changed(before))
    assert {entry.company for entry, _ in changed} == {2}
    assert len(changed) == sum(1 for entry, _ in books.lines() if entry.company == 2)


def test_an_entry_that_does_not_balance_cannot_be_posted(books: SharedBooks, keeper: Bookkeeper) -> None:
    uneven = replace(sale(books), lines=(NewLine(1, 100),))
    with pytest.raises(Refused):
        keeper.add(uneven)
    draft: Entry = keeper.add(replace(uneven, state=State.DRAFT))
    with pytest.raises(Refused):
        keeper.set_state(draft.id, State.POSTED)


def test_the_clock_stands_still_between_changes(books: SharedBooks, keeper: Bookkeeper) -> None:
    start = books.clock.now()
    assert start == MORNING == books.clock.now()
    keeper.add(sale(books))
    books.clock.advance(timedelta(hours=1))
    assert books.clock.now() - start == timedelta(hours=1, milliseconds=1)
