"""Signing in and renewing tokens, against a server that answers on order: what is spent, what is not."""

import json
import logging
import traceback
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
from http_kit import HASTY, CountingLimits, Order, Server, serve

from monitr_pipelines.lifecycle.errors import (
    ApplicationRefused,
    ImportProblem,
    ProviderDown,
    ReconnectNeeded,
)
from monitr_pipelines.providers.contract import Application, Consent, Credentials, Ports
from monitr_pipelines.providers.oauth import EXPIRES_AT, Grant, OAuth, Proof

CODE = "canary-code"
SECRETS = ("canary-secret", CODE, "canary-refresh", "canary-access", "canary-verifier", "Jan Canary")
APPLICATION = Application("monitr & co", "canary-secret:/")
GIVEN = Credentials({"country": "be"})
BEFORE = Credentials({"country": "be", "access_token": "canary-access", "refresh_token": "canary-refresh"})
NEW = {"access_token": "canary-access-2", "refresh_token": "canary-refresh-2", "expires_in": "600"}


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as served:
        yield served


@pytest.fixture
def sign_in(server: Server) -> OAuth:
    return OAuth(
        "Books",
        authorize=lambda given: f"https://{given['country']}.books.example/allow",
        token=lambda given: f"{server.address}/token",
        patience=HASTY,
    )


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert not any(secret in caplog.text for secret in SECRETS)


def consent(**others: str) -> Consent:
    values = {"callback": "https://monitr.example/back", "state": "st", "verifier": "canary-verifier"}
    return Consent(APPLICATION, given=GIVEN, **(values | others))


def answer(document: object, status: int = 200, **headers: str) -> Order:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Order(status, json.dumps(document).encode(), names)


def refused(raised: pytest.ExceptionInfo[ImportProblem]) -> ImportProblem:
    """The error, in which nothing secret is told."""
    error = raised.value
    shown = "".join(traceback.format_exception(error)) + repr(error) + error.detail
    assert not any(secret in shown for secret in SECRETS)
    return error


# The page and the code


def test_the_page_is_asked_for_a_code(sign_in: OAuth) -> None:
    parts = urlsplit(replace(sign_in, scopes=("books.read", "offline")).page(consent()))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://be.books.example/allow"
    assert parse_qs(parts.query) == {
        "response_type": ["code"],
        "client_id": ["monitr & co"],
        "redirect_uri": ["https://monitr.example/back"],
        "state": ["st"],
        "scope": ["books.read offline"],
    }


def test_with_proof_keys_only_a_digest_leaves_first(sign_in: OAuth, server: Server) -> None:
    server.order(answer(NEW))
    proving = replace(sign_in, pkce=True)
    page = proving.page(consent())
    digest = urlsafe_b64encode(sha256(b"canary-verifier").digest()).rstrip(b"=").decode()
    query = parse_qs(urlsplit(page).query)
    assert (query["code_challenge"], query["code_challenge_method"]) == ([digest], ["S256"])
    assert "canary" not in page
    proving.exchange(consent(), CODE)
    assert parse_qs(server.sent[0].decode())["code_verifier"] == ["canary-verifier"]


def test_a_code_is_exchanged_for_credentials(sign_in: OAuth, server: Server) -> None:
    server.order(answer(NEW))
    begun = datetime.now(UTC)
    got = sign_in.exchange(consent(), CODE)
    assert {name: got[name] for name in ("country", "access_token", "refresh_token")} == {
        "country": "be",
        "access_token": "canary-access-2",
        "refresh_token": "canary-refresh-2",
    }
    lives = datetime.fromisoformat(got[EXPIRES_AT]) - begun
    assert timedelta(seconds=600) <= lives < timedelta(minutes=15)
    assert parse_qs(server.sent[0].decode()) == {
        "grant_type": ["authorization_code"],
        "code": [CODE],
        "redirect_uri": ["https://monitr.example/back"],
        "client_id": ["monitr & co"],
        "client_secret": ["canary-secret:/"],
    }
    assert server.asked[0][1] == "/token"


def test_an_application_may_prove_itself_in_a_header(sign_in: OAuth, server: Server) -> None:
    server.order(answer(NEW))
    replace(sign_in, proof=Proof.IN_HEADER).exchange(consent(), CODE)
    proof = server.asked[0][2]["Authorization"].removeprefix("Basic ")
    assert b64decode(proof).decode() == "monitr%20%26%20co:canary-secret%3A%2F"
    assert b"client_secret" not in server.sent[0]


def test_a_code_that_is_refused_needs_the_person_again(sign_in: OAuth, server: Server) -> None:
    server.order(answer({"error": "invalid_grant", "error_description": "Jan Canary"}, 400))
    with pytest.raises(ReconnectNeeded) as raised:
        sign_in.exchange(consent(), CODE)
    refused(raised)


