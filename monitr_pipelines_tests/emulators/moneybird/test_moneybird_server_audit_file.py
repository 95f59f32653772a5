"""The audit file that the software exports is read by our reader of such files, and is the same ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from moneybird_server_kit import FIRST, SECOND, SUMS, Client, ledger_of, moneybird_server, sums_in

from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import Size, invented_books
from monitr_pipelines.files import ReadSettings, open_ledger_file
from monitr_pipelines.ledger.changes import Delete
from monitr_pipelines.ledger.records import LedgerLine

EXPORT, LIST = "reports/export/auditfile", "downloads"
RETAINED = "140000"


@pytest.fixture
def client() -> Iterator[Client]:
    with moneybird_server(invented_books(Size(entries_per_month=2))) as client:
        yield client


def exported(client: Client, year: int) -> list[LedgerLine]:
    """The lines of a year's audit file, as our reader finds them."""
    assert client.call("POST", EXPORT, json={"year": str(year)}).status == 204
    newest = client.rows(LIST, download_type="auditfile", downloaded="false")[0]
    sent = client.call("POST", f"{LIST}/{newest['id']}/download")
    assert sent.status == 302
    file = client.ask("GET", sent.headers["Location"])
    assert file.status == 200
    read = open_ledger_file(BytesIO(file.content), ReadSettings(content_hash="0" * 64))
    return [line for each in read.changes() if not isinstance(each, Delete) for line in each.lines]


def test_the_years_of_audit_files_are_the_ledger_and_open_with_balances(client: Client) -> None:
    codes = {row["id"]: row["account_id"] for row in client.rows("ledger_accounts")}
    years = {year: exported(client, year) for year in (2024, 2025)}
    found = Counter(
        (
            line.booking_date.isoformat(),
            line.account_code,
            line.amount,
            line.description,
            dict(line.axes).get("project"),
        )
        for lines in years.values()
        for line in lines
        if not line.opening
    )
    assert found == Counter(
        (day, codes[str(account)], amount, text or None, project)
        for _, day, account, amount, text, project, _ in ledger_of(client.books)
    )
    assert not any(line.opening for line in years[2024])
    opened: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in years[2025]:
        if line.opening:
            opened[line.account_code] += line.amount
    start = sums_in(client.get(SUMS, period="202501").document, "start_balance")
    balances = {codes[each]: value for each, value in start.items()}
    result = -sum(balances.values())
    assert opened == balances | {RETAINED: balances[RETAINED] + result}


def test_what_cannot_be_exported(client: Client) -> None:
    for body, told in (
        ({}, "year is missing"),
        ({"year": "last"}, "year is invalid"),
        ({"year": "9" * 5000}, "year is invalid"),
        ({"year": "2025", "version": "5"}, "version does not have a valid value"),
        ({"year": "1999"}, "Period contains no journal entries"),
    ):
        refused = client.call("POST", EXPORT, json=body)
        assert (refused.status, refused.document["error"]) == (400, told)
    Bookkeeper(client.books).change_account(1, code="550000")
    twice = client.call("POST", EXPORT, json={"year": "2025"})
    assert twice.document["symbolic"] == {"base": "missing_or_duplicate_account_ids"}
    client.emulator.rights.missing.add("bank")
    assert client.call("POST", EXPORT, json={"year": "2025"}).status == 401
    assert client.error(LIST, download_type="everything") == (
        400,
        "download_type does not have a valid value",
    )


def test_links_live_for_half_a_minute_and_files_are_of_their_administration(client: Client) -> None:
    client.call("POST", EXPORT, json={"year": "2025"})
    (listed,) = client.rows(LIST)
    assert (listed["downloaded"], listed["filename"]) == (False, "auditfile-2025.xaf")
    assert client.rows(LIST, SECOND) == []
    assert client.call("POST", f"{LIST}/{listed['id']}/download", SECOND).status == 404
    link = client.call("POST", f"{LIST}/{listed['id']}/download", FIRST).headers["Location"]
    assert client.rows(LIST, downloaded="false") == []
    client.books.clock.advance(timedelta(seconds=30))
    assert client.ask("GET", link).status == 403
