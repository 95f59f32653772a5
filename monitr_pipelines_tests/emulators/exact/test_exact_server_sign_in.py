"""The authorization server, seen through plain HTTP: who is let in, and refresh tokens that work once."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from exact_server_kit import REDIRECT, Client, exact_server

from monitr_pipelines.emulators.exact.sign_in import APPS
from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.shared.invented import invented_books

STATE = "a state+/=&"


@pytest.fixture
def client() -> Iterator[Client]:
    with exact_server(invented_books()) as client:
        yield client


class Form(HTMLParser):
    """The form of a page: where it goes and what it sends."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.choices: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given["action"]
        elif tag == "input":
            self.fields[given["name"]] = given["value"]
        elif tag == "button":
            self.choices.append(given["value"])


def code_from(client: Client, **parameters: str) -> str:
    return client.authorize("POST", decision="allow", **parameters).location["code"]


def seconds_pass(client: Client, seconds: int) -> None:
    client.books.clock.advance(timedelta(seconds=seconds))


def test_a_person_is_asked_and_sent_back_with_a_code_and_the_same_state(client: Client) -> None:
    page = client.authorize()
    form = Form(page.text)
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert form.choices == ["allow", "refuse"]
    answer = client.ask(
        "POST", client.server.address + form.action, data={**form.fields, "decision": "allow"}
    )
    assert answer.status == 302
    assert answer.headers["Location"].startswith(REDIRECT + "?")
    assert answer.location["state"] == STATE
    tokens = client.exchange(answer.location["code"])
    assert tokens.status == 200
    assert set(tokens.document) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert tokens.document["expires_in"] == "600"
    client.access = tokens.document["access_token"]
    assert client.get("current/Me").status == 200


def test_a_person_may_refuse(client: Client) -> None:
    answer = client.authorize("POST", decision="refuse")
    assert answer.location == {"error": "access_denied", "state": STATE}


def test_nobody_is_asked_where_consent_is_automatic() -> None:
    with exact_server(invented_books(), consent="automatic") as client:
        answer = client.authorize()
        assert answer.status == 302
        assert client.exchange(answer.location["code"]).status == 200


@pytest.mark.parametrize(
    "wrong",
    [{"client_id": "nobody"}, {"redirect_uri": "https://thief.example/"}, {"redirect_uri": ""}],
    ids=str,
)
def test_nobody_is_sent_anywhere_for_a_stranger(client: Client, wrong: dict[str, str]) -> None:
    answer = client.authorize(**wrong)
    assert answer.status == 400
    assert "Location" not in answer.headers


def test_only_the_registered_address_where_one_is() -> None:
    with exact_server(invented_books(), redirect=REDIRECT, consent="automatic") as client:
        assert client.authorize().status == 302
        assert client.authorize(redirect_uri=REDIRECT + "/other").status == 400


def test_only_codes_are_given(client: Client) -> None:
    assert client.authorize(response_type="token").location["error"] == "unsupported_response_type"


def test_a_code_works_once_for_three_minutes_and_for_one_address(client: Client) -> None:
    code = code_from(client)
    assert client.exchange(code, redirect_uri=REDIRECT + "x").document["error"] == "invalid_grant"
    assert client.exchange(code).document["error"] == "invalid_grant"
    code = code_from(client)
    seconds_pass(client, 179)
    assert client.exchange(code).status == 200
    again = client.exchange(code)
    assert (again.status, again.document["error"]) == (400, "invalid_grant")
    code = code_from(client)
    seconds_pass(client, 180)
    assert client.exchange(code).document["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "wrong"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "unsupported_grant_type"),
        ({"refresh_token": ""}, "invalid_request"),
        ({"refresh_token": "never given"}, "invalid_grant"),
    ],
    ids=str,
)
def test_malformed_requests_for_tokens_are_refused(client: Client, form: dict[str, str], error: str) -> None:
    seconds_pass(client, 600)
    answer = client.token(**{"grant_type": "refresh_token", "refresh_token": client.refresh} | form)
    assert (answer.status, answer.document["error"]) == (400, error)
    assert client.renew().status == 200, "what was refused has spent nothing"