@pytest.mark.parametrize("order", [Order(drop=True), Order(500), answer({"token": "canary-access"})])
def test_a_code_of_which_nobody_knows_is_not_tried_again(
    sign_in: OAuth, server: Server, order: Order
) -> None:
    server.order(order)
    with pytest.raises(ProviderDown) as raised:
        sign_in.exchange(consent(), CODE)
    refused(raised)
    assert len(server.asked) == 1


# Refresh tokens


def test_a_refresh_token_is_exchanged_for_a_new_pair(sign_in: OAuth, server: Server) -> None:
    server.order(answer(NEW))
    got = sign_in.renewed(APPLICATION, BEFORE)
    assert (got["access_token"], got["refresh_token"]) == ("canary-access-2", "canary-refresh-2")
    assert got["country"] == "be"
    form = parse_qs(server.sent[0].decode())
    assert (form["grant_type"], form["refresh_token"]) == (["refresh_token"], ["canary-refresh"])


def test_one_that_is_not_exchanged_for_another_stays(sign_in: OAuth, server: Server) -> None:
    server.order(answer({"access_token": "canary-access-2", "expires_in": 60}))
    assert sign_in.renewed(APPLICATION, BEFORE)["refresh_token"] == "canary-refresh"  # noqa: S105


def test_without_a_refresh_token_a_person_is_needed_and_nobody_is_asked(
    sign_in: OAuth, server: Server
) -> None:
    lone = Credentials({"access_token": CODE})
    with pytest.raises(ReconnectNeeded):
        sign_in.renewed(APPLICATION, lone)
    assert not server.asked


@pytest.mark.parametrize("told", [None, "soon", -1, True, {}])
def test_a_lifetime_that_is_not_told_is_the_declared_one(
    sign_in: OAuth, server: Server, told: object
) -> None:
    server.order(answer(NEW | {"expires_in": told}))
    until = datetime.fromisoformat(sign_in.renewed(APPLICATION, BEFORE)[EXPIRES_AT])
    assert timedelta(minutes=9) < until - datetime.now(UTC) <= timedelta(minutes=10)


UNSPENT = {
    "overload": Order(429),
    "an invitation to come again": Order(503, headers={"Retry-After": "60"}),
    "a server that says it is not there": answer({"error": "temporarily_unavailable"}, 503),
    "too early": answer({"error": "access_denied"}, 400, Reason="TooEarly"),
}
REFUSED = {
    "a token that was used": answer(
        {"error": "unauthorized_client", "error_description": "canary-access"}, 401
    ),
    "a token that ended": answer({"error": "invalid_grant"}, 400),
    "a person who withdrew": answer({"error": "access_denied"}, 403),
}
UNKNOWN = {
    "dropped": Order(drop=True),
    "cut off": Order(body=json.dumps(NEW).encode(), claimed_length=5000),
    "a proxy's 503": Order(503, body=b"upstream connect error"),
    "502": Order(502),
    "500 with an error": answer({"error": "server_error"}, 500),
    "500 that names a refusal": answer({"error": "invalid_grant"}, 500),
    "400 without one": Order(400, body=b"<html>Jan Canary</html>"),
    "another error": answer({"error": "invalid_request"}, 400),
    "200 without a token": answer({"refresh_token": "canary-refresh-2"}),
    "200 that is no JSON": Order(body=b"<html>"),
    "200 that is a list": answer([NEW]),
    "a redirect": Order(302, headers={"Location": "https://elsewhere.example"}),
}


@pytest.mark.parametrize("order", UNSPENT.values(), ids=UNSPENT)
def test_a_token_that_was_not_used_stays(sign_in: OAuth, server: Server, order: Order) -> None:
    server.order(order)
    telling = replace(sign_in, unspent=lambda reply: reply.headers.get("Reason") == "TooEarly")
    with pytest.raises(ProviderDown) as raised:
        telling.renewed(APPLICATION, BEFORE)
    refused(raised)
    assert len(server.asked) == 1


@pytest.mark.parametrize("order", REFUSED.values(), ids=REFUSED)
def test_a_refusal_needs_a_person(sign_in: OAuth, server: Server, order: Order) -> None:
    server.order(order)
    with pytest.raises(ReconnectNeeded) as raised:
        sign_in.renewed(APPLICATION, BEFORE)
    assert "," in refused(raised).detail


@pytest.mark.parametrize("order", UNKNOWN.values(), ids=UNKNOWN)
def test_what_became_of_any_other_exchange_is_unknown(sign_in: OAuth, server: Server, order: Order) -> None:
    server.order(order)
    with pytest.raises(ReconnectNeeded) as raised:
        sign_in.renewed(APPLICATION, BEFORE)
    assert [message.kind for message in refused(raised).messages] == ["sign_in_unknown"]
    assert len(server.asked) == 1


