"""Change data capture: what changed, what is gone, and how far back it tells."""

from datetime import date, timedelta

import pytest
from edits_kit import Edit, History
from quickbooks_server_kit import Client, Row, ledger_of, sale

from monitr_pipelines.emulators.quickbooks import changes
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.records import State

MORNING = "2026-01-15T00:00:00-08:00"


def invoices(client: Client, since: str = MORNING) -> list[Row]:
    (told,) = client.changed("Invoice", since)
    return list(told.get("Invoice", []))


def test_what_is_booked_and_changed_is_told_whole(client: Client) -> None:
    keeper = Bookkeeper(client.books)
    assert client.changed("Invoice,Account", MORNING) == [{}, {}], "an empty object each"
    entry = keeper.add(sale(client.books, date(2025, 11, 7)))
    (told, nothing) = client.changed("Invoice,JournalEntry", MORNING)
    (row,) = told["Invoice"]
    assert nothing == {}
    assert (told["startPosition"], told["maxResults"]) == (1, 1)
    assert (row["Id"], row["TxnDate"], row["SyncToken"]) == (str(entry.id), "2025-11-07", "0")
    assert row["MetaData"]["LastUpdatedTime"] == MORNING
    assert "status" not in row
    client.books.clock.advance(timedelta(minutes=30))
    keeper.change_line(entry.lines[0].id, text="Other")
    (row,) = invoices(client, "2026-01-15T08:10:00Z")
    assert row["Line"][0]["Description"] == "Other"
    assert row["MetaData"] == {"CreateTime": MORNING, "LastUpdatedTime": "2026-01-15T00:30:00-08:00"}
    assert invoices(client, "2026-01-15T09:31:00+01:00") == []


def test_what_is_gone_is_told_behind_the_others_without_date_and_amount(client: Client) -> None:
    keeper = Bookkeeper(client.books)
    deleted, unposted, voided = (keeper.add(sale(client.books)) for _ in range(3))
    before = {row["Id"]: row for row in invoices(client)}
    assert before.keys() == {str(each.id) for each in (deleted, unposted, voided)}
    keeper.delete(deleted.id)
    keeper.set_state(unposted.id, State.DRAFT)
    keeper.set_state(voided.id, State.CANCELLED)
    there, *gone = invoices(client)
    assert (there["Id"], there["TotalAmt"], there["PrivateNote"]) == (str(voided.id), 0, "Voided")
    assert {line["Amount"] for line in there["Line"]} == {0}
    assert {each["Id"] for each in gone} == {str(deleted.id), str(unposted.id)}
    for each in gone:
        assert each.keys() == {"domain", "status", "Id", "MetaData"}
        assert (each["status"], each["MetaData"]) == ("Deleted", {"LastUpdatedTime": MORNING})
    keeper.set_state(unposted.id, State.POSTED)
    assert {row["Id"] for row in invoices(client) if "status" not in row} == {
        str(voided.id),
        str(unposted.id),
    }


EDITS = (
    *("add", "add late", "commit", "delete", "redate", "state"),
    *("replace lines", "amounts", "account", "shares", "move"),
)


def test_whatever_changes_in_the_ledger_is_told(client: Client) -> None:
    history, kinds = History(client.books), "Invoice,Bill,Purchase,JournalEntry"
    for step in range(4):
        before, since = set(client.ledger()), client.books.clock.now().replace(microsecond=0).isoformat()
        history.apply([Edit(kind, 31 * step + nth, 977 * step + nth) for nth, kind in enumerate(EDITS)])
        after = set(client.ledger())
        assert sorted(client.ledger()) == ledger_of(client.books)
        different = {row.transaction for row in before ^ after}
        rows = [row for each in client.changed(kinds, since) for row in each.get(next(iter(each), ""), [])]
        assert different
        assert different <= {row["Id"] for row in rows}
        gone = {row.transaction for row in before} - {row.transaction for row in after}
        assert gone <= {row["Id"] for row in rows if "status" in row}
        client.books.clock.advance(timedelta(minutes=5))


def test_an_entry_that_is_committed_late_has_an_earlier_time(client: Client) -> None:
    keeper = Bookkeeper(client.books)
    late = keeper.add(sale(client.books), commit=False)
    client.books.clock.advance(timedelta(minutes=30))
    early = keeper.add(sale(client.books))
    assert [row["Id"] for row in invoices(client)] == [str(early.id)]
    keeper.commit(late.id)
    assert [row["Id"] for row in invoices(client)] == [str(late.id), str(early.id)], "by their changes"
    assert [row["Id"] for row in invoices(client, "2026-01-15T00:10:00-08:00")] == [str(early.id)]


def test_accounts_and_classes_change_too(client: Client) -> None:
    keeper = Bookkeeper(client.books)
    client.books.clock.advance(timedelta(minutes=1))
    keeper.change_account(1, archived=True)
    keeper.change_value(next(iter(client.books.values)), name="Other")
    told = {
        name: rows
        for each in client.changed("Account,Class,Department", MORNING)
        for name, rows in each.items()
    }
    (account,), (location,) = told["Account"], told["Department"]
    assert (account["Active"], account["Name"]) == (False, "Geplaatst kapitaal (deleted)")
    assert location["Name"] == "Other"


@pytest.mark.parametrize(
    ("entities", "since", "detail"),
    [
        ("Invoice", "2025-12-15T07:59:59Z", "older than fixed days is not supported"),
        ("Invoice", "yesterday", "no date or time"),
        ("Invoice,TaxCode", MORNING, "'TaxCode' is not supported"),
        ("", MORNING, "is not supported"),
    ],
)
def test_what_cannot_be_told_is_refused(reader: Client, entities: str, since: str, detail: str) -> None:
    reply = reader.get("cdc", {"entities": entities, "changedSince": since})
    assert reply.status == 400
    assert detail in reply.error["Detail"]


def test_thirty_days_and_a_date_alone_are_allowed(reader: Client) -> None:
    assert reader.changed("Invoice", "2025-12-16T08:00:00Z")
    assert reader.changed("Invoice", "2025-12-17")


def test_an_answer_holds_so_many_objects_and_does_not_say_that_there_are_more(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST", 3)
    keeper = Bookkeeper(client.books)
    booked = [keeper.add(sale(client.books)) for _ in range(2)]
    keeper.change_account(1, name="A")
    keeper.change_account(2, name="B")
    (told, accounts) = client.changed("Invoice,Account", MORNING)
    assert [row["Id"] for row in told["Invoice"]] == [str(each.id) for each in booked]
    assert (accounts["maxResults"], len(accounts["Account"])) == (1, 1)


def test_a_fault_may_stand_in_an_answer_that_succeeds(client: Client) -> None:
    client.emulator.changes.broken.add("Bill")
    reply = client.get("cdc", {"entities": "Invoice,Bill", "changedSince": MORNING})
    assert reply.status == 200
    (response,) = reply.document["CDCResponse"]
    assert response["Fault"]["Error"][0]["code"] == "10000"
