"""Connecting to Xero: its sign-in, tenants, limits, and what its refusals mean."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from xero_kit import APPLICATION, JOURNALS, PRACTICE, REPORT, TENANT, Told, Xero, lines_of

from monitr_pipelines.lifecycle.codes import REMEDIES, Actor
from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    InconsistentData,
    OurFault,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.providers.contract import Consent, Credentials
from monitr_pipelines.providers.retries import PATIENCE
from monitr_pipelines.providers.xero import PROVIDER, datasets
from monitr_pipelines.providers.xero.limits import limits_of, rate_headers_of
from monitr_pipelines.providers.xero.sign_in import OAUTH
from monitr_pipelines_tests.providers.http_kit import Order, Server, serve

NOT_ALLOWED = {"Title": "Unauthorized", "Status": 401, "Detail": "AuthorizationUnsuccessful"}
NOT_CONNECTED = {"title": "Forbidden", "status": 403, "detail": "AuthenticationUnsuccessful"}
NO_ROLE = {"Detail": "You are not permitted to access this resource without the reporting role."}
ENDED = {
    "Title": "Unauthorized",
    "Status": 401,
    "Detail": "TokenExpired: token expired at 01/23/2026 18:21:16",
}
CONNECTED = {"tenantId": TENANT, "tenantType": "ORGANISATION"}
OTHER = "11111111-9565-416a-9b62-d53d852bb2a3"


def only(path: str, status: int, document: object, times: int = 1000) -> Callable[[str], Told | None]:
    """What a path is answered, so often."""
    left = [times]

    def answer(asked: str) -> Told | None:
        if not asked.startswith(path) or not left[0]:
            return None
        left[0] -= 1
        return status, document

    return answer


def refused(xero: Xero, read: Callable[[], object]) -> ImportProblem:
    with pytest.raises(ImportProblem) as raised:
        read()
    return raised.value


# What refusals mean


def test_journals_that_xero_did_not_open_to_us_are_for_operations(xero: Xero) -> None:
    """And no token is spent on it: a 401 that says so is not about the token."""
    xero.before = only(JOURNALS, 401, NOT_ALLOWED)
    problem = refused(xero, xero.read)
    assert (type(problem), problem.code) == (OurFault, "ledger_closed")
    assert REMEDIES[problem.code].actor is Actor.OPERATIONS
    assert not xero.renewed


def test_settings_that_the_connection_may_not_read_are_for_the_customer(xero: Xero) -> None:
    xero.before = only(datasets.ACCOUNTS.path, 401, NOT_ALLOWED)
    problem = refused(xero, xero.read)
    assert isinstance(problem, ReconnectNeeded)
    assert problem.messages[0].kind == "permission_missing"


@pytest.mark.parametrize("document", [ENDED, {"Detail": "AuthenticationUnsuccessful"}, b"", b"[1]"])
def test_a_token_that_ended_is_renewed(xero: Xero, document: object) -> None:
    xero.book("1")
    xero.before = only(JOURNALS, 401, document, times=1)
    assert len(lines_of(xero.read())) == 2
    assert xero.renewed == 1


@pytest.mark.parametrize(("connected", "kind"), [([], EntityGone), ([CONNECTED], ReconnectNeeded)])
def test_a_tenant_that_refuses_is_looked_for_among_the_connected(
    xero: Xero, connected: list[dict[str, str]], kind: type[ImportProblem]
) -> None:
    xero.connected = connected
    xero.before = only(JOURNALS, 403, NOT_CONNECTED)
    assert isinstance(refused(xero, xero.read), kind)
    assert xero.count(datasets.CONNECTIONS.path) == 1


def test_the_day_being_used_up_ends_the_import_and_says_when_to_go_on(xero: Xero) -> None:
    xero.headers = {"X-Rate-Limit-Problem": "day"}
    xero.before = only(JOURNALS, 429, b"")
    problem = refused(xero, xero.read)
    assert isinstance(problem, ProviderDown)
    assert problem.retry_at is not None
    assert problem.retry_at > datetime.now(UTC) + PATIENCE.budget
    assert xero.count(JOURNALS) == 1
    xero.headers["Retry-After"] = "7200"
    again = refused(xero, xero.read)
    assert isinstance(again, ProviderDown)
    assert again.retry_at is not None
    assert abs(again.retry_at - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)


def test_the_minute_being_used_up_is_waited_for(xero: Xero) -> None:
    xero.headers = {"X-Rate-Limit-Problem": "minute", "Retry-After": "0"}
    xero.before = only(JOURNALS, 429, b"", times=1)
    xero.read()
    assert xero.count(JOURNALS) == 2


@pytest.mark.parametrize("refusal", [(401, NOT_ALLOWED), (401, NO_ROLE), (403, NOT_CONNECTED), (403, b"")])
def test_a_report_that_the_user_may_not_see_costs_the_comparison_alone(
    xero: Xero, refusal: tuple[int, Any]
) -> None:
    xero.before = only(REPORT, *refusal)
    problem = refused(xero, lambda: xero.source().trial_balance(datetime.now(UTC).date()))
    assert isinstance(problem, InconsistentData)
    assert problem.messages[0].kind == "balances_refused"
    assert not xero.renewed


# Tenants


def test_organisations_are_administrations_and_practices_are_none(xero: Xero) -> None:
    (found,) = xero.source(None).administrations()
    assert (found.id, found.name, found.currency, found.fiscal_year_start) == (TENANT, "Peeters NV", "EUR", 7)
    assert xero.tenants == [None, TENANT]
    assert list(xero.source().administrations()) == [found]


def test_an_organisation_that_refuses_hides_no_other(xero: Xero) -> None:
    xero.connected.insert(0, {"tenantId": OTHER, "tenantType": "ORGANISATION"})
    xero.before = only(datasets.ORGANISATION.path, 403, NOT_CONNECTED, times=1)
    assert [each.id for each in xero.source(None).administrations()] == [TENANT]
    xero.before = only(datasets.ORGANISATION.path, 403, NOT_CONNECTED)
    assert isinstance(refused(xero, xero.source(None).administrations), ReconnectNeeded)


def test_check_asks_for_the_connections_alone(xero: Xero) -> None:
    xero.source(None).check()
    xero.source().check()
    assert xero.asked == [datasets.CONNECTIONS.path] * 2
    for strange in (PRACTICE, OTHER):
        assert isinstance(refused(xero, xero.source(strange).check), EntityGone)


@pytest.mark.parametrize("administration", ["", "1", f"{TENANT}\r\nx: y"])
def test_what_is_no_tenant_is_never_asked_for(xero: Xero, administration: str) -> None:
    assert isinstance(refused(xero, lambda: xero.source(administration)), EntityGone)
    assert not xero.asked


# Signing in


def test_the_page_is_xeros_own_and_asks_for_what_is_read_alone() -> None:
    consent = Consent(APPLICATION, "https://monitr.example/back", "state", "verifier", Credentials({}))
    page = urlsplit(OAUTH.page(consent))
    assert (page.hostname, page.path) == ("login.xero.com", "/identity/connect/authorize")
    query = parse_qs(page.query)
    assert query["scope"][0].split() == [
        "offline_access",
        "accounting.settings.read",
        "accounting.journals.read",
        "accounting.reports.trialbalance.read",
    ]
    assert query["code_challenge_method"] == ["S256"]
    assert OAUTH.token({}) == "https://identity.xero.com/connect/token"


def test_a_code_is_exchanged_with_proof_in_the_header() -> None:
    with serve() as server:
        tokens = b'{"access_token": "a", "refresh_token": "r", "expires_in": 1800, "token_type": "Bearer"}'
        server.order(Order(body=tokens))
        got = exchanged(server)
    pair = b64encode(f"{APPLICATION.id}:{APPLICATION.secret}".encode()).decode()
    ((method, path, headers),) = server.asked
    assert (method, path, headers["Authorization"]) == ("POST", "/connect/token", f"Basic {pair}")
    assert b"code_verifier=verifier" in server.sent[0]
    assert APPLICATION.secret.encode() not in server.sent[0]
    assert (got["access_token"], got["refresh_token"]) == ("a", "r")
    until = datetime.fromisoformat(got["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=29) < until <= timedelta(minutes=30)


def exchanged(server: Server) -> Any:  # noqa: ANN401 - a mapping
    given = Credentials({"url": server.address})
    return OAUTH.exchange(Consent(APPLICATION, f"{server.address}/back", "s", "verifier", given), "code")


def test_a_server_elsewhere_gets_no_secret() -> None:
    with pytest.raises(ReconnectNeeded):
        OAUTH.token({"url": "https://xero.example"})


def test_it_is_as_it_says() -> None:
    assert PROVIDER.longest_rest == timedelta(days=60)
    assert [each.calls for each in PROVIDER.limits] == [60, 5000]
    assert [each.name for each in limits_of(TENANT)] == [f"minute {TENANT}", f"day {TENANT}"]


@pytest.mark.parametrize(("left", "calls"), [("59", 60), ("0", 60), ("", 60), ("x", 60), ("99", 100)])
def test_more_calls_than_are_documented_are_made_where_more_are_left(left: str, calls: int) -> None:
    minute, _ = rate_headers_of(TENANT)
    headers = {"X-MinLimit-Remaining": left}
    assert minute.calls(headers) == calls
    assert minute.free_at(headers) is None
