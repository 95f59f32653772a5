"""The ledger of an emulated Xero: it only grows, and comes to the books whatever is done to them."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from xero_server_kit import Client, movements_in, movements_of, some_books, xero_server

from monitr_pipelines.emulators.shared.invented import MORNING, Size, invented_books
from monitr_pipelines.emulators.shared.records import Axis, Entry, NewEntry, NewLine, Share, Stamp, State
from monitr_pipelines.ledger.records import AccountType

TODAY = date(2026, 1, 5)


@pytest.fixture
def client() -> Iterator[Client]:
    with xero_server(some_books()) as client:
        yield client


def sale(client: Client, cents: int = 121_00) -> NewEntry:
    accounts = {each.code: each.id for each in client.books.accounts.values() if each.company == 1}
    lines = (NewLine(accounts["400000"], cents), NewLine(accounts["700000"], -cents))
    return NewEntry(company=1, journal=2, day=TODAY, lines=lines)


def posted(client: Client) -> Entry:
    return client.keeper.add(sale(client))


def last(client: Client) -> int:
    number: int = client.journals()[-1]["JournalNumber"]
    return number


def amounts(row: dict[str, Any]) -> list[Decimal]:
    return [line["NetAmount"] for line in row["JournalLines"]]


def test_pages_of_a_hundred_by_rising_numbers_are_the_books(client: Client) -> None:
    first = client.get("Journals").rows
    assert len(first) == 100
    assert first == client.get("Journals?offset=0&paymentsOnly=false").rows
    rows = client.journals()
    numbers = [row["JournalNumber"] for row in rows]
    assert numbers == sorted(set(numbers))
    assert numbers != list(range(1, len(numbers) + 1)), "some are left out"
    assert movements_in(rows) == movements_of(client.books)
    assert all(sum(amounts(row)) == 0 for row in rows)
    lines = [line["JournalLineID"] for row in rows for line in row["JournalLines"]]
    assert len(set(lines)) == len(lines)


def test_what_is_no_parameter_is_not_looked_at(client: Client) -> None:
    assert client.get("Journals?page=2").rows == client.get("Journals").rows


def test_an_edit_books_a_reversal_on_the_old_day_and_a_new_journal(client: Client) -> None:
    entry, before = posted(client), last(client)
    client.keeper.redate(entry.id, date(2025, 12, 31))
    reversal, again = client.journals(before)
    (original,) = (row for row in client.journals() if row["JournalNumber"] == before)
    assert amounts(reversal) == [-amount for amount in amounts(original)]
    assert reversal["JournalDate"] == original["JournalDate"] != again["JournalDate"]
    assert {row["SourceID"] for row in (original, reversal, again)} == {original["SourceID"]}
    assert reversal["CreatedDateUTC"] == again["CreatedDateUTC"] != original["CreatedDateUTC"]
    assert len({row["JournalID"] for row in (original, reversal, again)}) == 3


@pytest.mark.parametrize(
    ("edit", "booked"),
    [
        (lambda client, entry: client.keeper.delete(entry.id), 1),
        (lambda client, entry: client.keeper.set_state(entry.id, State.DRAFT), 1),
        (lambda client, entry: client.keeper.change_amounts(entry.id, (5, -5)), 2),
        (lambda client, entry: client.keeper.replace_lines(entry.id, entry.lines), 2),
        (lambda client, entry: client.keeper.change_line(entry.lines[1].id, shares=(Share((1,)),)), 2),
        (lambda client, entry: client.keeper.renumber(entry.id, "VKP/2026/9"), 2),
        (lambda client, entry: client.keeper.move(1), 0),
        (lambda client, entry: client.keeper.change_account(entry.lines[0].account, code="400999"), 0),
    ],
    ids=["delete", "draft", "amounts", "lines", "shares", "number", "move", "account"],
)
def test_each_edit_is_booked_behind_all_others(client: Client, edit: Any, booked: int) -> None:  # noqa: ANN401
    entry, before = posted(client), last(client)
    edit(client, entry)
    assert len(client.journals(before)) == booked
    assert movements_in(client.journals()) == movements_of(client.books)


def test_what_is_posted_later_is_booked_then(client: Client) -> None:
    draft = client.keeper.add(NewEntry(1, 2, TODAY, sale(client).lines, state=State.DRAFT))
    before = last(client)
    client.keeper.set_state(draft.id, State.POSTED)
    (row,) = client.journals(before)
    assert row["SourceType"] == "ACCREC"


def test_a_late_commit_comes_below_numbers_that_were_read(client: Client) -> None:
    before = last(client)
    late = client.keeper.add(sale(client), commit=False)
    early = posted(client)
    (seen,) = client.journals(before)
    assert seen["Reference"] == early.number
    client.keeper.commit(late.id)
    assert [row["Reference"] for row in client.journals(before)] == [late.number, early.number]
    assert client.journals(seen["JournalNumber"]) == []


def test_a_late_commit_that_is_edited_at_once_is_seen_with_its_edit(client: Client) -> None:
    before = last(client)
    late = client.keeper.add(sale(client), commit=False)
    assert client.journals(before) == []
    client.keeper.commit(late.id)
    client.keeper.delete(late.id)
    first, reversal = client.journals(before)
    assert amounts(first) == [-amount for amount in amounts(reversal)]


def test_if_modified_since_goes_by_creation(client: Client) -> None:
    client.books.clock.advance(timedelta(minutes=20))
    entry = posted(client)
    client.keeper.redate(entry.id, date(2024, 3, 1))
    for since in ("2026-01-15T08:10:00", "2026-01-15T08:10:00.000-00:00", "Thu, 15 Jan 2026 08:10:00 GMT"):
        rows = client.journals(If_Modified_Since=since)
        assert [row["Reference"] for row in rows] == [entry.number], "edits between two looks are one"
    assert client.journals(If_Modified_Since="2026-01-15T08:25:00Z") == []
    behind = client.journals(rows[0]["JournalNumber"], If_Modified_Since=since)
    assert behind == []


def test_a_page_that_is_not_full_need_not_be_the_last() -> None:
    with xero_server(some_books(), pages="partial") as client:
        first = client.get("Journals").rows
        assert 0 < len(first) < 100
        assert movements_in(client.journals()) == movements_of(client.books)


def test_a_single_journal_by_key_or_number_has_no_source(client: Client) -> None:
    row = client.get("Journals").rows[3]
    assert {row.pop(name) for name in ("SourceID", "SourceType")}
    assert client.get(f"Journals/{row['JournalID']}").rows == [row]
    assert client.get(f"Journals/{row['JournalNumber']}").rows == [row]
    assert client.get("Journals/99999999").status == 404


def test_tax_stands_on_a_line_of_its_own_and_is_told_besides(client: Client) -> None:
    row = next(row for row in client.journals() if row.get("SourceType") == "ACCREC")
    lines = {line["AccountCode"]: line for line in row["JournalLines"]}
    revenue = next(line for code, line in lines.items() if code.startswith("7"))
    assert revenue["TaxAmount"] < 0
    assert revenue["GrossAmount"] == revenue["NetAmount"] + revenue["TaxAmount"]
    assert lines["451000"]["NetAmount"] < 0
    assert "TaxType" not in lines["451000"]


def test_opening_entries_have_no_source(client: Client) -> None:
    rows = client.journals()
    assert [row["Reference"] for row in rows if "SourceType" not in row] == [rows[0]["Reference"]]
    assert "SourceID" not in rows[0]


def test_a_line_has_at_most_two_options_and_a_third_axis_is_archived(client: Client) -> None:
    client.books.axes[9] = Axis(9, "unit", "Unit", Stamp(1, 0))
    unit = client.keeper.add_value(9, "U1", "Unit 1")
    entry, before = posted(client), last(client)
    first, second = entry.lines
    client.keeper.change_line(first.id, shares=(Share((1, 5, unit.id)),))
    client.keeper.change_line(second.id, shares=(Share((unit.id,)),))
    tracked = [line["TrackingCategories"] for line in client.journals(before)[-1]["JournalLines"]]
    assert [[(each["Name"], each["Option"]) for each in line] for line in tracked] == [
        [("Department", "Sales"), ("Project", "Aurora")],
        [("Unit", "Unit 1")],
    ]
    assert [row["Name"] for row in client.get("TrackingCategories").rows] == ["Department", "Project"]
    everything = client.get("TrackingCategories?includeArchived=true").rows
    assert [(row["Name"], row["Status"]) for row in everything][2] == ("Unit", "ARCHIVED")
    assert tracked[1][0]["TrackingOptionID"] == everything[2]["Options"][0]["TrackingOptionID"]


def test_archived_options_are_shown_when_asked_for_and_on_old_lines(client: Client) -> None:
    client.keeper.change_value(1, archived=True)
    names = [each["Name"] for each in client.get("TrackingCategories").rows[0]["Options"]]
    assert "Sales" not in names
    options = client.get("TrackingCategories?includeArchived=true").rows[0]["Options"]
    assert options[0] | {"TrackingOptionID": ""} == {
        "TrackingOptionID": "",
        "Name": "Sales",
        "Status": "ARCHIVED",
    }
    used = {each["Option"] for row in client.journals() for each in tracking(row)}
    assert "Sales" in used


def tracking(row: dict[str, Any]) -> list[dict[str, str]]:
    return [each for line in row["JournalLines"] for each in line["TrackingCategories"]]


def test_a_line_that_several_values_share_has_no_form_here(client: Client) -> None:
    entry = posted(client)
    client.keeper.change_line(entry.lines[0].id, shares=(Share((1,), 60_00), Share((2,), 40_00)))
    refused = client.get(f"Journals?offset={last_of_books(client)}")
    assert refused.status == 500
    assert "is divided" in refused.document["Detail"]


def last_of_books(client: Client) -> int:
    """So many journals at least that nothing divided is in what is left out."""
    return sum(1 for each in client.books.company_entries(1) if each.state is State.POSTED) - 1


def test_accounts_by_change_condition_and_order(client: Client) -> None:
    client.books.clock.advance(timedelta(minutes=20))
    account = client.keeper.add_account(1, "699000", "Other", AccountType.PROFIT_AND_LOSS)
    client.keeper.change_account(account.id, archived=True)
    (row,) = client.get("Accounts", If_Modified_Since="2026-01-15T08:10:00").rows
    assert (row["Code"], row["Status"], row["Class"]) == ("699000", "ARCHIVED", "EXPENSE")
    (archived,) = client.get('Accounts?where=Status=="ARCHIVED" AND Class=="EXPENSE"').rows
    assert archived == row
    names = [row["Name"] for row in client.get("Accounts?order=Name DESC").rows]
    assert names == sorted(names, reverse=True)


def test_accounts_of_banks_may_have_no_code() -> None:
    with xero_server(some_books(), bank_codes="missing") as client:
        (bank,) = client.get('Accounts?where=Type=="BANK"').rows
        assert "Code" not in bank
        lines = [line for row in client.journals() for line in row["JournalLines"]]
        assert {line["AccountID"] for line in lines if "AccountCode" not in line} == {bank["AccountID"]}
        assert bank["Name"] in balances(client, "2025-12-31")


def test_keys_of_lines_may_be_missing() -> None:
    with xero_server(some_books(), line_ids="missing") as client:
        keys = [line["JournalLineID"] for row in client.journals() for line in row["JournalLines"]]
    assert 0 < keys.count(None) < len(keys)


@pytest.mark.parametrize(
    ("dates", "day", "stamp"),
    [
        ("+0000", "/Date(1767571200000+0000)/", "/Date(1768464000001+0000)/"),
        ("+1300", "/Date(1767524400000+1300)/", "/Date(1768464000001+0000)/"),
        ("-0500", "/Date(1767589200000-0500)/", "/Date(1768464000001+0000)/"),
        ("iso", "2026-01-05T00:00:00", "2026-01-15T08:00:00.001"),
    ],
)
def test_days_are_midnights_of_an_offset_and_stamps_are_moments(dates: str, day: str, stamp: str) -> None:
    with xero_server(some_books(), dates=dates) as client:
        assert client.books.clock.now() == MORNING
        posted(client)
        row = client.journals()[-1]
    assert (row["JournalDate"], row["CreatedDateUTC"]) == (day, stamp)


def balances(client: Client, at: str) -> dict[str, Decimal]:
    """The year to date of each row of the trial balance, debit positive."""
    (report,) = client.get(f"Reports/TrialBalance?date={at}").rows
    cells = [
        [cell["Value"] for cell in row["Cells"]]
        for section in report["Rows"][1:]
        for row in section["Rows"]
        if row["RowType"] == "Row"
    ]
    return {title: Decimal(debit or "0") - Decimal(credit or "0") for title, _, _, debit, credit in cells}


@pytest.mark.parametrize("at", [date(2024, 12, 31), date(2025, 6, 15), date(2026, 1, 31)])
def test_the_trial_balance_is_that_of_the_books_with_earlier_results(client: Client, at: date) -> None:
    shown = balances(client, at.isoformat())
    books = client.books.trial_balance(1, at)
    names = {f"{each.name} ({each.code})": each.code for each in client.books.accounts.values()}
    found = {names[title]: amount for title, amount in shown.items() if amount}
    assert sum(found.values()) == 0
    earlier = sum(books.values(), Decimal())
    retained = client.get('Accounts?where=SystemAccount=="RETAINEDEARNINGS"').rows[0]["Code"]
    assert found.pop(retained) == books.pop(retained) - earlier
    assert found == books


def test_retained_earnings_are_there_where_the_books_have_no_account_for_them() -> None:
    with xero_server(invented_books(Size(lines=900))) as client:
        shown = balances(client, "2025-12-31")
        assert shown["Retained Earnings (960)"]
        assert sum(shown.values()) == 0
        codes = [row["Code"] for row in client.get("Accounts").rows]
        assert codes.count("960") == 1


def test_the_report_has_movements_of_the_month_and_totals(client: Client) -> None:
    (report,) = client.get("Reports/TrialBalance?date=2025-11-30").rows
    assert report["ReportTitles"][2] == "As at 30 November 2025"
    header, *sections, total = report["Rows"]
    assert [cell["Value"] for cell in header["Cells"]][3:] == ["YTD Debit", "YTD Credit"]
    assert [section["Title"] for section in sections] == [
        "Revenue",
        "Expenses",
        "Assets",
        "Liabilities",
        "Equity",
    ]
    _, debit, credit, *ytd = (cell["Value"] for cell in total["Rows"][0]["Cells"])
    assert debit == credit
    assert ytd[0] == ytd[1]
    november = {
        code: sum(
            amount
            for (_, day, of), amount in movements_of(client.books).items()
            if (day[:7], of) == ("2025-11", code)
        )
        for code in ["700000"]
    }
    sales = next(row for row in sections[0]["Rows"] if "(700000)" in row["Cells"][0]["Value"])
    assert Decimal(sales["Cells"][2]["Value"]) == -november["700000"]
