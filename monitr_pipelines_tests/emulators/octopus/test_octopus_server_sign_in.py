"""People who agree on the page, and the tokens that come of it."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from octopus_server_kit import FIRST, Client, fresh_books, octopus_server
from process_kit import LONGEST_WAIT

from monitr_pipelines.emulators.octopus import KIND, build

REDIRECT = "http://127.0.0.1:8070/connections/octopus"
PROGRAM = (KIND.application or ("", ""))[0]


@pytest.fixture
def client() -> Iterator[Client]:
    with octopus_server(fresh_books(), consent="automatic") as client:
        yield client


def authorize(client: Client, method: str = "GET", **parameters: str) -> requests.Response:
    asked = {
        "scope": "webservice",
        "response_type": "code",
        "client_id": PROGRAM,
        "redirect_uri": REDIRECT,
        "state": "a state+/=&",
    }
    where = {"params" if method == "GET" else "data": asked | parameters}
    address = f"{client.server.address}/octopus-oauth/authorize"
    return requests.request(method, address, allow_redirects=False, timeout=LONGEST_WAIT, **where)  # type: ignore[arg-type]


def back(answer: requests.Response) -> dict[str, str]:
    """The parameters with which a person is sent back."""
    assert answer.headers["Location"].startswith(f"{REDIRECT}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def token(client: Client, **form: str) -> requests.Response:
    address = f"{client.server.address}/octopus-oauth/token"
    return requests.post(address, data={"client_id": PROGRAM} | form, timeout=LONGEST_WAIT)


def exchanged(client: Client, code: str) -> requests.Response:
    return token(client, grant_type="authorization_code", code=code)


def renewed(client: Client, refresh: str) -> requests.Response:
    return token(client, grant_type="refresh_token", refresh_token=refresh)


def test_who_agrees_is_sent_back_with_a_code_that_works_once_within_five_minutes(client: Client) -> None:
    answer = back(authorize(client))
    assert answer["state"] == "a state+/=&"
    granted = exchanged(client, answer["code"])
    assert granted.headers["Cache-Control"] == "no-store"
    assert set(granted.json()) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert granted.json()["expires_in"] == 600
    assert exchanged(client, answer["code"]).json()["error"] == "invalid_grant"
    code = back(authorize(client))["code"]
    client.books.clock.advance(timedelta(minutes=5))
    refused = exchanged(client, code)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_an_access_token_stands_for_what_a_password_gets(client: Client) -> None:
    client.token = exchanged(client, back(authorize(client))["code"]).json()["access_token"]
    assert client.connect(FIRST).status == 200
    client.books.clock.advance(timedelta(minutes=10))
    assert client.connect(FIRST).status == 401


def test_a_refresh_token_works_once_within_sixty_days(client: Client) -> None:
    first = exchanged(client, back(authorize(client))["code"]).json()["refresh_token"]
    second = renewed(client, first).json()["refresh_token"]
    assert renewed(client, first).json()["error"] == "invalid_grant"
    assert client.emulator.sign_in.grants.reuses == 1
    client.books.clock.advance(timedelta(days=60) - timedelta(seconds=1))
    third = renewed(client, second).json()["refresh_token"]
    client.emulator.sign_in.grants.withdraw()
    assert renewed(client, third).status_code == 400
    last = exchanged(client, back(authorize(client))["code"]).json()["refresh_token"]
    client.books.clock.advance(timedelta(days=60))
    assert renewed(client, last).status_code == 400


def test_a_person_is_asked_and_may_refuse() -> None:
    with octopus_server(fresh_books()) as client:
        page = authorize(client)
        assert page.status_code == 200
        assert f"May <strong>{PROGRAM}</strong> read your dossiers?" in page.text
        assert 'value="a state+/=&amp;"' in page.text
        assert "code" in back(authorize(client, "POST", decision="allow"))
        assert back(authorize(client, "POST", decision="refuse"))["error"] == "access_denied"


def test_nobody_is_sent_to_a_stranger(client: Client) -> None:
    for wrong in ({"client_id": "other"}, {"redirect_uri": "https://thief.example/"}):
        assert authorize(client, **wrong).status_code == 400
    with octopus_server(client.books, redirect="http://127.0.0.1:1/other", consent="automatic") as registered:
        assert authorize(registered).status_code == 400


def test_what_is_asked_wrongly_is_named(client: Client) -> None:
    assert back(authorize(client, scope="other"))["error"] == "invalid_scope"
    assert back(authorize(client, response_type="token"))["error"] == "unsupported_response_type"
    refused = token(client, client_id="other", grant_type="refresh_token")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert token(client, grant_type="password").json()["error"] == "unsupported_grant_type"


def test_settings_can_be_those_of_someone_who_agreed() -> None:
    emulator = build(fresh_books(), {"sign_in": "page"})
    settings = emulator.settings("http://127.0.0.1:1")
    assert set(settings) == {"url", "refresh_token"}
    assert emulator.sign_in.grants.refresh(settings["refresh_token"]).access
