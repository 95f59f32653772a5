"""What a client makes of the reports is the ledger of the books, whatever happens between two of them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from moneybird_server_kit import (
    ENTRIES,
    FIRST,
    SECOND,
    SUMS,
    Client,
    Row,
    ledger_in,
    ledger_of,
    moneybird_server,
    months_of,
    read_by_account,
    sums_in,
)

from monitr_pipelines.emulators.moneybird.forms import identifier, number_of
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import Size, invented_books
from monitr_pipelines.emulators.shared.records import NewEntry, NewLine, State
from monitr_pipelines.ledger.records import AccountType

SMALL = Size(entries_per_month=2)


@pytest.fixture
def client() -> Iterator[Client]:
    with moneybird_server(invented_books(SMALL)) as client:
        yield client


def account(client: Client, code: str) -> str:
    books = client.books
    return next(
        identifier("ledger_account", each.id)
        for each in books.accounts.values()
        if (each.company, each.code) == (1, code)
    )


def sale(client: Client, cents: int = 121_00, day: date = date(2025, 3, 5)) -> NewEntry:
    numbers = [number_of("ledger_account", account(client, code)) for code in ("400000", "700000")]
    lines = tuple(NewLine(number, amount) for number, amount in zip(numbers, (cents, -cents), strict=True))
    return NewEntry(company=1, journal=2, day=day, lines=lines)


@pytest.mark.parametrize(("administration", "company"), [(FIRST, 1), (SECOND, 2)])
def test_moved_accounts_of_each_month_are_the_ledger(
    client: Client, administration: str, company: int
) -> None:
    assert len({entry.state for entry in client.books.entries.values()}) == 3
    months = months_of(client.books, company)[::4]
    rows = read_by_account(client, administration, months)
    assert ledger_in(rows) == ledger_of(client.books, company, months)
    assert {row["document_type"] for row in rows} == {"SalesInvoice", "FinancialMutation", "Document"}
    banks = {row["id"] for row in client.rows("financial_accounts", administration)}
    assert {row["financial_account_id"] for row in rows} - {None} == banks


def test_projects_and_contacts_divide_a_month_too_and_come_the_latest_first(client: Client) -> None:
    month = months_of(client.books)[3]
    ledger = read_by_account(client, FIRST, [month])
    projects = [row["id"] for row in client.rows("projects", filter="state:all")]
    by_project = [
        row
        for project in ["null", *projects]
        for row in client.rows(ENTRIES, period=month, project_id=project, per_page="7")
    ]
    assert ledger_in(by_project) == ledger_in(ledger)
    without = client.rows(ENTRIES, period=month, contact_id="null", per_page="100")
    assert ledger_in(without) == ledger_in([row for row in ledger if row["contact_id"] is None])
    revenue = client.rows(ENTRIES, period=month, project_id=projects[0], account_type="revenue")
    of_type = {row["id"]: row["account_type"] for row in client.rows("ledger_accounts")}
    expected = [row for row in ledger if row["project_id"] == projects[0]]
    assert len(revenue) == sum(of_type[row["ledger_account_id"]] == "revenue" for row in expected)
    order = [(row["date"], row["id"]) for row in without]
    assert order == sorted(order, reverse=True)


def test_pages_are_25_long_or_as_asked_and_tell_of_one_another() -> None:
    with moneybird_server(invented_books(Size(lines=8_000, companies=1))) as client:
        busy = account(client, "550000")
        asked = {"period": "202403", "ledger_account_id": busy}
        first = client.get(ENTRIES, **asked)
        total = int(first.headers["X-Total-Count"])
        assert (len(first.document), 25 < total < 50) == (25, True)
        assert 'rel="prev"' not in first.headers["Link"]
        whole = client.rows(ENTRIES, **asked)
        assert len({row["id"] for row in whole}) == total == len(whole)
        assert whole == client.rows(ENTRIES, **asked, per_page="100")
        last = client.get(ENTRIES, **asked, page="2")
        assert (last.next, 'rel="prev"' in last.headers["Link"]) == (None, True)
        assert client.get(ENTRIES, **asked, page="1000").document == []


def test_the_general_ledger_is_the_trial_balance(client: Client) -> None:
    codes = {row["id"]: row["account_id"] for row in client.rows("ledger_accounts")}
    for period, at in (("202407", date(2024, 7, 31)), ("202501..202512", date(2025, 12, 31))):
        report = client.get(SUMS, period=period).document
        debits, credits_, start, final = (
            sums_in(report, name) for name in ("debit_sums", "credit_sums", "start_balance", "final_balance")
        )
        assert {codes[each]: value for each, value in final.items()} == client.books.trial_balance(1, at)
        for each in debits.keys() | start.keys():
            moved = debits.get(each, 0) - credits_.get(each, 0)
            assert start.get(each, 0) + moved == final.get(each, 0)
        assert debits.keys() == credits_.keys()
        assert sum(debits.values()) == sum(credits_.values())


@pytest.mark.parametrize(("sign", "receivable", "revenue"), [("credit", -1, 1), ("natural", 1, 1)])
def test_the_sign_of_amounts_is_an_option(sign: str, receivable: int, revenue: int) -> None:
    with moneybird_server(invented_books(SMALL), sign=sign) as client:
        Bookkeeper(client.books).add(sale(client, 121_05, date(2027, 1, 5)))
        for code, expected in (("400000", receivable), ("700000", revenue)):
            rows = client.rows(ENTRIES, period="202701", ledger_account_id=account(client, code))
            assert [Decimal(row["amount"]) for row in rows] == [expected * Decimal("121.05")]


def test_an_account_at_nothing_that_has_lines_is_in_both_sums(client: Client) -> None:
    Bookkeeper(client.books).add(sale(client, 0, date(2027, 1, 5)))
    report = client.get(SUMS, period="202701").document
    for name in ("debit_sums", "credit_sums"):
        values = {each["ledger_account_id"]: each["value"] for each in report[name]["ledger_accounts"]}
        assert values == {account(client, "400000"): "0.0", account(client, "700000"): "0.0"}


def test_edits_move_lines_between_months_and_accounts_and_give_them_new_identifiers(client: Client) -> None:
    keeper, months = Bookkeeper(client.books), ("202401", "202503", "202508")

    def read() -> list[Row]:
        rows = read_by_account(client, FIRST, months)
        assert ledger_in(rows) == ledger_of(client.books, months=months)
        return rows

    before = {row["id"] for row in read()}
    posted = [
        each
        for each in client.books.company_entries(1)
        if each.state is State.POSTED and f"{each.day:%Y%m}" == months[0]
    ]
    keeper.redate(posted[0].id, date(2025, 8, 9))
    keeper.delete(posted[1].id)
    keeper.set_state(posted[2].id, State.DRAFT)
    keeper.change_line(posted[3].lines[0].id, text="another text")
    keeper.replace_lines(posted[4].id, sale(client).lines)
    late = keeper.add(sale(client), commit=False)
    read()
    keeper.commit(late.id)
    moved = {row["id"] for row in read() if row["document_id"] == identifier("document", posted[0].id)}
    assert moved
    assert not moved & before


def test_a_line_that_is_divided_over_projects_cannot_be_shown() -> None:
    with moneybird_server(invented_books(Size(entries_per_month=2, splits=True))) as client:
        month = months_of(client.books)[0]
        status, text = client.error(ENTRIES, period=month, project_id="null")
        assert (status, "is divided over projects" in text) == (500, True)


def test_lists_tell_what_is_active_and_its_names(client: Client) -> None:
    keeper = Bookkeeper(client.books)
    opened = keeper.add_account(1, "499000", "Suspense", AccountType.BALANCE_SHEET)
    keeper.change_account(opened.id, archived=True)
    rows = {row["account_id"]: row for row in client.rows("ledger_accounts")}
    assert set(rows) == {each.code for each in client.books.accounts.values() if each.company == 1}
    assert (rows["499000"]["active"], rows["499000"]["name"]) == (False, "Suspense")
    assert client.get(f"ledger_accounts/{rows['499000']['id']}").document == rows["499000"]
    value = next(each for each in client.books.values.values() if each.axis == 2)
    keeper.change_value(value.id, archived=True, name="Ended")
    active, archived, everything = (
        [row["name"] for row in client.rows("projects", **query)]
        for query in ({}, {"filter": "state:archived"}, {"filter": "state:all"})
    )
    assert archived == ["Ended"]
    assert sorted(everything) == sorted([*active, *archived])
    contacts = client.rows("contacts", per_page="3")
    relations = [each for each in client.books.relations.values() if each.company == 1]
    assert [(row["company_name"], row["customer_id"]) for row in contacts] == [
        (each.name, each.code) for each in relations
    ]


def test_what_a_type_says_of_the_statement_is_what_the_books_say(client: Client) -> None:
    result = {"revenue", "direct_costs", "expenses", "other_income_expenses"}
    codes: dict[str, set[str]] = defaultdict(set)
    for row in client.rows("ledger_accounts"):
        codes["P" if row["account_type"] in result else "B"].add(row["account_id"])
    expected: dict[str, set[str]] = defaultdict(set)
    for each in client.books.accounts.values():
        if each.company == 1:
            expected["P" if each.type is AccountType.PROFIT_AND_LOSS else "B"].add(each.code)
    assert codes == expected
