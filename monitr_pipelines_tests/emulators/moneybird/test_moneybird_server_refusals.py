"""What Moneybird refuses, in its words, and how often it lets a program ask."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from moneybird_server_kit import ENTRIES, FIRST, SECOND, SUMS, Client, moneybird_server

from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.frame.faults import on_path
from monitr_pipelines.emulators.moneybird.forms import identifier
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.clock import EPOCH
from monitr_pipelines.emulators.shared.invented import Size, invented_books

ACCOUNT = identifier("ledger_account", 1)
ONE = {"period": "202501", "ledger_account_id": ACCOUNT}


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    with moneybird_server(invented_books(Size(entries_per_month=2))) as client:
        yield client


@pytest.fixture
def client() -> Iterator[Client]:
    with moneybird_server(invented_books(Size(entries_per_month=2))) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (
            {"ledger_account_id": ""},
            "at least a contact_id, project_id or ledger_account_id is required",
        ),
        ({"account_type": "revenue"}, "when account_type is present, a contact_id or project_id is required"),
        ({"account_type": "assets", "contact_id": "null"}, "account_type does not have a valid value"),
        ({"period": "2025"}, "Period is invalid"),
        ({"period": "202513"}, "Period is invalid"),
        ({"period": "20250101..20250130"}, "Period is invalid"),
        ({"period": "99991230..99991231"}, "Period is invalid"),
        ({"period": "202502..202501"}, "Period is invalid"),
        ({"period": "202501.."}, "Period must have both a start and end date"),
        ({"period": "202501..202502"}, "Period cannot exceed 1 month"),
        ({"period": "this_year"}, "Period cannot exceed 1 month"),
        ({"per_page": "101"}, "per_page does not have a valid value"),
        ({"per_page": "many"}, "per_page is invalid, per_page does not have a valid value"),
        ({"page": "0"}, "page does not have a valid value"),
        ({"page": "first"}, "page is invalid"),
    ],
)
def test_parameters_of_journal_entries(shared: Client, query: dict[str, str], told: str) -> None:
    assert shared.error(ENTRIES, **(ONE | query)) == (400, told)


@pytest.mark.parametrize(
    "period", ["202501..202501", "20250101..20250131", "this_month", "prev_month", "next_month"]
)
def test_a_month_has_several_names(shared: Client, period: str) -> None:
    """The clock stands in January 2026."""
    assert shared.get(ENTRIES, **(ONE | {"period": period})).status == 200


def test_general_ledgers_are_of_a_year_at_most(shared: Client) -> None:
    assert shared.error(SUMS, period="202501..202601") == (400, "Period cannot exceed 12 months")
    assert shared.get(SUMS, period="prev_year").document == shared.get(SUMS, period="202501..202512").document
    quarter = shared.get(SUMS, period="prev_quarter").document
    assert quarter == shared.get(SUMS, period="202510..202512").document


@pytest.mark.parametrize("path", ["projects", "contacts", "downloads"])
def test_lists_have_a_hundred_rows_a_page_at_most(shared: Client, path: str) -> None:
    assert shared.error(path, per_page="101") == (400, "per_page does not have a valid value")


@pytest.mark.parametrize(
    ("missing", "path", "told"),
    [
        ("bank", SUMS, "No access to bank"),
        ("documents", ENTRIES, "No access to sales_invoices and documents"),
        ("settings", "projects", "No access to settings"),
        ("sales_invoices", "sales_invoices/synchronization", "No access to sales_invoices"),
        ("bank", "financial_mutations/synchronization", "No access to bank"),
    ],
)
def test_rights_that_the_person_has_not(client: Client, missing: str, path: str, told: str) -> None:
    client.emulator.rights.missing.add(missing)
    assert client.error(path, **ONE) == (401, told)
    assert client.get("ledger_accounts").status == 200


def test_administrations_that_are_gone_suspended_or_unknown(client: Client) -> None:
    assert [row["id"] for row in client.rows("administrations")] == [FIRST, SECOND]
    client.emulator.rights.suspended.add(1)
    assert client.error("projects") == (401, "Administration is suspended")
    listed = {row["id"]: row["suspended"] for row in client.rows("administrations")}
    assert listed == {FIRST: True, SECOND: False}
    Bookkeeper(client.books).change_company(2, reachable=False)
    for administration in (SECOND, identifier("administration", 9), "123"):
        assert client.get("projects", administration).status == 404
    assert [row["id"] for row in client.rows("administrations")] == [FIRST]


def test_what_there_is_not(shared: Client) -> None:
    assert shared.error("ledger_accounts/1") == (404, "record not found")
    assert shared.error("journals") == (404, "Not Found")
    assert shared.call("DELETE", "projects").status == 404
    assert shared.ask("GET", f"{shared.server.address}/api/v2/administrations.json").status == 401
    assert shared.get(ENTRIES, period="202501", ledger_account_id="5").document == []


def test_calls_are_counted_over_five_minutes_and_refused_with_a_moment() -> None:
    with moneybird_server(invented_books(Size(entries_per_month=2)), calls="3") as client:
        now = client.books.clock.now
        made = [client.get("administrations") for _ in range(4)]
        assert [each.status for each in made] == [200, 200, 200, 429]
        assert [each.headers["RateLimit-Remaining"] for each in made] == ["2", "1", "0", "0"]
        refused = made[-1]
        assert (refused.document, refused.headers["RateLimit-Limit"]) == ("Retry later", "3")
        again = int(refused.headers["Retry-After"])
        assert refused.headers["RateLimit-Reset"] == refused.headers["Retry-After"]
        wait = timedelta(seconds=again) - (now() - EPOCH)
        assert timedelta() < wait <= timedelta(minutes=5)
        client.access = client.renew().document["access_token"]
        assert client.get("administrations").status == 429, "another token of the program has no more"
        client.books.clock.advance(wait)
        assert client.get("administrations").status == 200


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500, 503])
def test_faults_are_worded_as_its_refusals(shared: Client, status: int) -> None:
    shared.server.faults.inject(faults.refused(status), on_path("projects"))
    reply = shared.get("projects")
    assert reply.status == status
    assert reply.document == "Retry later" if status == 429 else set(reply.document) <= {"error", "symbolic"}


def test_pages_come_twice_for_the_same_question(shared: Client) -> None:
    first = shared.get("contacts", per_page="2", page="1")
    shared.server.faults.inject(faults.repeated_page(), on_path("contacts"))
    assert shared.get("contacts", per_page="2", page="2").document == first.document
