"""Intuit's sign-in: the page, the company that comes back with the code, tokens that end and change."""

from datetime import timedelta

import pytest
from quickbooks_server_kit import FIRST, REDIRECT, SECOND, Client, quickbooks_server

from monitr_pipelines.emulators.frame.grants import App
from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET


def exchange(client: Client, code: str, redirect: str = REDIRECT) -> tuple[int, str]:
    reply = client.token(grant_type="authorization_code", code=code, redirect_uri=redirect)
    return reply.status, reply.document.get("access_token", reply.document.get("error"))


def test_a_person_chooses_a_company_on_the_page_and_its_realm_comes_back(client: Client) -> None:
    page = client.authorize()
    assert page.status == 200
    assert all(f'<option value="{realm}">' in page.text for realm in (FIRST, SECOND))
    back = client.authorize("POST", decision="allow", realm=SECOND).location
    assert (back["realmId"], back["state"]) == (SECOND, "a state+/=&")
    status, client.access = exchange(client, back["code"])
    assert status == 200
    assert client.get("preferences", realm=SECOND).status == 200
    refused = client.get("preferences")
    assert (refused.status, refused.document["fault"]["error"][0]["code"]) == (403, "3100")
    assert exchange(client, back["code"]) == (400, "invalid_grant"), "a code is good once"


def test_who_agrees_without_being_asked_does_so_for_the_first_company(reader: Client) -> None:
    with quickbooks_server(reader.books, consent="automatic") as client:
        assert client.authorize().location["realmId"] == FIRST


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"decision": "refuse", "realm": FIRST}, "access_denied"),
        ({"decision": "allow", "realm": "9130350000000009"}, "access_denied"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"state": ""}, "invalid_request"),
    ],
)
def test_what_is_refused_comes_back_as_an_error(
    reader: Client, parameters: dict[str, str], error: str
) -> None:
    assert reader.authorize("POST", **parameters).location["error"] == error


@pytest.mark.parametrize("parameters", [{"client_id": "other"}, {"redirect_uri": "https://thief.example/"}])
def test_nobody_is_sent_to_a_stranger(reader: Client, parameters: dict[str, str]) -> None:
    reply = reader.authorize(**parameters)
    assert (reply.status, "Location" in reply.headers) == (400, False)


def test_codes_end_and_belong_to_an_address(client: Client) -> None:
    code = client.authorize("POST", decision="allow", realm=FIRST).location["code"]
    assert exchange(client, code, "http://127.0.0.1/other") == (400, "invalid_grant")
    code = client.authorize("POST", decision="allow", realm=FIRST).location["code"]
    client.books.clock.advance(timedelta(minutes=5))
    assert exchange(client, code) == (400, "invalid_grant")


def test_an_access_token_lives_an_hour(client: Client) -> None:
    told = client.renew().document
    assert (told["token_type"], told["expires_in"], told["x_refresh_token_expires_in"]) == (
        *("bearer", 3600),
        8_640_000,
    )
    client.access = told["access_token"]
    client.books.clock.advance(timedelta(minutes=59))
    assert client.get("preferences").status == 200
    client.books.clock.advance(timedelta(minutes=1))
    assert client.get("preferences").status == 401


def test_a_refresh_token_is_another_one_after_a_day_and_the_one_before_is_over(client: Client) -> None:
    assert client.renew().document["refresh_token"] == client.refresh
    client.books.clock.advance(timedelta(days=1))
    later = client.renew().document["refresh_token"]
    assert later != client.refresh
    refused = client.renew()
    assert (refused.status, refused.document) == (
        400,
        {"error": "invalid_grant", "error_description": "Incorrect or invalid refresh token"},
    )
    client.books.clock.advance(timedelta(days=99))
    again = client.renew(later)
    assert again.status == 200
    client.books.clock.advance(timedelta(days=100))
    assert client.renew(again.document["refresh_token"]).status == 400
    assert client.emulator.tokens.refreshes == 3


def test_refresh_tokens_may_change_each_time(reader: Client) -> None:
    with quickbooks_server(reader.books, refresh_tokens="each") as client:
        assert client.renew().document["refresh_token"] != client.refresh
        assert client.renew().status == 400


def test_a_program_must_say_who_it_is_in_the_header(client: Client) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": client.refresh}
    proof = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    address = f"{client.server.address}/oauth2/v1/tokens/bearer"
    for sent in ({"data": form | proof}, {"data": form, "auth": (CLIENT_ID, "wrong")}):
        reply = client.ask("POST", address, **sent)
        assert (reply.status, reply.document) == (401, {"error": "invalid_client"})
    assert client.token(grant_type="password").document == {"error": "unsupported_grant_type"}
    assert client.token(grant_type="refresh_token").document["error"] == "invalid_request"


def test_what_was_agreed_to_is_withdrawn_on_a_page_or_revoked(client: Client) -> None:
    apps = f"{client.server.address}/app/apps"
    assert f"{CLIENT_ID} may read the books of" in client.ask("GET", apps).text
    revoke = f"{client.server.address}/v2/oauth2/tokens/revoke"
    proof = {"auth": (CLIENT_ID, CLIENT_SECRET)}
    assert client.ask("POST", revoke, json={"token": client.refresh}, **proof).status == 200
    assert client.ask("POST", revoke, json={"token": client.refresh}, **proof).status == 400
    assert client.get("preferences").status == 401
    pair = client.emulator.tokens.grant_pair(CLIENT_ID, FIRST)
    assert "No app may" in client.ask("POST", apps).text
    assert client.renew(pair.refresh).document["error"] == "invalid_grant"
    assert pair.refresh not in repr(pair)
    assert "secret" not in repr(App("a", "secret")).replace("redirects", "")


def test_access_ends_before_its_time(client: Client) -> None:
    client.emulator.tokens.end_access()
    assert client.get("preferences").status == 401
    assert client.renew().status == 200
