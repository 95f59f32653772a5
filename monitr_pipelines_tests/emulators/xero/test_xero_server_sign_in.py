"""The authorization server of an emulated Xero: who is let in, refresh tokens that rotate with a grace."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from xero_server_kit import REDIRECT, STATE, Client, some_books, xero_server

from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.xero.sign_in import AUTHORIZE
from monitr_pipelines.emulators.xero.tokens import GRACE, REFRESH_LIFE

SECOND = timedelta(seconds=1)


@pytest.fixture
def client() -> Iterator[Client]:
    with xero_server(some_books()) as client:
        yield client


class Form(HTMLParser):
    """The hidden fields of a page's form."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            self.fields[given["name"]] = given["value"]


def code_from(client: Client, **parameters: str) -> str:
    return client.authorize("POST", decision="allow", **parameters).location["code"]


def test_a_person_is_asked_and_sent_back_with_a_code_and_the_same_state(client: Client) -> None:
    page = client.authorize()
    assert page.status == 200
    answer = client.ask("POST", AUTHORIZE, data={**Form(page.text).fields, "decision": "allow"})
    assert answer.status == 302
    assert answer.headers["Location"].startswith(REDIRECT + "?")
    assert answer.location["state"] == STATE
    tokens = client.exchange(answer.location["code"])
    assert tokens.status == 200
    assert (tokens.document["expires_in"], tokens.document["token_type"]) == (1800, "Bearer")
    assert "accounting.journals.read" in tokens.document["scope"].split()
    client.access = tokens.document["access_token"]
    assert client.get("Journals").status == 200


def test_a_person_may_refuse(client: Client) -> None:
    answer = client.authorize("POST", decision="refuse")
    assert answer.location == {"error": "access_denied", "state": STATE}


@pytest.mark.parametrize(
    "wrong", [{"client_id": "nobody"}, {"redirect_uri": "https://thief.example/"}], ids=str
)
def test_nobody_is_sent_anywhere_for_a_stranger(client: Client, wrong: dict[str, str]) -> None:
    answer = client.authorize(**wrong)
    assert answer.status == 400
    assert "Location" not in answer.headers


def test_only_the_registered_address_where_one_is() -> None:
    with xero_server(some_books(), redirect=REDIRECT, consent="automatic") as client:
        assert client.authorize().status == 302
        assert client.authorize(redirect_uri=REDIRECT + "/other").status == 400


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "openid accounting.everything"}, "invalid_scope"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_what_cannot_be_agreed_to_comes_back_at_once(
    client: Client, asked: dict[str, str], error: str
) -> None:
    assert client.authorize(**asked).location["error"] == error


def test_a_code_works_once_for_five_minutes_and_for_one_address(client: Client) -> None:
    code = code_from(client)
    assert client.exchange(code, redirect_uri=REDIRECT + "x").document == {"error": "invalid_grant"}
    assert client.exchange(code).status == 400
    code = code_from(client)
    client.books.clock.advance(timedelta(minutes=5) - SECOND)
    assert client.exchange(code).status == 200
    assert client.exchange(code).status == 400
    code = code_from(client)
    client.books.clock.advance(timedelta(minutes=5))
    assert client.exchange(code).document == {"error": "invalid_grant"}


def test_a_proof_key_is_asked_for_where_one_was_given(client: Client) -> None:
    verifier = "v" * 50
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {"code_challenge": challenge, "code_challenge_method": "S256"}
    assert client.exchange(code_from(client, **asked)).document == {"error": "invalid_grant"}
    assert client.exchange(code_from(client, **asked), code_verifier=verifier).status == 200


def test_the_program_proves_itself_in_a_header_or_in_the_form(client: Client) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": client.refresh}
    within = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    assert client.token_by(None, **form, **within).status == 200
    assert client.token_by(None, **form).document == {"error": "invalid_client"}
    assert client.token_by((CLIENT_ID, "wrong"), **form).document == {"error": "invalid_client"}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "never given"}, "invalid_grant"),
    ],
)
def test_malformed_requests_for_tokens_are_refused(client: Client, form: dict[str, str], error: str) -> None:
    refused = client.token(**form)
    assert (refused.status, refused.document) == (400, {"error": error})


def test_without_offline_access_there_is_no_refresh_token(client: Client) -> None:
    tokens = client.exchange(code_from(client, scope="openid accounting.settings.read")).document
    assert "refresh_token" not in tokens


def test_refresh_tokens_rotate_and_a_spent_one_works_for_half_an_hour(client: Client) -> None:
    first = client.renew()
    assert first.document["refresh_token"] != client.refresh
    client.books.clock.advance(GRACE - SECOND)
    lost = client.renew()
    assert lost.status == 200
    assert client.emulator.tokens.reuses == 1
    client.books.clock.advance(SECOND)
    assert client.renew().document == {"error": "invalid_grant"}
    for reply in (first, lost):
        assert client.renew(reply.document["refresh_token"]).status == 200


def test_the_access_token_of_before_lives_on_until_its_end(client: Client) -> None:
    client.books.clock.advance(timedelta(minutes=29))
    assert client.renew().status == 200
    assert client.get("Organisation").status == 200


def test_an_unused_refresh_token_dies_after_sixty_days(client: Client) -> None:
    other = client.exchange(code_from(client)).document["refresh_token"]
    client.books.clock.advance(REFRESH_LIFE - SECOND)
    assert client.renew(other).status == 200
    client.books.clock.advance(SECOND)
    assert client.renew().document == {"error": "invalid_grant"}


def test_nothing_works_any_more_when_the_person_withdraws(client: Client) -> None:
    client.emulator.tokens.withdraw()
    assert client.get("Organisation").status == 401
    assert client.renew().document == {"error": "invalid_grant"}


def test_pages_that_there_are_not(client: Client) -> None:
    assert client.ask("GET", "/connect/token").status == 404
