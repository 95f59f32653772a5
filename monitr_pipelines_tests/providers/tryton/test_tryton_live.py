"""The connector against a running Tryton, compared with what its database holds."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

import pytest
from tryton_changes_kit import (
    CHANGES,
    close_the_first_year,
    give_code,
    post_a_new_move,
    undo_a_reconciliation,
)
from tryton_kit import PASSWORD, Tryton, apply, full_read, increment, read

from monitr_pipelines.ledger.records import AccountType, LedgerLine
from monitr_pipelines.lifecycle.errors import EntityGone, InconsistentData, ProviderDown, ReconnectNeeded
from monitr_pipelines.providers.contract import Checkpoint, End
from monitr_pipelines.providers.tryton import datasets

POSTED = """
    select line.id, move.id, move.date, account.code, round((line.debit - line.credit) * 100), move.number,
        round(line.amount_second_currency * 100)
    from account_move_line as line
    inner join account_move as move on line.move = move.id
    inner join account_account as account on line.account = account.id
    where move.state = 'posted' and move.company = ?
"""
ALLOCATED = """
    select line.move_line, root.code, value.code, round(sum(line.debit - line.credit) * 100)
    from analytic_account_line as line
    inner join analytic_account_account as value on line.account = value.id
    inner join analytic_account_account as root on value.root = root.id
    inner join account_move_line as ledger on line.move_line = ledger.id
    inner join account_move as move on ledger.move = move.id
    where move.state = 'posted' and move.company = ?
    group by 1, 2, 3
    having sum(line.debit - line.credit) <> 0
