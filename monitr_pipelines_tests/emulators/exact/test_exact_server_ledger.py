"""What a client makes of the pages is the ledger of the books, whatever happens between two of them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from exact_server_kit import FIRST, LINES, SECOND, Client, Row, exact_server, key, ledger_in, ledger_of

from monitr_pipelines.emulators.frame.options import CLIENT_ID
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import Size, invented_books
from monitr_pipelines.emulators.shared.records import NewEntry, NewLine, State

PAGE = 1000
DELETED = "sync/Deleted"


@pytest.fixture
def client() -> Iterator[Client]:
    with exact_server(invented_books()) as client:
        yield client


@pytest.fixture
def large() -> Iterator[Client]:
    with exact_server(invented_books(Size(lines=7_000))) as client:
        yield client


def since(path: str, version: int) -> str:
    return f"{path}?$filter=Timestamp gt {version}L"


def highest(rows: list[Row], floor: int = 0) -> int:
    return max((row["Timestamp"] for row in rows), default=floor)


def sale(client: Client, day: date = date(2026, 1, 5)) -> NewEntry:
    accounts = {each.code: each.id for each in client.books.accounts.values() if each.company == 1}
    lines = (NewLine(accounts["400000"], 121_00), NewLine(accounts["700000"], -121_00))
    return NewEntry(company=1, journal=2, day=day, lines=lines)


def without(rows: dict[str, tuple[object, ...]], deleted: list[Row]) -> dict[str, tuple[object, ...]]:
    gone = {row["EntityKey"] for row in deleted if row["EntityType"] == 1}
    return {each: row for each, row in rows.items() if each not in gone}


@pytest.mark.parametrize(("division", "company"), [(FIRST, 1), (SECOND, 2)])
def test_the_pages_are_the_ledger(large: Client, division: int, company: int) -> None:
    pages = list(large.pages(since(LINES, 1), division))
    assert [len(page) for page in pages] == [PAGE, PAGE, PAGE, 500]
    rows = [row for page in pages for row in page]
    versions = [row["Timestamp"] for row in rows]
    assert versions == sorted(set(versions))
    assert ledger_in(rows) == ledger_of(large.books, company)
    assert {row["Division"] for row in rows} == {division}


def test_small_books_too_with_foreign_money_drafts_and_cancelled_entries(client: Client) -> None:
    rows = client.rows(LINES)
    assert ledger_in(rows) == ledger_of(client.books)
    assert len({entry.state for entry in client.books.entries.values()}) == 3
    assert {row["Currency"] for row in rows} == {"EUR", "USD"}
    assert {row["Status"] for row in rows} == {20, 50}
    entries: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        entries[row["EntryID"]] += Decimal(row["AmountDC"])
        assert row["LineNumber"] >= 0
    assert not any(entries.values())
    assert {row["LineNumber"] for row in rows} >= {0, 1}


def test_two_journals_have_the_same_numbers_and_an_account_without_lines_has_no_balance(
    client: Client,
) -> None:
    numbered: dict[int, set[str]] = defaultdict(set)
    for row in client.rows(LINES):
        numbered[row["EntryNumber"]].add(row["JournalCode"])
    assert max(len(journals) for journals in numbered.values()) > 1
    unused = Bookkeeper(client.books).add_account(
        1, "400001", "Customers, none yet", client.books.accounts[1].type
    )
    assert unused.code in {row["Code"] for row in client.rows("sync/Financial/GLAccounts")}
    assert unused.code not in {row["GLAccountCode"] for row in client.rows("financial/ReportingBalance")}


def test_any_version_is_a_place_to_go_on_from(client: Client) -> None:
    rows = client.rows(LINES)
    for place in (0, 1, len(rows) // 2, len(rows) - 1):
        behind = rows[place]["Timestamp"]
        assert client.rows(since(LINES, behind)) == rows[place + 1 :]
        assert client.rows(since(LINES, behind).replace(" gt ", " ge ")) == rows[place:]
    assert client.rows(since(LINES, 2**62)) == []


def test_rows_that_change_between_two_pages_come_again_and_what_goes_is_in_the_log(large: Client) -> None:
    keeper = Bookkeeper(large.books)
    entries = [entry for entry in large.books.company_entries(1) if entry.state is State.POSTED]
    pages, rows = large.pages(LINES), []
    rows += next(pages)
    keeper.change_line(entries[3].lines[0].id, text="changed after it was read")
    keeper.redate(entries[-2].id, date(2026, 1, 9))
    keeper.delete(entries[5].id)
    rows += next(pages)
    keeper.delete(entries[-5].id)
    keeper.replace_lines(entries[7].id, sale(large).lines)
    keeper.add(sale(large))
    rows += [row for page in pages for row in page]
    held = ledger_in(rows)
    assert key(1, entries[5].lines[0].id) in held, "it was read before it was deleted"
    assert without(held, large.rows(DELETED)) == ledger_of(large.books)
    assert len(rows) > len(held), "a row that was read and changed came twice"


def test_an_edited_row_comes_with_a_higher_version_and_its_key(client: Client) -> None:
    before = client.rows(LINES)
    Bookkeeper(client.books).change_line(int(before[4]["ID"][-12:], 16), text="another text")
    (changed,) = client.rows(since(LINES, highest(before)))
    assert changed["ID"] == before[4]["ID"]
    assert changed["Description"] == "another text"
    assert changed["Modified"] > before[4]["Modified"]


def test_deleted_rows_are_logged_with_versions_of_their_own_for_two_months(client: Client) -> None:
    keeper = Bookkeeper(client.books)
    entry = next(each for each in client.books.company_entries(1) if each.state is State.POSTED)
    other = next(each for each in client.books.company_entries(2) if each.state is State.POSTED)
    account = keeper.add_account(1, "999999", "Opened by mistake", client.books.accounts[1].type)
    keeper.delete(entry.id)
    keeper.delete(other.id)
    keeper.delete_account(account.id)
    logged = client.rows(DELETED)
    assert [row["EntityKey"] for row in logged if row["EntityType"] == 1] == [
        key(1, line.id) for line in entry.lines
    ]
    assert [row["EntityKey"] for row in logged if row["EntityType"] == 7] == [key(3, account.id)]
    versions = [row["Timestamp"] for row in logged]
    assert versions == sorted(set(versions))
    assert not {row["ID"] for row in logged} & {row["EntityKey"] for row in logged}
    assert client.rows(since(DELETED, versions[1])) == logged[2:]
    assert len(client.rows(DELETED, SECOND)) == len(other.lines)
    client.books.clock.advance(timedelta(days=62))
    client.access = client.emulator.tokens.grant_pair(CLIENT_ID).access
    assert client.rows(DELETED) == []


def test_what_goes_back_to_a_draft_leaves_the_ledger_and_returns_with_its_keys(client: Client) -> None:
    keeper = Bookkeeper(client.books)
    rows = client.rows(LINES)
    entry = next(each for each in client.books.company_entries(1) if each.state is State.POSTED)
    keeper.set_state(entry.id, State.DRAFT)
    assert without(ledger_in(rows), client.rows(DELETED)) == ledger_of(client.books)
    assert client.rows(since(LINES, highest(rows))) == []
    keeper.set_state(entry.id, State.POSTED)
    assert {row["ID"] for row in client.rows(since(LINES, highest(rows)))} == {
        key(1, line.id) for line in entry.lines
    }


def test_an_entry_that_is_committed_late_lies_below_what_was_read_and_is_found_by_time(
    client: Client,
) -> None:
    keeper = Bookkeeper(client.books)
    late = keeper.add(sale(client), commit=False)
    early = keeper.add(sale(client))
    rows = client.rows(LINES)
    assert key(2, early.id) in {row["EntryID"] for row in rows}
    assert key(2, late.id) not in {row["EntryID"] for row in rows}
    keeper.commit(late.id)
    assert client.rows(since(LINES, highest(rows))) == []
    (place,) = client.get(
        "read/sync/Sync/SyncTimestamp?modified=datetime'2026-01-15'&endPoint='TransactionLines'"
    ).rows
    again = client.rows(since(LINES, place["TimeStampAsBigInt"]))
    assert {row["EntryID"] for row in again} == {key(2, late.id), key(2, early.id)}


def test_a_moved_division_counts_anew_from_below_and_says_when(client: Client) -> None:
    rows = client.rows(LINES)
    (before, _) = client.rows("system/Divisions?$select=Code,DivisionMoveDate")
    assert before["DivisionMoveDate"] is None
    other = client.rows(LINES, SECOND)
    Bookkeeper(client.books).move(1)
    (after, untouched) = client.rows("system/Divisions?$select=Code,DivisionMoveDate")
    assert after["DivisionMoveDate"] == "/Date(1768467600001)/"
    assert untouched["DivisionMoveDate"] is None
    assert client.rows(since(LINES, highest(rows))) == []
    moved = client.rows(since(LINES, 1))
    assert highest(moved) < rows[0]["Timestamp"]
    assert ledger_in(moved) == ledger_in(rows) == ledger_of(client.books)
    assert client.rows(LINES, SECOND) == other
    entry = Bookkeeper(client.books).add(sale(client))
    assert {row["EntryID"] for row in client.rows(since(LINES, highest(moved)))} == {key(2, entry.id)}
    assert client.rows("sync/Financial/GLAccounts")[0]["Timestamp"] < rows[0]["Timestamp"]


def test_balances_are_those_of_the_books(client: Client) -> None:
    keeper = Bookkeeper(client.books)
    keeper.set_state(keeper.add(sale(client)).id, State.DRAFT)
    rows = client.rows("financial/ReportingBalance")
    assert len(rows) > 60, "more than a page"
    at = date(2025, 12, 31)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        assert Decimal(row["AmountDebit"]) - Decimal(row["AmountCredit"]) == Decimal(row["Amount"])
        if row["BalanceType"] == "B" or row["ReportingYear"] == at.year:
            sums[row["GLAccountCode"]] += Decimal(row["Amount"])
    assert {code: amount for code, amount in sums.items() if amount} == client.books.trial_balance(1, at)
    year = client.rows("financial/ReportingBalance?$filter=ReportingYear eq 2024 and (BalanceType eq 'B')")
    assert year == [row for row in rows if row["ReportingYear"] == 2024 and row["BalanceType"] == "B"]
    assert sum(row["Count"] for row in rows) == len(ledger_of(client.books))


def test_accounts_projects_and_cost_centres_are_those_of_the_books(client: Client) -> None:
    keeper, books = Bookkeeper(client.books), client.books
    own = {each.code: each for each in books.accounts.values() if each.company == 1}
    rows = client.rows("sync/Financial/GLAccounts")
    assert {row["Code"]: row["Description"] for row in rows} == {
        code: each.name for code, each in own.items()
    }
    assert {row["BalanceType"] for row in rows} == {"B", "W"}
    assert {row["ID"] for row in client.rows("financial/GLAccounts")} == {row["ID"] for row in rows}
    keeper.change_account(own["400000"].id, name="Debtors", archived=True)
    (changed,) = client.rows(since("sync/Financial/GLAccounts", highest(rows)))
    assert (changed["Code"], changed["Description"], changed["IsBlocked"]) == ("400000", "Debtors", True)
    projects, centres = client.rows("sync/Project/Projects"), client.rows("hrm/Costcenters")
    assert {row["Code"] for row in projects} | {row["Code"] for row in centres} == {
        each.code for each in books.values.values()
    }
    for row in (projects[0], centres[0]):
        keeper.change_value(int(row["ID"][-12:], 16), name="Former", archived=True)
    (project,) = client.rows(since("sync/Project/Projects", highest(projects)))
    (centre,) = [row for row in client.rows("hrm/Costcenters") if row["Description"] == "Former"]
    assert project["EndDate"] == centre["EndDate"] == "/Date(1768435200000)/"
    assert client.rows("hrm/Costunits") == []
    assert {row["Code"] for row in client.rows("financial/Journals")} >= {"VKP", "AKP", "BNK"}


def test_periods_follow_the_fiscal_year(client: Client) -> None:
    periods = client.rows("financial/FinancialPeriods?$filter=FinYear eq 2025")
    assert [row["FinPeriod"] for row in periods] == list(range(1, 13))
    assert (periods[0]["StartDate"], periods[1]["EndDate"]) == (
        "/Date(1735689600000)/",
        "/Date(1740700800000)/",
    )
    dated = {
        row["ID"]: (row["FinancialYear"], row["FinancialPeriod"], row["Date"]) for row in client.rows(LINES)
    }
    assert {(year, period) for year, period, _ in dated.values()} == {
        (year, period) for year in (2024, 2025) for period in range(1, 13)
    }


def test_values_are_written_as_the_service_writes_them(client: Client) -> None:
    rows = client.rows(LINES)
    texts = client.get(LINES).text
    assert '"AmountDC":246824.64,' in texts
    assert '"AmountDC":-62000,' in texts, "a double has no point that it does not need"
    assert {len(row["AccountCode"]) for row in rows if row["AccountCode"]} == {18}
    placed = next(each for each in client.books.lines() if each.entry.company == 1)
    wall = datetime.fromtimestamp(placed.line.stamp.time // 1_000_000, UTC).astimezone(
        ZoneInfo("Europe/Brussels")
    )
    assert rows[0]["Modified"] == f"/Date({int(wall.replace(tzinfo=UTC).timestamp()) * 1000})/"
    (me,) = client.get("current/Me").rows
    assert (me["CurrentDivision"], me["ServerUtcOffset"]) == (FIRST, 1)
    client.books.clock.advance(timedelta(days=180))
    client.access = client.emulator.tokens.grant_pair(CLIENT_ID).access
    assert client.get("current/Me").rows[0]["ServerUtcOffset"] == 2


def test_fields_are_those_asked_for_and_pages_keep_the_query(large: Client) -> None:
    first = large.get(f"{LINES}?$filter=Timestamp gt 1L&$select=ID,AmountDC")
    assert {frozenset(row) for row in first.rows} == {frozenset({"__metadata", "ID", "AmountDC"})}
    assert first.next is not None
    assert "$filter=Timestamp%20gt%201L&$select=ID,AmountDC&$skiptoken=" in first.next
    assert {frozenset(row) for row in large.get(first.next).rows} == {
        frozenset({"__metadata", "ID", "AmountDC"})
    }
    accounts = list(large.pages("financial/GLAccounts?$filter=BalanceType eq 'B' and ID ne null"))
    assert {len(page) for page in accounts[:-1]} == {60}
    assert {row["BalanceType"] for page in accounts for row in page} == {"B"}


def test_both_forms_of_an_answer(client: Client, large: Client) -> None:
    assert isinstance(client.get("financial/Journals").document["d"], dict)
    assert isinstance(client.get("financial/Journals?$top=2").document["d"], list)
    assert len(client.rows("financial/Journals?$top=2")) == 2
    assert len(client.rows("financial/ReportingBalance?$top=70")) == 70
    assert client.rows("financial/Journals?$top=0") == []
    with exact_server(large.books, envelope="array") as bare:
        assert isinstance(bare.get("financial/Journals").document["d"], list)
        assert isinstance(bare.get(LINES).document["d"], dict), "there is no other place for the next page"
        assert ledger_in(bare.rows(LINES)) == ledger_of(large.books)
