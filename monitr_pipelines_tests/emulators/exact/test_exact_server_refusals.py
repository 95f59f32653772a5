"""What the emulator refuses, and how often one may ask, seen through plain HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from exact_server_kit import FIRST, LINES, SECOND, Client, exact_server

from monitr_pipelines.emulators.frame.options import CLIENT_ID
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import MORNING, invented_books
from monitr_pipelines.emulators.shared.records import Share

BUDGET = 10
RATE = "X-RateLimit-"
MINUTELY = "X-RateLimit-Minutely-"


@pytest.fixture
def client() -> Iterator[Client]:
    with exact_server(invented_books()) as client:
        yield client


def filtered(path: str, text: str) -> str:
    return f"{path}?$filter={quote(text)}"


def milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp()) * 1000)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (filtered(LINES, "Date ge datetime'2025-01-01'"), "not supported: Date"),
        (filtered(LINES, "Timestamp gt 1L and FinancialYear eq 2025"), "not supported: FinancialYear"),
        (filtered(LINES, "Timestamp lt 5L"), "not supported for this resource"),
        (filtered(LINES, "Timestamp gt 1L or Timestamp gt 2L"), "not supported for this resource"),
        (filtered(LINES, "Timestamp gt '1'"), "Operator 'gt' incompatible with operand types"),
        (filtered(LINES, "Timestamp gt 3000000000"), "Unrecognized 'Edm.Int32' literal"),
        (filtered(LINES, "Timestamp gt 99999999999999999999L"), "Unrecognized 'Edm.Int64' literal"),
        (filtered(LINES, "Timestamp"), "Syntax error"),
        (filtered(LINES, "Timestamp gt 1L and"), "Syntax error"),
        (filtered(LINES, ""), "Syntax error"),
        (filtered("sync/Deleted", "EntityType eq 1"), "not supported: EntityType"),
        (filtered("financial/Journals", "Nothing eq 1"), "No property 'Nothing'"),
        (filtered("financial/Journals", "Code eq 5"), "Edm.String"),
        (filtered("financial/Journals", "ID eq '5'"), "Edm.Guid"),
        (filtered("financial/Journals", "Modified ge datetime'2025-13-01'"), "Unrecognized 'Edm.DateTime'"),
        (filtered("financial/Journals", "(" * 30 + "Code eq 'A'" + ")" * 30), "too deep"),
        (filtered("financial/Journals", "Code eq '" + "A" * 5000 + "'"), "too long"),
        (f"{LINES}?$select=ID,AmountDC,Nothing", "Could not find a property named 'Nothing'"),
        (f"{LINES}?$select=id", "Could not find a property named 'id'"),
        (f"{LINES}?$skiptoken=guid'00000001-0000-4000-8000-000000000001'", "skip token"),
        ("financial/Journals?$skiptoken=5L", "skip token"),
        ("financial/Journals?$skiptoken=", "Error in query syntax"),
        (f"{LINES}?$orderby=Date", "'$orderby' is not supported"),
        (f"{LINES}?$top=-1", "$top"),
        ("read/sync/Sync/SyncTimestamp?modified=datetime'2025-01-01'", "'endPoint' is missing"),
        ("read/sync/Sync/SyncTimestamp?modified='2025'&endPoint='GLAccounts'", "'modified' is not of type"),
        ("read/sync/Sync/SyncTimestamp?modified=datetime'2025-01-01'&endPoint='Costcenters'", "Costcenters"),
    ],
)
def test_queries_that_the_service_does_not_grant(client: Client, path: str, message: str) -> None:
    answer = client.get(path)
    assert answer.status == 400
    assert message in answer.message


def test_what_is_not_there_and_what_is_not_json(client: Client) -> None:
    assert client.get("financial/Nothing").status == 404
    assert client.get("financial/Nothing").message.startswith("Resource not found for the segment")
    assert client.get("sync/financial/TransactionLines").status == 404
    below = f"{client.server.address}/api/v1"
    for address in (f"{below}/{FIRST}/current/Me", f"{below}/{LINES}", f"{below}/north/{LINES}", below):
        assert client.get(address).status == 404
    assert client.get(LINES, Accept="*/*").status == 415
    posted = client.ask(
        "POST", f"{below}/{FIRST}/{LINES}", headers={"Authorization": f"Bearer {client.access}"}
    )
    assert (posted.status, posted.headers["Allow"]) == (405, "GET")


def test_a_division_that_is_none_of_ones_own_is_refused_by_name(client: Client) -> None:
    Bookkeeper(client.books).change_company(2, reachable=False)
    for division in (SECOND, 999):
        answer = client.get(LINES, division)
        assert (answer.status, answer.headers["Reason"]) == (403, "NoDivisionAccess")
        assert answer.message == "Forbidden - User division is not within division scope"
    assert client.get("system/Divisions", 999).status == 200, "the number in this address is not looked at"
    assert [row["Code"] for row in client.rows("system/Divisions")] == [FIRST]
    assert [row["Code"] for row in client.rows("system/AllDivisions")] == [FIRST, SECOND]


@pytest.mark.parametrize(
    "reason", ["BlockedUser", "InactiveUser", "BlockedCustomer", "LicenseExpired", "DivisionBlocked"]
)
def test_a_refusal_tells_its_reason(client: Client, reason: str) -> None:
    client.emulator.rights.reasons[FIRST] = reason
    answer = client.get(LINES)
    assert (answer.status, answer.headers["Reason"]) == (403, reason)
    assert client.get(LINES, SECOND).status == 200
    client.emulator.rights.reasons[None] = reason
    assert client.get("current/Me").headers["Reason"] == reason
    assert client.get(LINES, SECOND).status == 403


def test_a_scope_that_the_app_has_not_is_refused_and_missing_rights_show_nothing(client: Client) -> None:
    client.emulator.rights.unscoped.add("hrm/Costcenters")
    answer = client.get("hrm/Costcenters")
    assert (answer.status, answer.message) == (403, "Forbidden - Application Scope Violated. Cannot read")
    client.emulator.rights.hidden.update({LINES, "financial/Journals"})
    for path in (LINES, "financial/Journals"):
        assert client.get(path).document == {"d": {"results": []}}


def test_an_archived_division_says_so(client: Client) -> None:
    client.emulator.rights.archived[SECOND] = datetime(2026, 1, 2, 15, tzinfo=UTC)
    first, second = client.rows("system/Divisions?$select=Code,Status,ArchiveDate")
    assert (first["Status"], first["ArchiveDate"]) == (1, None)
    assert (second["Status"], second["ArchiveDate"]) == (
        2,
        f"/Date({milliseconds(datetime(2026, 1, 2, tzinfo=UTC))})/",
    )


def test_calls_are_counted_a_minute_and_a_day_for_each_division() -> None:
    with exact_server(invented_books(), calls_a_minute="2", calls_a_day="5") as client:
        first, second, third = (client.get("hrm/Costcenters") for _ in range(3))
        assert first.headers[MINUTELY + "Limit"] == "2"
        assert [each.headers[MINUTELY + "Remaining"] for each in (first, second, third)] == ["1", "0", "0"]
        assert (first.headers[RATE + "Limit"], first.headers[RATE + "Remaining"]) == ("5", "4")
        assert first.headers[MINUTELY + "Reset"] == milliseconds(MORNING + timedelta(minutes=1))
        assert first.headers[RATE + "Reset"] == milliseconds(datetime(2026, 1, 16, tzinfo=UTC))
        assert third.status == 429
        assert RATE + "Limit" not in third.headers, "a refusal for the minute tells nothing of the day"
        assert client.get("hrm/Costcenters", SECOND).status == 200, "another division has its own"
        client.books.clock.advance(timedelta(minutes=1))
        assert [client.get("hrm/Costcenters").status for _ in range(3)] == [200, 200, 429]
        client.books.clock.advance(timedelta(minutes=1))
        assert client.get("hrm/Costcenters").headers[RATE + "Remaining"] == "0"
        refused = client.get("hrm/Costcenters")
        assert refused.status == 429
        assert MINUTELY + "Limit" not in refused.headers
        assert refused.headers[RATE + "Remaining"] == "0"
        client.books.clock.advance(timedelta(days=1))
        client.access = client.emulator.tokens.grant_pair(CLIENT_ID).access
        assert client.get("hrm/Costcenters").status == 200


def test_ten_errors_an_hour_at_one_endpoint_block_the_app(client: Client) -> None:
    bad = f"{LINES}?$select=Nothing"
    for path in (bad, "nothing/here", "hrm/Costcenters?$top=x"):
        assert {client.get(path).status for _ in range(BUDGET - 1)} <= {400, 404}
    assert client.get(bad, SECOND).status == 400, "each endpoint of each division has its own budget"
    client.books.clock.advance(timedelta(minutes=5))
    assert client.get(bad).status == 400
    blocked = client.get("current/Me")
    assert blocked.status == 429
    assert not [name for name in blocked.headers if name.startswith(RATE)]
    client.books.clock.advance(timedelta(minutes=59, seconds=59))
    client.access = client.emulator.tokens.grant_pair(CLIENT_ID).access
    assert client.get("hrm/Costcenters").status == 429
    client.books.clock.advance(timedelta(seconds=1))
    assert client.get("hrm/Costcenters").status == 200
    for _ in range(BUDGET):
        client.get(bad)
    client.books.clock.advance(timedelta(hours=1, minutes=59))
    client.access = client.emulator.tokens.grant_pair(CLIENT_ID).access
    assert client.get("hrm/Costcenters").status == 429, "a second block lasts twice as long"
    client.books.clock.advance(timedelta(minutes=1))
    assert client.get("hrm/Costcenters").status == 200


def test_errors_that_lie_an_hour_apart_block_nobody(client: Client) -> None:
    bad = f"{LINES}?$select=Nothing"
    for _ in range(3):
        for _ in range(BUDGET - 1):
            assert client.get(bad).status == 400
        client.books.clock.advance(timedelta(hours=1))
        client.access = client.emulator.tokens.grant_pair(CLIENT_ID).access
    assert client.get("current/Me").status == 200


def test_refusals_for_lack_of_calls_are_no_errors() -> None:
    with exact_server(invented_books(), calls_a_minute="1") as client:
        assert [client.get("current/Me").status for _ in range(BUDGET + 3)] == [200] + [429] * (BUDGET + 2)
        client.books.clock.advance(timedelta(minutes=1))
        assert client.get("current/Me").status == 200


def test_a_line_that_several_values_share_has_no_form_here(client: Client) -> None:
    _, line = next(placed for placed in client.books.lines() if placed.entry.company == 1)
    Bookkeeper(client.books).change_line(line.id, shares=(Share((1,), 60_00), Share((2,), 40_00)))
    answer = client.get(f"{LINES}?$filter=Timestamp gt 1000073700001L")
    assert answer.status == 500
    assert "is divided" in answer.message


def test_the_books_begin_on_the_morning_that_these_figures_are_of(client: Client) -> None:
    assert client.books.clock.now().replace(microsecond=0) == MORNING