"""
MONTHS = [(2025, 6), (2025, 12), *((2026, month) for month in range(1, 13))]

Lines = dict[str, LedgerLine]


def whole_lines(lines: Lines) -> dict[int, tuple[Any, ...]]:
    """Lines as Tryton has them, amounts in cents, from the parts that they were given in."""
    found: dict[int, tuple[Any, ...]] = {}
    for key, line in lines.items():
        line_id = int(key.partition("/")[0])
        row = (int(line.booking or 0), str(line.booking_date), line.account_code, line.document_number)
        amount, foreign = found[line_id][-2:] if line_id in found else (0, None)
        if line.foreign_amount is not None:
            foreign = (foreign or 0) + int(line.foreign_amount * 100)
        found[line_id] = (*row, amount + int(line.amount * 100), foreign)
    return found


def in_tryton(tryton: Tryton, company: str) -> dict[int, tuple[Any, ...]]:
    rows = tryton.sql(POSTED, tryton.companies[company])
    return {
        line: (move, day, code, number, int(cents), None if foreign is None else int(foreign))
        for line, move, day, code, cents, number, foreign in rows
    }


@pytest.mark.parametrize("company", ["North", "South"])
def test_the_whole_ledger_is_what_tryton_holds(tryton: Tryton, company: str) -> None:
    lines, _ = full_read(tryton, company)
    assert whole_lines(lines) == in_tryton(tryton, company)
    assert all(isinstance(line.amount, Decimal) for line in lines.values())


def test_drafts_are_left_out(tryton: Tryton) -> None:
    drafts = tryton.sql("select id from account_move where state = 'draft' and company = 1")
    lines, _ = full_read(tryton)
    assert drafts
    assert not {str(move) for (move,) in drafts} & {line.booking for line in lines.values()}


def test_every_value_of_every_axis_has_what_tryton_allocates(tryton: Tryton) -> None:
    lines, _ = full_read(tryton)
    held: defaultdict[tuple[int, str, str], int] = defaultdict(int)
    for key, line in lines.items():
        for axis, value in line.axes:
            held[int(key.partition("/")[0]), axis, value] += int(line.amount * 100)
    allocated = {tuple(row[:3]): int(row[3]) for row in tryton.sql(ALLOCATED, tryton.companies["North"])}
    assert {key: cents for key, cents in held.items() if cents} == allocated
    assert any("/" in key for key in lines)
    assert any(line.axes and "/" not in key for key, line in lines.items())


def test_the_axes_of_lines_are_listed(tryton: Tryton) -> None:
    lines, _ = full_read(tryton)
    source = tryton.source()
    listed = {(value.axis, value.code) for value in source.axes()}
    accounts = {account.code for account in source.accounts()}
    source.close()
    assert {pair for line in lines.values() for pair in line.axes} <= listed
    assert {line.account_code for line in lines.values()} <= accounts


def test_lines_say_what_tryton_shows(tryton: Tryton) -> None:
    lines, _ = full_read(tryton)
    foreign = next(line for line in lines.values() if line.foreign_amount)
    assert foreign.foreign_currency == "USD"
    assert foreign.journal == "MISC"
    assert foreign.period == f"{foreign.booking_date:%Y-%m}"
    assert foreign.description == "Line of 640"
    customer = next(line for line in lines.values() if line.account_code == "400")
    assert customer.relation is not None
    assert customer.relation.startswith("Party ")
    assert any(line.amount < 0 for line in lines.values() if line.account_code == "617")


def closing(lines: Lines, types: dict[str, AccountType | None], at: date) -> dict[str, Decimal]:
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines.values():
        within = types[line.account_code] != AccountType.PROFIT_AND_LOSS or line.booking_date.year == at.year
        if line.booking_date <= at and within:
            balances[line.account_code] += line.amount
    return {code: balance for code, balance in balances.items() if balance}


def tie_out(tryton: Tryton, months: list[tuple[int, int]]) -> None:
    lines, _ = full_read(tryton, "South")
    source = tryton.source("South")
    types = {account.code: account.type for account in source.accounts()}
    for year, month in months:
        at = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        balances = {code: balance for code, balance in source.trial_balance(at).items() if balance}
        assert balances == closing(lines, types, at), at
    source.close()


def test_every_month_ties_out_with_tryton_s_own_balances(tryton: Tryton) -> None:
    tie_out(tryton, MONTHS)


def test_a_day_behind_the_last_fiscal_year_has_the_balances_of_its_end(tryton: Tryton) -> None:
    """Of that day itself Tryton would answer zeros."""
    source = tryton.source()
    found = source.trial_balance(date(2027, 1, 31))
    assert (found.day, found.year_start) == (date(2026, 12, 31), date(2026, 1, 1))
    assert any(found.values())
    with pytest.raises(InconsistentData, match="2019-01-31"):
        source.trial_balance(date(2019, 1, 31))
    source.close()


def test_companies_are_listed_and_never_mixed(tryton: Tryton) -> None:
    source = tryton.source(None)
    source.check()
    listed = [(one.name, one.id, one.currency, one.fiscal_year_start) for one in source.administrations()]
    source.close()
    assert listed == [
        (name, str(company), "EUR", 1)
        for name, company in sorted(tryton.companies.items(), key=lambda i: i[1])
    ]
    north, south = (full_read(tryton, name)[0] for name in ("North", "South"))
    assert not north.keys() & south.keys()


def test_lines_of_another_company_are_refused(tryton: Tryton, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "posted_lines", lambda company: [["move.state", "=", "posted"]])
    with pytest.raises(InconsistentData):
        full_read(tryton)


def test_a_fetch_goes_on_behind_every_checkpoint(tryton: Tryton, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "PAGE", 40)
    items = read(tryton, "South", None)
    whole: Lines = {}
    apply(items, whole)
    places = [number for number, item in enumerate(items) if isinstance(item, Checkpoint)]
    assert len(places) == 3
    for place in places:
        rest = read(tryton, "South", items[place].cursor)
        lines: Lines = {}
        assert apply([*items[:place], *rest], lines) == items[-1]
        assert lines == whole


def test_requests_are_as_few_as_pages(tryton: Tryton, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "PAGE", 100)
    before = len(tryton.requests())
    full_read(tryton)
    asked = tryton.requests()[before:]
    tables = {
        "account_move_line as l inner join account_move as m on l.move = m.id and m.state = 'posted'": "m",
        "account_account as a": "a",
        "analytic_account_account as v": "v",
    }
    counts = [
        tryton.sql(f"select count(*) from {table} where {name}.company = 1")[0][0]  # noqa: S608
        for table, name in tables.items()
    ]
    sign_in = ["common.db.login", "model.res.user.get_preferences", "common.db.logout"]
    reads = [method for method in asked if method not in sign_in]
    assert [asked[0], asked[1], asked[-1]] == sign_in
    assert len(reads) <= Decimal("1.2") * sum(ceil(count / 100) for count in counts)


def settled(end: End) -> End:
    """An end as it is when the books were found unchanged an hour later."""
    return End({**end.cursor, "settled": True})


def test_unchanged_books_cost_an_empty_window(tryton: Tryton) -> None:
    _, end = full_read(tryton, "South")
    before = len(tryton.requests())
    assert read(tryton, "South", settled(end).cursor) == [settled(end)]
    assert tryton.requests()[before:] == [
        "common.db.login",
        "model.res.user.get_preferences",
        "model.account.account.search_read",
        "model.analytic_account.account.search_read",
        "model.account.move.line.search_read",  # its newest stamp
        "model.account.move.search_read",  # likewise
        "model.account.move.search_read",  # the window
        "common.db.logout",
    ]


def test_unchanged_books_are_read_once_more_until_an_hour_has_passed(tryton: Tryton) -> None:
    lines, end = full_read(tryton, "South")
    earlier = "2026-11-01T08:00:00+00:00"
    later = increment(tryton, "South", lines, End({**end.cursor, "found_at": earlier}))
    assert later.cursor == {**end.cursor, "found_at": earlier, "settled": True}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_increments_lead_to_what_a_fresh_read_gives(
    tryton: Tryton, change: Callable[[Tryton], object]
) -> None:
    lines, end = full_read(tryton, "South")
    before = dict(lines)
    change(tryton)
    increment(tryton, "South", lines, settled(end))
    fresh, _ = full_read(tryton, "South")
    assert lines == fresh
    assert whole_lines(fresh) == in_tryton(tryton, "South")
    assert change is undo_a_reconciliation or lines != before


def test_an_increment_reads_no_more_than_what_changed(tryton: Tryton) -> None:
    _, end = full_read(tryton, "South")
    post_a_new_move(tryton)
    changed: Lines = {}
    increment(tryton, "South", changed, settled(end))
    assert {line.booking for line in changed.values()} == {
        max(line.booking or "" for line in changed.values())
    }


def test_an_increment_goes_on_behind_its_checkpoints(tryton: Tryton, monkeypatch: pytest.MonkeyPatch) -> None:
    before, end = full_read(tryton, "South")
    give_code(tryton, "account_account", "617", "6171")
    monkeypatch.setattr(datasets, "PAGE", 10)
    items = read(tryton, "South", settled(end).cursor)
    places = [number for number, item in enumerate(items) if isinstance(item, Checkpoint)]
    assert len(places) > 1
    lines = dict(before)
    rest = read(tryton, "South", items[places[0]].cursor)
    assert len(rest) < len(items)
    apply([*items[: places[0]], *rest], lines)
    assert lines == full_read(tryton, "South")[0]


def test_a_closed_year_ties_out_with_its_closing_move(tryton: Tryton) -> None:
    move = close_the_first_year(tryton)
    lines, _ = full_read(tryton, "South")
    assert str(move) in {line.booking for line in lines.values()}
    tie_out(tryton, [(2025, 11), (2025, 12), (2026, 1), (2026, 6)])


def test_books_from_a_backup_are_read_anew(tryton: Tryton) -> None:
    _, end = full_read(tryton, "South")
    with pytest.raises(InconsistentData) as raised:
        increment(tryton, "South", {}, End({**end.cursor, "newest": "2126-01-01T00:00:00"}))
    assert raised.value.code == "cursor_expired"


def test_a_session_that_the_server_ended_is_begun_anew(tryton: Tryton) -> None:
    source = tryton.source("South")
    source.check()
    tryton.sql("delete from ir_session")
    tryton.authorization = {}
    assert len(list(source.accounts())) > 500
    source.close()


def test_tryton_without_analytic_accounts_has_no_axes(
    tryton: Tryton, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = datasets.Dataset("analytic_account.absent", datasets.AXIS_VALUES.fields)
    monkeypatch.setattr("monitr_pipelines.providers.tryton.chart.AXIS_VALUES", absent)
    lines, _ = full_read(tryton, "South")
    assert whole_lines(lines) == in_tryton(tryton, "South")
    assert not any(line.axes for line in lines.values())


def test_a_wrong_password_needs_a_new_connection(tryton: Tryton) -> None:
    source = tryton.source(password="canary wrong")  # noqa: S106
    with pytest.raises(ReconnectNeeded) as raised:
        source.check()
    source.close()
    assert "canary" not in repr(raised.value) + raised.value.detail


@pytest.mark.parametrize(
    ("company", "credentials"),
    [
        ("99", {}),
        ("North", {"username": "others"}),
        ("North", {"username": "stranger"}),
        ("North", {"database": "nowhere"}),
    ],
    ids=["no such company", "the user shows another", "the user has none", "no such database"],
)
def test_a_company_that_is_not_read_is_gone_and_never_empty(
    tryton: Tryton, company: str, credentials: dict[str, str]
) -> None:
    source = tryton.source(company, **credentials)
    with pytest.raises(EntityGone):
        list(source.transactions(None))
    with pytest.raises(EntityGone):
        source.check()
    source.close()


def test_a_server_that_is_stopped_is_down(tryton: Tryton, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tryton.source()
    source.check()
    tryton.stop()
    monkeypatch.setattr("monitr_pipelines.providers.retries.sleep", lambda seconds: None)
    with pytest.raises(ProviderDown) as raised:
        list(source.transactions(None))
    source.close()
    assert PASSWORD not in repr(raised.value) + raised.value.detail
