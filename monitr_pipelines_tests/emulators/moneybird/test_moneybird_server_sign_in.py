"""Signing in, tokens that do not end, and what ends them all the same."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from moneybird_server_kit import CLIENT_ID, REDIRECT, SUMS, Client, moneybird_server

from monitr_pipelines.emulators import kinds
from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.frame.faults import on_path
from monitr_pipelines.emulators.shared.invented import Size, invented_books

SMALL = Size(entries_per_month=2)


@pytest.fixture
def client() -> Iterator[Client]:
    with moneybird_server(invented_books(SMALL), consent="automatic") as client:
        yield client


def exchange(client: Client, code: str, **form: str) -> int:
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT} | form
    return client.token(**asked).status


def test_a_code_is_exchanged_once_for_tokens_of_the_scopes_that_were_asked_for(client: Client) -> None:
    sent = client.authorize()
    assert (sent.status, sent.location["state"]) == (302, "a state+/=&")
    form = {"grant_type": "authorization_code", "code": sent.location["code"], "redirect_uri": REDIRECT}
    given = client.token(**form)
    assert (given.status, given.document["token_type"]) == (200, "Bearer")
    assert given.document["scope"] == "bank documents sales_invoices settings"
    assert set(given.document) == {"access_token", "refresh_token", "token_type", "scope", "created_at"}
    client.access = given.document["access_token"]
    assert client.get("administrations").status == 200
    again = client.token(**form)
    assert (again.status, again.document["error"]) == (400, "invalid_grant")


def test_programs_send_codes_as_json_and_their_keys_in_a_header_too(client: Client) -> None:
    code = client.authorize().location["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    address = f"{client.server.address}/oauth/token"
    assert client.ask("POST", address, json=form, auth=(CLIENT_ID, "emulated-secret")).status == 200


def test_a_code_is_refused_to_others_elsewhere_and_late(client: Client) -> None:
    assert exchange(client, client.authorize().location["code"], client_id="other") == 401
    assert exchange(client, client.authorize().location["code"], redirect_uri=f"{REDIRECT}/") == 400
    late = client.authorize().location["code"]
    client.books.clock.advance(timedelta(minutes=10))
    assert exchange(client, late) == 400
    assert client.token(grant_type="password").document["error"] == "unsupported_grant_type"
    assert client.token(grant_type="refresh_token").document["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "documents everything"}, "invalid_scope"),
    ],
)
def test_the_page_sends_back_what_it_does_not_do(
    client: Client, parameters: dict[str, str], told: str
) -> None:
    assert client.authorize(**parameters).location["error"] == told


@pytest.mark.parametrize("wrong", [{"client_id": "other"}, {"redirect_uri": "https://example.com/"}])
def test_nobody_is_sent_to_strangers(client: Client, wrong: dict[str, str]) -> None:
    assert client.authorize(**wrong).status == 401


def test_a_person_is_asked_and_can_refuse() -> None:
    with moneybird_server(invented_books(SMALL), redirect=REDIRECT) as client:
        page = client.authorize()
        assert page.status == 200
        assert b"bank, documents, sales_invoices, settings" in page.content
        assert "code" in client.authorize("POST", decision="allow").location
        assert client.authorize("POST", decision="refuse").location["error"] == "access_denied"
        assert client.authorize(redirect_uri="http://127.0.0.1:1/").status == 401


def test_without_a_scope_the_program_sees_sales_invoices_alone(client: Client) -> None:
    code = client.authorize(scope="").location["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    client.access = client.token(**form).document["access_token"]
    assert client.get("ledger_accounts").status == 200
    assert client.error(SUMS) == (401, "No access to bank")


def test_access_tokens_live_on_and_a_refresh_ends_the_pair_before_it(client: Client) -> None:
    client.books.clock.advance(timedelta(days=3000))
    assert client.get("administrations").status == 200
    renewed = client.renew()
    assert renewed.status == 200
    refused = client.get("administrations")
    assert (refused.status, refused.document["symbolic"]) == (401, {"request": "invalid_grant"})
    assert (client.renew().status, client.emulator.tokens.reuses) == (400, 1)
    client.access, client.refresh = (renewed.document[name] for name in ("access_token", "refresh_token"))
    assert client.get("administrations").status == 200
    client.emulator.tokens.end_access()
    assert client.get("administrations").status == 401
    assert client.renew().status == 200
    client.emulator.tokens.withdraw()
    assert client.renew().status == 400


def test_tokens_end_where_the_answer_says_when() -> None:
    an_hour = {"token_seconds": "3600"}
    with moneybird_server(invented_books(SMALL), **an_hour) as client:
        personal = client.emulator.tokens.personal()
        client.books.clock.advance(timedelta(seconds=3599))
        assert client.get("administrations").status == 200
        client.books.clock.advance(timedelta(seconds=1))
        assert client.get("administrations").status == 401
        assert client.renew().document["expires_in"] == 3600
        client.access = personal
        assert client.get("administrations").status == 200


def test_refresh_tokens_need_not_come_along() -> None:
    with moneybird_server(invented_books(SMALL), refresh="none", consent="automatic") as client:
        assert set(client.emulator.settings("http://127.0.0.1:1")) == {"url", "access_token"}
        code = client.authorize().location["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
        assert "refresh_token" not in client.token(**form).document


def test_a_token_endpoint_that_is_down_spends_nothing(client: Client) -> None:
    client.server.faults.inject(faults.refused(503), on_path("oauth/token"))
    assert [client.renew().status for _ in range(2)] == [503, 200]


@pytest.mark.parametrize(
    ("name", "value"),
    [("consent", "perhaps"), ("sign", "both"), ("refresh", "some"), ("calls", "0"), ("token_seconds", "1h")],
)
def test_options_with_a_value_that_there_is_not_are_a_sentence(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is .*not '{value}'"):
        kinds()["moneybird"].build(invented_books(SMALL), {name: value})