def test_an_answer_that_is_late_is_unknown(sign_in: OAuth, server: Server) -> None:
    server.order(Order(body=json.dumps(NEW).encode() + b" " * 5000, drip=True))
    hasty = replace(sign_in, patience=replace(HASTY, whole_answer=timedelta(seconds=1)))
    with pytest.raises(ReconnectNeeded) as raised:
        hasty.renewed(APPLICATION, BEFORE)
    refused(raised)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "https://127.0.0.1:1"])
def test_where_nobody_is_nothing_was_sent(sign_in: OAuth, address: str) -> None:
    away = replace(sign_in, token=lambda given: f"{address}/token")
    with pytest.raises(ProviderDown) as raised:
        away.renewed(APPLICATION, BEFORE)
    refused(raised)


def test_without_a_secure_connection_nothing_was_sent(sign_in: OAuth, server: Server) -> None:
    """The server is there, and speaks no TLS."""
    plain = replace(sign_in, token=lambda given: server.address.replace("http", "https") + "/token")
    with pytest.raises(ProviderDown) as raised:
        plain.renewed(APPLICATION, BEFORE)
    refused(raised)
    assert server.sent == []


def test_a_secret_of_ours_that_is_wrong_is_for_operations(sign_in: OAuth, server: Server) -> None:
    server.order(answer({"error": "invalid_client"}, 401))
    with pytest.raises(ApplicationRefused) as raised:
        sign_in.renewed(APPLICATION, BEFORE)
    assert refused(raised).code == "application_refused"
    with pytest.raises(ApplicationRefused):
        sign_in.renewed(None, BEFORE)
    assert len(server.asked) == 1


# Grants


@dataclass
class Kept:
    """Tokens as other processes leave them."""

    credentials: Credentials
    stale: list[Credentials] = field(default_factory=list)
    others: list[Mapping[str, str]] = field(default_factory=list)

    def read(self) -> Credentials:
        return self.credentials

    def renew(self, stale: Credentials, exchange: Callable[[Credentials], Mapping[str, str]]) -> Credentials:
        self.stale.append(stale)
        renewed = self.others.pop(0) if self.others else exchange(stale)
        self.credentials = Credentials(renewed)
        return self.credentials


def token(number: int, *, left: timedelta) -> dict[str, str]:
    until = datetime.now(UTC) + left
    return {"access_token": f"canary-access-{number}", "refresh_token": "r", EXPIRES_AT: until.isoformat()}


def granted(sign_in: OAuth, kept: Kept) -> Grant:
    return Grant(sign_in, Ports(kept, CountingLimits(), APPLICATION))


def test_a_token_is_renewed_in_good_time(sign_in: OAuth, server: Server) -> None:
    server.order(answer(NEW))
    fresh = Kept(Credentials(token(1, left=timedelta(seconds=61) + timedelta(minutes=1))))
    assert granted(sign_in, fresh).headers() == {"Authorization": "Bearer canary-access-1"}
    assert fresh.stale == []
    ending = Kept(Credentials(token(1, left=timedelta(seconds=59))))
    grant = granted(sign_in, ending)
    for _ in range(2):
        assert grant.headers() == {"Authorization": "Bearer canary-access-2"}
    assert len(server.asked) == 1


def test_credentials_with_a_refresh_token_alone_are_enough(sign_in: OAuth, server: Server) -> None:
    server.order(answer(NEW))
    grant = granted(sign_in, Kept(Credentials({"country": "be", "refresh_token": "r"})))
    assert grant.headers() == {"Authorization": "Bearer canary-access-2"}


def test_one_that_may_not_be_renewed_yet_is_used_on_and_nobody_insists(
    sign_in: OAuth, server: Server
) -> None:
    server.order(Order(429))
    grant = granted(sign_in, Kept(Credentials(token(1, left=timedelta(seconds=30)))))
    for _ in range(3):
        assert grant.headers() == {"Authorization": "Bearer canary-access-1"}
    assert len(server.asked) == 1


def test_one_that_has_ended_is_not_used_on(sign_in: OAuth, server: Server) -> None:
    server.order(Order(429))
    grant = granted(sign_in, Kept(Credentials(token(1, left=timedelta(seconds=-1)))))
    with pytest.raises(ProviderDown):
        grant.headers()


def test_what_others_renewed_is_taken_over_unless_it_has_ended_too(sign_in: OAuth, server: Server) -> None:
    server.order(answer(NEW))
    ended = token(1, left=timedelta(seconds=-1))
    kept = Kept(Credentials(ended), others=[token(5, left=timedelta(minutes=5))])
    assert granted(sign_in, kept).headers() == {"Authorization": "Bearer canary-access-5"}
    kept = Kept(Credentials(ended), others=[token(6, left=timedelta(seconds=-1))])
    assert granted(sign_in, kept).headers() == {"Authorization": "Bearer canary-access-2"}
    assert len(server.asked) == 1
