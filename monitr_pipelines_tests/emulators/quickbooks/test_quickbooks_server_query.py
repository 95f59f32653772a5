# ruff: noqa: S608 - of a language that reads alone
"""Queries and entities: pages, conditions, what is inactive, and how a statement is refused."""

import pytest
from quickbooks_server_kit import FIRST, Client, Row

from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper


def accounts(client: Client, rest: str = "") -> list[Row]:
    return list(client.query(f"SELECT * FROM Account {rest} MAXRESULTS 1000").get("Account", []))


def test_the_chart_is_that_of_the_books_and_retained_earnings(reader: Client) -> None:
    own = {str(each.id): each for each in reader.books.accounts.values() if each.company == 1}
    rows = {row["Id"]: row for row in accounts(reader)}
    retained = rows.pop("9000001")
    assert (retained["Name"], retained["AccountSubType"]) == ("Retained Earnings", "RetainedEarnings")
    assert "AcctNum" not in retained
    assert {key: (row["AcctNum"], row["Name"]) for key, row in rows.items()} == {
        key: (each.code, each.name) for key, each in own.items()
    }
    results = {row["AcctNum"][0] for row in rows.values() if row["Classification"] in ("Expense", "Revenue")}
    assert results == {"6", "7"}
    below = [row for row in rows.values() if row["SubAccount"]]
    assert below
    for row in below:
        parent = rows[row["ParentRef"]["value"]]
        assert row["FullyQualifiedName"] == f"{parent['Name']}:{row['Name']}"
        assert row["AccountType"] == parent["AccountType"]


def test_pages_have_a_hundred_rows_unless_more_are_asked_for(reader: Client) -> None:
    every = reader.query("SELECT COUNT(*) FROM Purchase")["totalCount"]
    first = reader.query("SELECT * FROM Purchase")
    assert (len(first["Purchase"]), first["startPosition"], first["maxResults"]) == (100, 1, 100)
    ids: list[str] = []
    for start in range(1, every + 1, 60):
        page = reader.query(f"select Id from Purchase startposition {start} maxresults 60")
        assert page["startPosition"] == start
        ids += [row["Id"] for row in page["Purchase"]]
    assert len(ids) == len(set(ids)) == every
    assert reader.query(f"SELECT * FROM Purchase STARTPOSITION {every + 1}") == {}


def test_only_what_is_active_comes_unless_all_is_asked_for(client: Client) -> None:
    Bookkeeper(client.books).change_account(1, archived=True)
    everything = accounts(client, "WHERE Active IN (true, false)")
    assert len(accounts(client)) == len(everything) - 1
    (row,) = accounts(client, "WHERE Active = false")
    assert (row["Id"], row["Name"]) == ("1", "Geplaatst kapitaal (deleted)")


def test_conditions_and_orders(reader: Client) -> None:
    days = "TxnDate >= '2025-03-01' AND TxnDate <= '2025-03-31'"
    rows = reader.query(f"SELECT * FROM Bill WHERE {days} ORDERBY TxnDate DESC, Id MAXRESULTS 1000")["Bill"]
    told = [row["TxnDate"] for row in rows]
    assert told == sorted(told, reverse=True)
    assert {day[:7] for day in told} == {"2025-03"}
    since = "MetaData.LastUpdatedTime > '2025-12-31T00:00:00-08:00'"
    changed = reader.query(f"SELECT * FROM JournalEntry WHERE {since}")["JournalEntry"]
    assert all(row["MetaData"]["LastUpdatedTime"] > "2025-12-31" for row in changed)
    (bank,) = accounts(reader, "WHERE Name LIKE 'bank, zicht%'")
    assert bank["AccountType"] == "Bank"
    assert accounts(reader, "WHERE Id = '16'") == [bank]


def test_entities_are_read_by_their_ids(reader: Client) -> None:
    company = reader.get(f"companyinfo/{FIRST}").document["CompanyInfo"]
    assert company["CompanyName"] == reader.books.companies[1].name
    assert reader.query("SELECT * FROM CompanyInfo")["CompanyInfo"] == [company]
    assert reader.get("account/16").document["Account"]["AcctNum"] == "550000"
    names = {row["Name"] for row in reader.query("SELECT * FROM Department")["Department"]}
    assert names == {each.name for each in reader.books.values.values() if each.axis == 1}
    parties = {
        row["DisplayName"]
        for kind in ("Customer", "Vendor")
        for row in reader.query(f"SELECT * FROM {kind} MAXRESULTS 1000")[kind]
    }
    assert parties == {each.name for each in reader.books.relations.values() if each.company == 1}
    for path in ("account/999", "invoice/1x", "companyinfo/1"):
        reply = reader.get(path)
        assert (reply.status, reply.error["code"]) == (400, "610")


def test_a_journal_entry_has_sides_and_remarks(reader: Client) -> None:
    rows = reader.query("SELECT * FROM JournalEntry MAXRESULTS 1000")["JournalEntry"]
    lines = [line for row in rows for line in row["Line"]]
    assert {line["DetailType"] for line in lines} == {"JournalEntryLineDetail", "DescriptionOnly"}
    assert all(line["Amount"] >= 0 for line in lines if "Amount" in line)
    for row in rows:
        sides = {"Debit": 0, "Credit": 0}
        for line in row["Line"]:
            if line["DetailType"] == "JournalEntryLineDetail":
                sides[line["JournalEntryLineDetail"]["PostingType"]] += line["Amount"]
        assert sides["Debit"] == row["TotalAmt"]
        assert sides["Debit"] == sides["Credit"] or row["CurrencyRef"]["value"] == "USD"


@pytest.mark.parametrize(
    ("statement", "code", "detail"),
    [
        ("SELECT * FORM Account", "4000", 'QueryParserError: Encountered " FORM " at line 1, column 10.'),
        ("SELECT * FROM Account WHERE Id 35", "4000", 'Encountered " 35 "'),
        ("SELECT * FROM Account WHERE Id = '3", "4000", 'Encountered " \' "'),
        ("SELECT * FROM Account MAXRESULTS 5 Id", "4000", 'Encountered " Id "'),
        ("", "4000", 'Encountered " <EOF> " at line 1, column 1.'),
        ("SELECT * FROM Accounts", "4001", "Metadata not found for Entity Accounts"),
        ("SELECT * FROM Account WHERE Colour = 'x'", "4001", "Property Colour not found for Entity Account"),
        ("SELECT * FROM Account MAXRESULTS 1001", "4001", "Max allowed value is 1000"),
        ("SELECT * FROM Account STARTPOSITION 0", "4001", "value 0 is too small. Min allowed value is 1"),
    ],
)
def test_statements_that_cannot_be_read_are_refused(
    reader: Client, statement: str, code: str, detail: str
) -> None:
    reply = reader.get("query", {"query": statement})
    assert (reply.status, reply.error["code"]) == (400, code)
    assert detail in reply.error["Detail"]
    assert reply.document["Fault"]["type"] == "ValidationFault"
