"""How records change under a reader: late commits, whole seconds, numbers, locked periods, deletions."""

from datetime import date, datetime, timedelta

import pytest
from odoo_emulator_kit import Odoo, Wire, fault

from monitr_pipelines.emulators.shared.records import NewEntry, NewLine

LINE = "account.move.line"


def entry(odoo: Odoo, day: date = date(2026, 1, 5), cents: int = 500) -> NewEntry:
    accounts = {each.code: each.id for each in odoo.books.accounts.values() if each.company == 1}
    lines = (NewLine(accounts["400000"], cents), NewLine(accounts["700000"], -cents))
    return NewEntry(company=1, journal=6, day=day, lines=lines)


def count(odoo: Odoo, *domain: Wire) -> int:
    return int(odoo.xml(LINE, "search_count", list(domain)))


def test_a_late_commit_slips_under_both_marks(odoo: Odoo) -> None:
    late = odoo.keeper.add(entry(odoo), commit=False)
    odoo.books.clock.advance(timedelta(seconds=2))
    odoo.keeper.add(entry(odoo))
    last = odoo.xml(LINE, "search_read", [], ["write_date"], order="id desc", limit=1)[0]
    odoo.keeper.commit(late.id)
    assert count(odoo, ["id", ">", last["id"]]) == 0
    assert count(odoo, ["write_date", ">=", last["write_date"]]) == 2
    earlier = datetime.fromisoformat(last["write_date"]) - timedelta(minutes=15)
    assert count(odoo, ["write_date", ">=", f"{earlier:%Y-%m-%d %H:%M:%S}"]) == 4


def test_moments_are_told_in_whole_seconds_and_compared_with_all_digits(odoo: Odoo) -> None:
    new = odoo.keeper.add(entry(odoo))
    (told,) = odoo.xml(LINE, "read", [new.lines[0].id], ["write_date"])
    when = told["write_date"]
    assert count(odoo, ["write_date", "=", when]) == 0
    assert count(odoo, ["write_date", ">", when]) == 2
    assert count(odoo, ["write_date", "<=", when]) == count(odoo) - 2
    after = f"{datetime.fromisoformat(when) + timedelta(seconds=1):%Y-%m-%d %H:%M:%S}"
    assert count(odoo, ["write_date", ">=", when], ["write_date", "<", after]) == 2


@pytest.mark.parametrize("form", ["2025-06-01T00:00:00", "2025-06-01 00:00:00Z", "2025-06-01T00:00:00-05:00"])
def test_offsets_are_accepted_and_ignored(odoo: Odoo, form: str) -> None:
    plain = count(odoo, ["write_date", ">=", "2025-06-01 00:00:00"])
    assert count(odoo, ["write_date", ">=", form]) == plain
    assert count(odoo, ["write_date", ">=", "06/01/2025"]) == plain


def test_a_date_that_there_is_not_is_a_fault(odoo: Odoo) -> None:
    code, text = fault(lambda: count(odoo, ["date", ">=", "2025-13-01"]))
    assert (code, "out of range" in text) == (1, True)


def test_what_each_change_touches(accountant: Odoo) -> None:
    new = accountant.keeper.add(entry(accountant))
    first, second = (line.id for line in new.lines)

    def dates() -> list[str]:
        accountant.books.clock.advance(timedelta(seconds=5))
        lines = accountant.xml(LINE, "read", [first, second], ["write_date"])
        (move,) = accountant.xml("account.move", "read", [new.id], ["write_date"])
        return [line["write_date"] for line in lines] + [move["write_date"]]

    start = dates()
    accountant.xml(LINE, "write", [first], {"analytic_distribution": {"1,5": 60.0, "2,5": 40.0}})
    split = dates()
    assert [before != after for before, after in zip(start, split, strict=True)] == [True, False, False]
    account = accountant.xml(LINE, "read", [second], ["account_id"])[0]["account_id"][0]
    accountant.xml(LINE, "write", [first], {"account_id": account})
    moved = dates()
    assert all(before != after for before, after in zip(split, moved, strict=True))
    assert fault(lambda: accountant.xml("account.move", "write", [new.id], {"date": "2026-02-01"}))[0] == 2
    accountant.xml("account.move", "write", [new.id], {"name": "MISC/0077"})
    assert accountant.xml(LINE, "read", [first], ["move_name"])[0]["move_name"] == "MISC/0077"
    assert moved != dates()
    accountant.keeper.change_account(account, name="Renamed")
    assert accountant.xml(LINE, "read", [first], ["write_date"])[0]["write_date"] != start[0]


