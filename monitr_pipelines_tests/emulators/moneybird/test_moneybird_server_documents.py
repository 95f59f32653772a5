"""Documents tell by versions that they were changed, and by being missing that they are gone."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from moneybird_server_kit import Client, Row, moneybird_server

from monitr_pipelines.emulators.moneybird.forms import identifier
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import Size, invented_books
from monitr_pipelines.emulators.shared.records import Entry, State

FAMILIES = {
    "S": "sales_invoices",
    "P": "documents/purchase_invoices",
    "B": "financial_mutations",
    "ZYM": "documents/general_journal_documents",
}
EVER = "period:20200101..20301231"


@pytest.fixture
def client() -> Iterator[Client]:
    with moneybird_server(invented_books(Size(entries_per_month=2))) as client:
        yield client


def versions(client: Client, family: str, condition: str = EVER) -> dict[str, int]:
    rows = client.rows(f"{family}/synchronization", filter=condition)
    return {row["id"]: row["version"] for row in rows}


def all_versions(client: Client) -> dict[str, int]:
    return {each: told for family in FAMILIES.values() for each, told in versions(client, family).items()}


def whole(client: Client, family: str, *entries: Entry) -> list[Row]:
    asked = {"ids": [identifier("document", entry.id) for entry in entries]}
    reply = client.call("POST", f"{family}/synchronization", json=asked)
    assert reply.status == 200, reply.content
    return list(reply.document)


def entries_of(client: Client, kinds: str) -> list[Entry]:
    """Those of the first company that are not cancelled, by the kinds of their journals."""
    journals = client.books.journals
    return [
        each
        for each in client.books.company_entries(1)
        if journals[each.journal].kind in kinds and each.state is not State.CANCELLED
    ]


@pytest.mark.parametrize("kinds", FAMILIES)
def test_a_family_lists_its_entries_drafts_too(client: Client, kinds: str) -> None:
    entries = entries_of(client, kinds)
    listed = versions(client, FAMILIES[kinds])
    assert listed == {identifier("document", each.id): each.stamp.time // 10**6 for each in entries}
    assert len(entries) > 3


def test_families_without_documents_are_empty(client: Client) -> None:
    for family in ("documents/receipts", "documents/typeless_documents", "external_sales_invoices"):
        assert versions(client, family) == {}


def test_without_a_filter_this_year_is_listed_and_states_and_periods_narrow_it(client: Client) -> None:
    family = FAMILIES["S"]
    client.books.clock.advance(timedelta(days=-365))
    sales = entries_of(client, "S")
    this_year = {identifier("document", each.id) for each in sales if each.day.year == 2025}
    assert {row["id"] for row in client.rows(f"{family}/synchronization")} == this_year
    march = {identifier("document", each.id) for each in sales if f"{each.day:%Y%m}" == "202403"}
    assert set(versions(client, family, "period:202403..202403,unknown:1")) == march
    drafts = {identifier("document", each.id) for each in sales if each.state is State.DRAFT}
    assert set(versions(client, family, "state:draft|late")) == drafts
    wrong = client.get(f"{family}/synchronization", filter="state:nice")
    assert (wrong.status, wrong.document["symbolic"]) == (400, {"filter": "invalid"})
    assert client.error(f"{family}/synchronization", filter="reference:7") == (
        400,
        "The filter reference is not emulated",
    )


def test_edits_give_the_second_of_the_change_as_version_and_deletions_nothing(client: Client) -> None:
    keeper = Bookkeeper(client.books)
    edited, deleted, cancelled, other = entries_of(client, "P")[:4]
    before = all_versions(client)
    keeper.change_line(edited.lines[0].id, text="another text")
    keeper.delete(deleted.id)
    keeper.set_state(cancelled.id, State.CANCELLED)
    after = all_versions(client)
    now = client.books.clock.microseconds() // 10**6
    assert {each: after.get(each) for each in before if after.get(each) != before[each]} == {
        identifier("document", edited.id): now,
        identifier("document", deleted.id): None,
        identifier("document", cancelled.id): None,
    }
    keeper.change_line(edited.lines[0].id, text="within the same second")
    assert all_versions(client) == after
    found = whole(client, FAMILIES["P"], edited, deleted, other)
    assert [row["id"] for row in found] == [identifier("document", each.id) for each in (edited, other)]
    recent = versions(client, FAMILIES["P"], f"{EVER},updated_after:2026-01-01T00:00:00Z")
    assert set(recent) == {identifier("document", edited.id)}


@pytest.mark.parametrize("kinds", FAMILIES)
def test_documents_are_whole_objects(client: Client, kinds: str) -> None:
    entry = next(each for each in entries_of(client, kinds) if each.state is State.POSTED)
    (document,) = whole(client, FAMILIES[kinds], entry)
    assert entry.day.isoformat() in (document.get("date"), document.get("invoice_date"))
    rows = next(
        document[name]
        for name in ("details", "ledger_account_bookings", "general_journal_document_entries")
        if name in document
    )
    accounts = {identifier("ledger_account", line.account or 0) for line in entry.lines}
    assert {row["ledger_account_id"] for row in rows} <= accounts
    assert rows


def test_a_hundred_documents_are_given_at_once_and_wrong_questions_are_refused(client: Client) -> None:
    entries = entries_of(client, "ZYM")
    asked = [*([entries[0]] * 100), entries[1]]
    assert len(whole(client, FAMILIES["ZYM"], *asked)) == 1
    path = f"{FAMILIES['ZYM']}/synchronization"
    for body, told in (({}, "Ids is required"), ({"ids": "1"}, "Ids isn't an array")):
        refused = client.call("POST", path, json=body)
        assert (refused.status, refused.document["error"]) == (400, told)


def test_contacts_have_versions_too(client: Client) -> None:
    before = {row["id"]: row["version"] for row in client.rows("contacts/synchronization")}
    Bookkeeper(client.books).rename_relation(1, "Other NV")
    after = {row["id"]: row["version"] for row in client.rows("contacts/synchronization")}
    (changed,) = (each for each in after if after[each] != before[each])
    (row,) = client.call("POST", "contacts/synchronization", json={"ids": [changed]}).document
    assert (row["company_name"], row["version"]) == ("Other NV", after[changed])


def test_an_administration_tells_its_lock_and_its_first_year(client: Client) -> None:
    Bookkeeper(client.books).lock_through(1, date(2024, 12, 31))
    rows = client.rows("administrations")
    assert [(row["period_locked_until"], row["period_start_date"]) for row in rows] == [
        ("2024-12-31", "2024-01-01"),
        (None, "2024-01-01"),
    ]
    assert {(row["country"], row["currency"], row["time_zone"]) for row in rows} == {
        ("BE", "EUR", "Europe/Brussels")
    }
