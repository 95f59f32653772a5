"""What a client makes of the answers is the ledger of the books, whatever happens between two of them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from edits_kit import KINDS, Edit, History
from octopus_server_kit import (
    BEGINNING,
    FIRST,
    SECOND,
    Client,
    Row,
    fresh_books,
    key_of,
    ledger_in,
    ledger_of,
    octopus_server,
    stamp,
)

from monitr_pipelines.emulators.octopus.forms import double, exchange_rate
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import Size, invented_books
from monitr_pipelines.emulators.shared.records import Entry, NewEntry, NewLine, Share, State
from monitr_pipelines.ledger.records import AccountType

MOMENT = timedelta(milliseconds=1)
# A line that several values share has no form here.
NOT_SHOWN = ("split",)


@pytest.fixture
def client() -> Iterator[Client]:
    with octopus_server(fresh_books()) as client:
        yield client


def keeper(client: Client) -> Bookkeeper:
    return Bookkeeper(client.books)


def posted(client: Client, journal: int = 2) -> Entry:
    """The first posted entry of a journal: sales unless another is said."""
    return next(
        each
        for each in client.books.entries.values()
        if each.journal == journal and each.state is State.POSTED and each.day.month < 12
    )


def sale(client: Client, day: date = date(2026, 1, 5)) -> NewEntry:
    accounts = {each.code: each.id for each in client.books.accounts.values() if each.company == 1}
    lines = (NewLine(accounts["400000"], 121_00), NewLine(accounts["700000"], -121_00))
    return NewEntry(company=1, journal=2, day=day, lines=lines)


def documents(rows: list[Row]) -> dict[tuple[int, int, int, int], list[Row]]:
    found: dict[tuple[int, int, int, int], list[Row]] = defaultdict(list)
    for row in rows:
        found[key_of(row)].append(row)
    return found


def key(client: Client, entry: Entry) -> tuple[int, int, int, int]:
    """The key of an entry that is shown, by its number."""
    digits = int("".join(each for each in entry.number if each.isdigit()))
    return next(each for each in documents(client.everything()) if each[1] == 2 and each[3] == digits)


@pytest.mark.parametrize(("dossier", "company"), [(FIRST, 1), (SECOND, 2)])
def test_bookyears_and_types_together_are_the_ledger(client: Client, dossier: int, company: int) -> None:
    rows = client.everything(dossier)
    assert ledger_in(rows) == ledger_of(client.books, company)
    assert {row["currencyCode"] for row in rows} == {"EUR", "USD"}
    for lines in documents(rows).values():
        assert sum(Decimal(row["bookingAmount"]) for row in lines) == 0
        first, last = rows.index(lines[0]), rows.index(lines[-1])
        assert rows[first : last + 1] == lines, "the lines of a document stand together"


def test_large_books_too() -> None:
    with octopus_server(invented_books(Size(lines=3_000))) as client:
        assert ledger_in(client.everything()) == ledger_of(client.books)


def test_numbers_of_lines_do_not_tell_those_of_an_invoice_apart(client: Client) -> None:
    by_type: dict[int, list[list[int]]] = defaultdict(list)
    for (_, kind, *_), lines in documents(client.everything()).items():
        by_type[kind].append([row["lineSequenceNr"] for row in lines])
    assert [-1, 1, 1] in by_type[2]
    assert [1, 1, -1] in by_type[1]
    assert all(numbers == list(range(1, len(numbers) + 1)) for kind in (3, 4) for numbers in by_type[kind])


def test_journals_have_a_letter_and_a_number(client: Client) -> None:
    rows = client.get("bookyears/25/journals").document
    assert {row["name"]: row["journalKey"] for row in rows} == {
        "Openingsbalans": "D1",
        "Verkopen": "V1",
        "Aankopen": "A1",
        "Bank": "F1",
        "Lonen": "D2",
        "Diverse verrichtingen": "D3",
    }
    highest = max(each[3] for each in documents(client.everything()) if each[:3] == (25, 2, 1))
    assert {row["journalKey"]: row["lastBookedDocumentNr"] for row in rows}["V1"] == highest


def test_nothing_modified_is_a_404_of_its_own(client: Client) -> None:
    for reply in (
        client.bookings(-1, -1, client.now()),
        client.bookings(27, 1, BEGINNING),
        client.bookings(99, 1, BEGINNING),
    ):
        assert (reply.status, reply.told) == (404, "No modified bookings found")


def test_a_document_is_answered_whole_when_one_line_of_it_changed(client: Client) -> None:
    entry, before = posted(client), client.now()
    keeper(client).change_line(entry.lines[0].id, text="Corrected", shares=())
    modified, deleted = client.changes(before)
    assert deleted == []
    assert [row["comment"] for row in modified] == ["Corrected", *(line.text for line in entry.lines[1:])]


def test_a_deleted_document_is_told_for_its_bookyear_and_type(client: Client) -> None:
    entry, before = posted(client), client.now()
    gone = key(client, entry)
    keeper(client).delete(entry.id)
    modified, deleted = client.changes(before)
    assert (modified, list(map(key_of, deleted))) == ([], [gone])
    assert list(map(key_of, client.bookings(25, 2, before).document["deletedBookings"])) == [gone]
    for other in (client.bookings(26, 2, before), client.bookings(25, 1, before)):
        assert other.status == 404


@pytest.mark.parametrize("how", ["redate", "renumber", "draft"])
def test_a_key_that_an_entry_gave_up_is_deleted(client: Client, how: str) -> None:
    entry, before = posted(client), client.now()
    old = key(client, entry)
    if how == "redate":
        keeper(client).redate(entry.id, date(2025, 3, 3))
    elif how == "renumber":
        keeper(client).renumber(entry.id, "VKP/2024/01/0777")
    else:
        keeper(client).set_state(entry.id, State.DRAFT)
    modified, deleted = client.changes(before)
    assert list(map(key_of, deleted)) == [old]
    assert (
        set(documents(modified))
        == {
            "redate": {(26, *old[1:])},
            "renumber": {(*old[:3], 2024010777)},
            "draft": set(),
        }[how]
    )


def test_a_key_that_was_given_again_is_in_both_lists(client: Client) -> None:
    before = client.now()
    first = keeper(client).add(sale(client))
    (known,) = documents(client.changes(before)[0])
    keeper(client).delete(first.id)
    keeper(client).add(sale(client))
    modified, deleted = client.changes(before)
    assert set(documents(modified)) == set(map(key_of, deleted)) == {known}


def test_what_was_written_is_found_at_that_time_although_it_was_committed_later(client: Client) -> None:
    late = keeper(client).add(sale(client), commit=False)
    client.books.clock.advance(timedelta(minutes=9))
    before = client.now()
    keeper(client).commit(late.id)
    assert client.changes(before) == ([], [])
    written = client.books.clock.now() - timedelta(minutes=10)
    assert len(client.changes(stamp(written))[0]) == 2


def test_a_range_has_its_beginning_and_not_its_end(client: Client) -> None:
    moments = []
    for _ in range(2):
        keeper(client).add(sale(client))
        moments.append(client.books.clock.now())
    first, second = map(stamp, moments)
    assert len(client.changes(first)[0]) == 4
    assert len(client.changes(first, modifiedTimeStampTo=second)[0]) == 2
    assert len(client.changes(second)[0]) == 2
    assert client.changes(stamp(moments[1] + MOMENT)) == ([], [])


def test_the_clock_hangs_where_the_option_says() -> None:
    with octopus_server(fresh_books(), zone="UTC") as client:
        moment = client.books.clock.now()
        keeper(client).add(sale(client))
        assert client.changes(stamp(moment)) == ([], []), "an hour later on the wall of Brussels"
        assert len(client.changes(f"{moment:%Y-%m-%d %H:%M:%S}.000")[0]) == 2


def test_an_account_with_another_number_modifies_its_documents(client: Client) -> None:
    account = next(each for each in client.books.accounts.values() if each.code == "700000")
    before = client.now()
    keeper(client).change_account(account.id, code="700100")
    modified, _ = client.changes(before)
    assert {700100} < {row["accountKey"] for row in modified}
    assert ledger_in(client.everything()) == ledger_of(client.books)
    told = client.get("accounts/modified", modifiedTimeStamp=before).document
    numbers = {(row["accountKey"]["bookyearKey"]["id"], row["accountKey"]["id"]) for row in told["modified"]}
    assert numbers == {(year, 700100) for year in (25, 26, 27)}
    assert {row["accountKey"]["id"] for row in told["deleted"]} == {700000}


def test_accounts_are_those_of_the_books_for_each_bookyear(client: Client) -> None:
    own = {int(each.code): each.name for each in client.books.accounts.values() if each.company == 1}
    for bookyear in (25, 27):
        rows = client.get("accounts", bookyearId=bookyear).document
        assert {row["accountKey"]["id"]: row["description"]["description_NL"] for row in rows} == own
    assert client.get("accounts", bookyearId=99).told == "No accounts found"
    before = client.now()
    assert client.get("accounts/modified", modifiedTimeStamp=before).told == "No modified accounts found"
    new = keeper(client).add_account(1, "699000", "Other", AccountType.PROFIT_AND_LOSS)
    assert len(client.get("accounts/modified", modifiedTimeStamp=before).document["modified"]) == 3
    keeper(client).delete_account(new.id)
    told = client.get("accounts/modified", modifiedTimeStamp=before).document
    assert (told["modified"], len(told["deleted"])) == ([], 3)


def amounts(rows: list[Row]) -> dict[tuple[int, int], Decimal]:
    return {
        (
            row["accountAmountKey"]["bookyearPeriodKey"]["bookyearPeriodNr"],
            row["accountAmountKey"]["accountKey"]["id"],
        ): Decimal(row["balance"])
        for row in rows
    }


def test_amounts_are_the_sums_of_the_lines_and_tell_their_changes(client: Client) -> None:
    sums: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for row in client.everything():
        sums[row["bookyearPeriodeNr"], row["accountKey"]] += Decimal(row["bookingAmount"])
    assert amounts(client.get("accounts/amounts/modified").document["modified"]) == sums
    closing: dict[str, Decimal] = defaultdict(Decimal)
    for (period, account), amount in sums.items():
        if str(account)[0] in "12345" or period > 202500:
            closing[str(account)] += amount
    assert {code: each for code, each in closing.items() if each} == client.books.trial_balance(
        1, date(2025, 12, 31)
    )
    before = client.now()
    assert client.get("accounts/amounts/modified", modifiedTimeStamp=before).status == 404
    entry = keeper(client).add(sale(client))
    told = client.get("accounts/amounts/modified", modifiedTimeStamp=before).document
    assert amounts(told["modified"]) == {(202601, 400000): 121, (202601, 700000): -121}
    keeper(client).delete(entry.id)
    told = client.get("accounts/amounts/modified", modifiedTimeStamp=before).document
    assert (told["modified"], amounts(told["deleted"])) == (
        [],
        {(202601, 400000): 0, (202601, 700000): 0},
    )


@pytest.mark.parametrize(("bookings", "balances"), [("credit", "debit"), ("debit", "credit")])
def test_signs_are_as_chosen(bookings: str, balances: str) -> None:
    with octopus_server(fresh_books(), bookings=bookings, balances=balances) as client:
        before = client.now()
        keeper(client).add(sale(client))
        line, _ = client.changes(before)[0]
        told = client.get("accounts/amounts/modified", modifiedTimeStamp=before).document["modified"]
    sign = -1 if bookings == "credit" else 1
    assert (line["bookingAmount"], line["documentAmount"]) == (sign * 121, sign * 121)
    assert amounts(told)[202601, 400000] == -sign * 121


def test_bookyears_run_to_that_of_today_and_close(client: Client) -> None:
    years = client.get("bookyears").document
    assert [(year["bookyearKey"]["id"], year["startDate"], year["closed"]) for year in years] == [
        (25, "2024-01-01", False),
        (26, "2025-01-01", False),
        (27, "2026-01-01", False),
    ]
    assert [period["bookyearPeriod"] for period in years[0]["periods"]] == list(range(202401, 202413))
    assert years[0]["periods"][1]["endDate"] == "2024-02-29"
    keeper(client).lock_through(1, date(2025, 6, 30))
    keeper(client).redate(posted(client).id, date(2023, 12, 31))
    years = client.get("bookyears").document
    assert [(year["bookyearKey"]["id"], year["closed"]) for year in years] == [
        (24, True),
        (25, True),
        (26, False),
        (27, False),
    ]


def test_cost_centres_are_the_first_axis_and_one_of_them_a_line(client: Client) -> None:
    rows = client.get("costcentres").document
    assert [row["description"]["description_FR"] for row in rows] == [
        "Sales",
        "Operations",
        "Administration",
        "Marketing",
    ]
    keeper(client).change_value(rows[0]["costCentreKey"]["id"], archived=True)
    assert [row["closed"] for row in client.get("costcentres").document] == [True, False, False, False]
    assert len(client.get("costcentres/active").document) == 3
    before, line = client.now(), posted(client).lines[1]
    keeper(client).change_line(line.id, shares=(Share((1,), 60_00), Share((2,), 40_00)))
    refused = client.bookings(-1, -1, before)
    assert refused.status == 500
    assert "is divided" in refused.told


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (0, "0.0"),
        (121_00, "121.0"),
        (-60_50, "-60.5"),
        (7, "0.07"),
        (9_999_999_99, "9999999.99"),
        (10_000_000_00, "1.0E7"),
        (-123_456_789_01, "-1.2345678901E8"),
    ],
)
def test_amounts_are_written_as_java_writes_doubles(cents: int, text: str) -> None:
    assert double(cents) == text
    assert Decimal(text) == Decimal(cents).scaleb(-2)


def test_a_rate_times_the_foreign_amount_is_the_amount() -> None:
    assert exchange_rate(100, 108) == "0.925926"
    assert exchange_rate(5, 5) == exchange_rate(0, 0) == "1.0"
    assert exchange_rate(200, 100) == "2.0"


@pytest.mark.parametrize("seed", range(2))
def test_increments_applied_by_key_end_in_what_is_read_anew(client: Client, seed: int) -> None:
    """Deletions first; and three hours further back than the last time, as transactions end late."""
    random = Random(seed)  # noqa: S311 - which edits, not secrets
    history = History(client.books)
    known = documents(client.everything())
    sums = amounts(client.get("accounts/amounts/modified").document["modified"])
    for _ in range(3):
        since = stamp(client.books.clock.now() - timedelta(hours=3))
        kinds = random.choices([kind for kind in KINDS if kind not in NOT_SHOWN], k=30)
        history.apply([Edit(kind, random.randrange(10**6), random.randrange(10**6)) for kind in kinds])
        client.books.clock.advance(timedelta(hours=1))
        client.sign_in()
        modified, deleted = client.changes(since)
        for gone in map(key_of, deleted):
            known.pop(gone, None)
        known |= documents(modified)
        told = client.get("accounts/amounts/modified", modifiedTimeStamp=since).document
        sums = {cell: each for cell, each in sums.items() if cell not in amounts(told["deleted"])}
        sums |= amounts(told["modified"])
    assert known == documents(client.everything())
    assert sums == amounts(client.get("accounts/amounts/modified").document["modified"])
    assert ledger_in(row for rows in known.values() for row in rows) == ledger_of(client.books)