def test_a_number_comes_back_on_another_entry(accountant: Odoo) -> None:
    new = accountant.keeper.add(entry(accountant))
    fault(lambda: accountant.xml("account.move", "button_draft", [new.id]))
    assert accountant.xml("account.move", "unlink", [new.id]) is True
    assert accountant.xml("account.move", "read", [new.id], ["name"]) == []
    assert fault(lambda: accountant.xml("account.move", "unlink", [new.id]))[0] == 2
    assert count(accountant, ["move_id", "=", new.id]) == 0
    again = accountant.keeper.add(entry(accountant))
    assert (again.number, again.id) == (new.number, new.id + 1)


def test_a_posted_entry_is_not_deleted(accountant: Odoo) -> None:
    new = accountant.keeper.add(entry(accountant))
    assert fault(lambda: accountant.xml("account.move", "unlink", [new.id]))[0] == 2


def test_analytic_lines_are_new_when_an_entry_is_posted_again(accountant: Odoo) -> None:
    placed = next(row for row in accountant.books.lines() if row.line.shares)
    asked = (LINE, "read", [placed.line.id], ["analytic_line_ids"])
    before = accountant.xml(*asked)[0]["analytic_line_ids"]
    fault(lambda: accountant.xml("account.move", "button_draft", [placed.entry.id]))
    assert accountant.xml(*asked)[0]["analytic_line_ids"] == []
    accountant.xml("account.move", "action_post", [placed.entry.id])
    after = accountant.xml(*asked)[0]["analytic_line_ids"]
    assert after
    assert min(after) > max(before)


def test_in_a_locked_period_distributions_change_and_entries_do_not(accountant: Odoo) -> None:
    old = accountant.keeper.add(entry(accountant, date(2025, 11, 5)))
    fresh = accountant.keeper.add(entry(accountant, date(2025, 11, 30)))
    fault(lambda: accountant.xml("account.move", "button_draft", [fresh.id]))
    accountant.keeper.lock_through(1, date(2025, 12, 31))
    line = old.lines[0].id
    assert accountant.xml(LINE, "write", [line], {"analytic_distribution": {"1": 100.0}}) is True
    assert accountant.xml(LINE, "write", [line], {"name": "Other label"}) is True
    assert fault(lambda: accountant.xml(LINE, "write", [line], {"account_id": 1}))[0] == 2
    assert fault(lambda: accountant.xml("account.move", "button_draft", [old.id]))[0] == 2
    accountant.xml("account.move", "action_post", [fresh.id])
    assert accountant.xml("account.move", "read", [fresh.id], ["date"])[0]["date"] == "2026-01-31"


def test_a_reader_writes_nothing(odoo: Odoo) -> None:
    for method, arguments in (
        ("write", ([1], {"ref": "x"})),
        ("unlink", ([1],)),
        ("create", ({},)),
        ("button_draft", ([1],)),
    ):
        assert fault(lambda: odoo.xml("account.move", method, *arguments))[0] == 4  # noqa: B023 - called at once
    assert odoo.xml("account.move", "check_access_rights", "write", raise_exception=False) is False
    assert odoo.xml("account.move", "check_access_rights", "read", raise_exception=False) is True
