"""What an emulated Xero refuses: tokens, organisations, rights, limits, and requests that make no sense."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from common_kit import reference
from xero_server_kit import Client, some_books, xero_server

from monitr_pipelines.emulators import kinds
from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.frame.options import CLIENT_ID
from monitr_pipelines.emulators.xero.limits import AT_ONCE

PATHS = ("Accounts", "Journals", "Organisation", "Reports/TrialBalance", "TrackingCategories")
RECORDED = "specs/xero/fixtures_xeroizer"


@pytest.fixture
def client() -> Iterator[Client]:
    with xero_server(some_books()) as client:
        yield client


def test_a_token_that_is_over_is_told_with_its_end(client: Client) -> None:
    client.books.clock.advance(timedelta(minutes=30, seconds=-1))
    assert client.get("Organisation").status == 200
    client.books.clock.advance(timedelta(seconds=1))
    refused = client.get("/connections")
    assert refused.status == 401
    assert refused.document["Detail"] == "TokenExpired: token expired at 01/15/2026 08:30:00"
    client.access = client.renew().document["access_token"]
    assert client.get("/connections").status == 200


def test_access_can_end_before_its_time(client: Client) -> None:
    client.emulator.tokens.end_access()
    assert client.get("Journals").document["Detail"].startswith("TokenExpired")
    client.access = client.renew().document["access_token"]
    assert client.get("Journals").status == 200


@pytest.mark.parametrize("authorization", ["", "Bearer unknown", "Basic eDp5"])
def test_without_a_token_nothing_is_said(client: Client, authorization: str) -> None:
    refused = client.get("Organisation", Authorization=authorization)
    assert (refused.status, refused.document["Detail"]) == (401, "AuthenticationUnsuccessful")
    assert refused.headers["WWW-Authenticate"] == "Bearer error=invalid_token"


def test_refusals_are_worded_as_recorded_ones(client: Client) -> None:
    recorded = {
        name: set(json.loads(reference(f"{RECORDED}/{name}.json").read_text(encoding="utf-8")))
        for name in ("expired_oauth2_token", "invalid_oauth2_request_token", "invalid_tenant_header")
    }
    unknown = client.get("Accounts", Authorization="Bearer x").document
    elsewhere = client.get("Accounts", xero_tenant_id="").document
    client.emulator.tokens.end_access()
    expired = client.get("Accounts").document
    assert recorded == {
        "expired_oauth2_token": set(expired),
        "invalid_oauth2_request_token": set(unknown),
        "invalid_tenant_header": set(elsewhere),
    }


@pytest.mark.parametrize("tenant", ["", "00000008-0009-4000-8000-000000000009", "1"])
def test_an_organisation_that_is_not_connected_is_forbidden(client: Client, tenant: str) -> None:
    refused = client.get("Journals", xero_tenant_id=tenant)
    assert (refused.status, refused.document["detail"]) == (403, "AuthenticationUnsuccessful")
    assert "X-MinLimit-Remaining" not in refused.headers


def test_a_disconnected_organisation_is_no_longer_listed(client: Client) -> None:
    first, second = client.get("/connections").document
    authorization = {"Authorization": f"Bearer {client.access}"}
    gone = client.ask("DELETE", f"/connections/{first['id']}", headers=authorization)
    assert (gone.status, gone.text) == (204, "")
    assert client.get("Journals", xero_tenant_id=first["tenantId"]).status == 403
    assert client.get("Journals", xero_tenant_id=second["tenantId"]).status == 200
    assert client.get("/Connections").document == [second]
    again = client.ask("DELETE", f"/connections/{first['id']}", headers=authorization)
    assert again.status == 404


def test_connections_of_a_consent_and_of_a_practice() -> None:
    with xero_server(some_books(), practice="listed") as client:
        *organisations, practice = client.get("/connections").document
        assert [each["tenantType"] for each in organisations] == ["ORGANISATION"] * 2
        assert practice["tenantType"] == "PRACTICE"
        assert len({each["tenantId"] for each in [*organisations, practice]}) == 3
        consent = organisations[0]["authEventId"]
        assert client.get(f"/connections?authEventId={consent}").document[:2] == organisations
        other = consent.replace("4000", "4001")
        assert organisations[0] not in client.get(f"/connections?authEventId={other}").document


@pytest.mark.parametrize("path", PATHS)
def test_each_path_wants_its_scope(client: Client, path: str) -> None:
    client.allowed("openid", "accounting.transactions.read")
    refused = client.get(path)
    assert (refused.status, refused.document["Detail"]) == (401, "AuthorizationUnsuccessful")
    assert client.get("/connections").status == 200


def test_granular_scopes_open_what_the_broad_ones_do(client: Client) -> None:
    client.allowed("accounting.settings", "accounting.reports.trialbalance.read")
    answered = {path for path in PATHS if client.get(path).status == 200}
    assert answered == {*PATHS} - {"Journals"}


def test_journals_of_an_app_that_was_not_approved() -> None:
    with xero_server(some_books(), journals="refused", consent="automatic") as client:
        refused = client.get("Journals")
        assert (refused.status, refused.document["Title"]) == (401, "Unauthorized")
        assert refused.document["Detail"] == "AuthorizationUnsuccessful"
        assert client.get("Accounts").status == 200
        assert client.authorize().location["error"] == "invalid_scope"
        assert "code" in client.authorize(scope="openid accounting.settings.read").location


def test_reports_want_the_reporting_role() -> None:
    with xero_server(some_books(), reporting="refused") as client:
        refused = client.get("Reports/TrialBalance")
        assert refused.status == 401
        assert "reporting role" in refused.document["Detail"]
        assert client.get("Journals").status == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("Journals?offset=x", "ValidationException"),
        ("Journals?offset=-1", "ValidationException"),
        ("Reports/TrialBalance?date=31-12-2025", "ValidationException"),
        ('Accounts?where=Nothing=="x"', "QueryParseException"),
        ("Accounts?where=Name", "QueryParseException"),
        ("TrackingCategories?order=Name UPWARDS", "QueryParseException"),
    ],
)
def test_what_cannot_be_understood_is_a_bad_request(client: Client, path: str, kind: str) -> None:
    refused = client.get(path)
    assert (refused.status, refused.document["Type"]) == (400, kind)


def test_a_date_that_is_none_and_a_basis_that_is_not_kept(client: Client) -> None:
    assert client.get("Journals", If_Modified_Since="yesterday").status == 400
    assert client.get("Journals?paymentsOnly=true").status == 500


def test_paths_methods_and_formats_that_there_are_not(client: Client) -> None:
    assert client.get("Invoices").status == 404
    assert client.get("/elsewhere").status == 404
    headers = {"Authorization": f"Bearer {client.access}", "xero-tenant-id": client.tenant}
    assert client.ask("POST", "/api.xro/2.0/Journals", headers=headers).status == 405
    assert client.get("Journals", Accept="application/xml").status == 406


def test_a_minute_and_a_day_are_counted_for_each_organisation() -> None:
    with xero_server(some_books(), calls_a_minute="3", calls_a_day="5") as client:
        remaining = [client.get("Organisation").headers for _ in range(3)]
        assert [each["X-MinLimit-Remaining"] for each in remaining] == ["2", "1", "0"]
        assert [each["X-DayLimit-Remaining"] for each in remaining] == ["4", "3", "2"]
        assert remaining[0]["X-AppMinLimit-Remaining"] == "9999"
        client.books.clock.advance(timedelta(seconds=20))
        refused = client.get("Organisation")
        assert (refused.status, refused.headers["X-Rate-Limit-Problem"]) == (429, "minute")
        assert refused.headers["Retry-After"] == "40"
        other = client.emulator.administrations()[1].id
        assert client.get("Organisation", xero_tenant_id=other).status == 200
        assert client.get("/connections").status == 200, "which belongs to none"
        client.books.clock.advance(timedelta(seconds=40))
        assert [client.get("Organisation").status for _ in range(3)] == [200, 200, 429]
        client.books.clock.advance(timedelta(minutes=2))
        refused = client.get("Organisation")
        assert (refused.headers["X-Rate-Limit-Problem"], refused.headers["X-DayLimit-Remaining"]) == (
            "day",
            "0",
        )
        assert refused.headers["Retry-After"] == str(24 * 3600 - 180)
        client.books.clock.advance(timedelta(days=1) - timedelta(minutes=3))
        client.access = client.renew().document["access_token"]
        assert client.get("Organisation").status == 200


def test_the_sixth_call_at_once_is_refused(client: Client) -> None:
    with ExitStack() as going_on:
        for _ in range(AT_ONCE):
            call = client.emulator.limits.counted(CLIENT_ID, client.tenant)
            assert going_on.enter_context(call).allowed
        refused = client.get("Organisation")
        assert (refused.status, refused.headers["X-Rate-Limit-Problem"]) == (429, "concurrent")
        assert "Retry-After" not in refused.headers
    assert client.get("Organisation").status == 200


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500, 502, 503, 504])
def test_refusals_on_demand_are_worded_by_the_software(client: Client, status: int) -> None:
    client.server.faults.inject(faults.refused(status))
    refused = client.get("Journals")
    assert refused.status == status
    assert (refused.headers.get("X-Rate-Limit-Problem"), refused.headers.get("Retry-After")) == (
        ("minute", "60") if status == 429 else (None, None)
    )
    assert bool(refused.text) == (status != 429)


@pytest.mark.parametrize(
    "options",
    [
        {"journals": "maybe"},
        {"calls_a_minute": "0"},
        {"dates": "+1"},
        {"bank_codes": "none"},
    ],
    ids=str,
)
def test_options_that_there_are_not(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        kinds()["xero"].build(some_books(), options)