def test_tokens_are_asked_with_a_form_alone(client: Client) -> None:
    seconds_pass(client, 600)
    asked = {
        "grant_type": "refresh_token",
        "refresh_token": client.refresh,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    address = f"{client.server.address}/api/oauth2/token"
    assert client.ask("POST", address, json=asked).status == 400
    assert client.ask("GET", address, params=asked).status == 404
    assert client.renew().status == 200


def test_an_access_token_lives_ten_minutes(client: Client) -> None:
    seconds_pass(client, 599)
    assert client.get("current/Me").status == 200
    seconds_pass(client, 1)
    refused = client.get("current/Me")
    assert refused.status == 401
    assert refused.message
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert client.get("current/Me", Authorization="").status == 401


def test_a_refresh_is_too_early_for_nine_and_a_half_minutes_and_spends_nothing(client: Client) -> None:
    for seconds in (0, 569):
        seconds_pass(client, seconds)
        early = client.renew()
        assert (early.status, early.document["error"]) == (400, "access_denied")
        assert early.headers["Reason"] == "TooEarlyToRefreshTokens"
    seconds_pass(client, 1)
    assert client.renew().status == 200


def test_refresh_tokens_rotate_and_a_spent_one_is_refused_for_ever(client: Client) -> None:
    spent = []
    for _ in range(3):
        seconds_pass(client, 570)
        spent.append(client.refresh)
        renewed = client.renew()
        client.access = renewed.document["access_token"]
        client.refresh = renewed.document["refresh_token"]
        assert client.get("current/Me").status == 200
        for token in spent:
            reuse = client.renew(token)
            assert (reuse.status, reuse.document["error"]) == (401, "unauthorized_client")
    assert len({client.refresh, *spent}) == 4
    seconds_pass(client, 570)
    assert client.renew().status == 200, "reuse of an old one harms the living one in no way"


def test_the_access_token_of_before_lives_on_until_its_end(client: Client) -> None:
    seconds_pass(client, 580)
    assert client.renew().status == 200
    assert client.get("current/Me").status == 200
    seconds_pass(client, 20)
    assert client.get("current/Me").status == 401


def test_an_unused_refresh_token_dies_after_thirty_days(client: Client) -> None:
    other = client.exchange(code_from(client)).document["refresh_token"]
    client.books.clock.advance(timedelta(days=30, seconds=-1))
    assert client.renew(other).status == 200
    seconds_pass(client, 1)
    dead = client.renew()
    assert (dead.status, dead.document["error"]) == (400, "invalid_request")
    assert "The refresh token expired at 02/14/2026 08:00:00" in dead.document["error_description"]


def test_nothing_works_any_more_when_the_person_withdraws(client: Client) -> None:
    seconds_pass(client, 570)
    client.emulator.tokens.withdraw()
    assert client.get("current/Me").status == 401
    assert client.renew().document["error"] == "invalid_grant"


def test_of_many_who_refresh_with_one_token_one_wins(client: Client) -> None:
    """Over several rounds, all at once: never two pairs for one token, and the winner's works on."""
    together = 8
    for round_ in range(1, 6):
        seconds_pass(client, 575)
        start = threading.Barrier(together)
        replies = []

        def refresh(start: threading.Barrier = start, replies: list[object] = replies) -> None:
            start.wait()
            replies.append(client.renew())

        threads = [threading.Thread(target=refresh) for _ in range(together)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Counter(reply.status for reply in replies) == {200: 1, 401: together - 1}
        (won,) = [reply for reply in replies if reply.status == 200]
        client.access, client.refresh = won.document["access_token"], won.document["refresh_token"]
        assert client.get("current/Me").status == 200
        assert client.emulator.tokens.refreshes == round_
        assert client.emulator.tokens.reuses == round_ * (together - 1)


def test_a_person_withdraws_on_a_page_what_they_agreed_to(client: Client) -> None:
    seconds_pass(client, 570)
    address = f"{client.server.address}{APPS}"
    assert f"{CLIENT_ID} may read your books." in client.ask("GET", address).text
    assert "No app may read your books." in client.ask("POST", address).text
    assert client.renew().document["error"] == "invalid_grant"
    assert "No app may read your books." in client.ask("GET", address).text
