"""Operators sign in, where that is wanted; and what passes the guard is shown by no other site."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import httpx2
import pytest
from process_kit import LONGEST_WAIT
from starlette.responses import JSONResponse
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from monitr_pipelines.web.guard import attempts, sign_in
from monitr_pipelines.web.guard.addresses import LOOPBACK, Addresses
from monitr_pipelines.web.guard.attempts import Attempts
from monitr_pipelines.web.guard.door import HEADERS, Guard, guarded
from monitr_pipelines.web.guard.pages import SIGN_IN, SIGN_OUT, Pages
from monitr_pipelines.web.guard.sign_in import COOKIE, Tokens
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.hook_kit import listening

TOKEN = "an-operators-token-of-32-letters"  # noqa: S105 - of this test
OTHER = "another-operators-token-as-long-"
PAGE = {"accept": "text/html"}


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


async def echo(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI has it
    """Tells what came through; shares it with everybody, as Dagster may one day."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})
        return
    told = {"path": scope["path"], "query": scope["query_string"].decode()}
    shared = {
        "access-control-allow-origin": "*",
        "Access-Control-Allow-Credentials": "true",
        "content-security-policy": "script-src 'self'",
    }
    await JSONResponse(told, headers=shared)(scope, receive, send)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def guard_of(clock: Clock, *tokens: str) -> Guard:
    pages = Pages(Tokens(tokens, clock), Attempts(clock))
    return Guard(echo, Addresses(LOOPBACK, frozenset()), pages)


@pytest.fixture
def closed(clock: Clock) -> Iterator[httpx2.Client]:
    """A browser before a door that asks for a token."""
    with (
        listening(guard_of(clock, OTHER, TOKEN)) as url,
        httpx2.Client(base_url=url, timeout=LONGEST_WAIT) as client,
    ):
        yield client


@pytest.fixture
def opened(clock: Clock) -> Iterator[httpx2.Client]:
    """A browser before a door that asks nobody."""
    with listening(guard_of(clock)) as url, httpx2.Client(base_url=url, timeout=LONGEST_WAIT) as client:
        yield client


def give(client: httpx2.Client, token: str, **params: str) -> httpx2.Response:
    return client.post(
        SIGN_IN, params=params, data={"token": token}, headers={"origin": str(client.base_url)}
    )


def test_without_tokens_nobody_is_asked(opened: httpx2.Client) -> None:
    assert opened.get("/runs", headers=PAGE).json() == {"path": "/runs", "query": ""}
    assert opened.post("/graphql", json={}).status_code == 200
    assert opened.get(SIGN_IN).status_code == 404


def test_who_opens_a_page_is_asked_and_comes_back_to_it(closed: httpx2.Client) -> None:
    asked = closed.get("/runs?view=all", headers=PAGE)
    assert asked.status_code == 303
    form = closed.get(asked.headers["location"])
    assert (form.status_code, 'name="token"' in form.text) == (200, True)
    assert (
        closed.get(re.findall(r'href="([^"]+css)"', form.text)[0])
        .headers["content-type"]
        .startswith("text/css")
    )
    let_in = give(closed, f" {TOKEN} ", back="/runs?view=all")
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/runs?view=all")
    cookie = let_in.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"))
    assert TOKEN not in cookie
    assert closed.get("/runs", headers=PAGE).status_code == 200


def test_a_wrong_token_lets_nobody_in(closed: httpx2.Client) -> None:
    for wrong in ("", TOKEN[:-1], TOKEN.upper(), "é" * 32, f"{TOKEN},{OTHER}"):
        refused = give(closed, wrong)
        assert (refused.status_code, "set-cookie" in refused.headers) == (401, False)
        assert 'role="alert"' in refused.text
    assert closed.get("/runs").status_code == 401


def test_a_form_of_another_kind_or_size_holds_no_token(closed: httpx2.Client) -> None:
    own = {"origin": str(closed.base_url)}
    files = {"token": ("x", TOKEN.encode())}
    assert closed.post(SIGN_IN, files=files, headers=own).status_code == 401
    assert closed.post(SIGN_IN, data={"other": "x" * 5000, "token": TOKEN}, headers=own).status_code == 401


def test_the_form_of_another_site_is_refused(closed: httpx2.Client) -> None:
    for origin in ("http://evil.example", "null", "http://localhost:1"):
        refused = closed.post(SIGN_IN, data={"token": TOKEN}, headers={"origin": origin})
        assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "x", ""])
def test_nobody_is_led_elsewhere(closed: httpx2.Client, back: str) -> None:
    assert give(closed, TOKEN, back=back).headers["location"] == "/"


def test_a_link_of_another_site_asks_the_browser_again(closed: httpx2.Client) -> None:
    """It keeps a SameSite=Strict cookie to itself where the page of another site leads here."""
    link = {**PAGE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    page = closed.get("/runs/1?a=b&c=d", headers={**link, "sec-fetch-dest": "document"})
    assert page.status_code == 200
    assert 'content="0; url=/runs/1?a=b&amp;c=d"' in page.text
    elsewhere = closed.get(
        f"{closed.base_url}//evil.example/x", headers={**link, "sec-fetch-dest": "document"}
    )
    assert 'url=/"' in elsewhere.text


def test_ten_wrong_tokens_a_minute(closed: httpx2.Client, clock: Clock) -> None:
    for _ in range(attempts.MOST):
        assert give(closed, "wrong").status_code == 401
    late = give(closed, TOKEN)
    assert late.status_code == 429
    assert 0 < int(late.headers["retry-after"]) <= attempts.WINDOW_SECONDS + 1
    assert closed.get("/", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    clock.now += attempts.WINDOW_SECONDS
    assert give(closed, TOKEN).status_code == 303


def test_addresses_that_tried_are_forgotten_in_the_end(clock: Clock) -> None:
    counted = Attempts(clock)
    for _ in range(attempts.MOST):
        counted.failed("first")
    assert counted.wait("first") > 0
    for number in range(attempts.MOST_ADDRESSES):
        counted.failed(str(number))
    assert len(counted._failures) == attempts.MOST_ADDRESSES
    assert counted.wait("first") == 0


def test_a_cookie_ends(closed: httpx2.Client, clock: Clock) -> None:
    give(closed, TOKEN)
    clock.now += sign_in.LIFE_SECONDS - 1
    assert closed.get("/runs").status_code == 200
    clock.now += 2
    assert closed.get("/runs").status_code == 401


def test_a_cookie_ends_with_its_token(closed: httpx2.Client, clock: Clock) -> None:
    give(closed, TOKEN)
    cookie = f"{COOKIE}={closed.cookies[COOKIE]}"
    with listening(guard_of(clock, OTHER)) as url:
        assert httpx2.get(f"{url}/runs", headers={"cookie": cookie}).status_code == 401
    with listening(guard_of(clock, OTHER, TOKEN)) as url:
        assert httpx2.get(f"{url}/runs", headers={"cookie": cookie}).status_code == 200


def test_a_cookie_that_was_made_up_is_none(closed: httpx2.Client) -> None:
    give(closed, TOKEN)
    until, _, signature = closed.cookies[COOKIE].partition(".")
    later = f"{int(until) + 1}.{signature}"
    closed.cookies.clear()
    for made_up in (later, f"{until}.", f".{signature}", until, "", ".", "x.y", "9" * 30 + ".z", "é.é"):
        sent = {"cookie": f"{COOKIE}={made_up}".encode()}
        assert closed.get("/runs", headers=sent).status_code == 401, made_up


def test_signing_out(closed: httpx2.Client) -> None:
    give(closed, TOKEN)
    assert SIGN_OUT in closed.get(SIGN_IN).text
    assert closed.post(SIGN_OUT, headers={"origin": "http://evil.example"}).status_code == 403
    assert closed.post(SIGN_OUT, headers={"origin": str(closed.base_url)}).status_code == 303
    assert COOKIE not in closed.cookies
    assert SIGN_OUT not in closed.get(SIGN_IN).text


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {OTHER}", 200),
        (f"Bearer {TOKEN}x", 401),
        ("Bearer", 401),
        (f"Basic {TOKEN}", 401),
        (TOKEN, 401),
    ],
)
def test_a_program_or_a_proxy_sends_its_token_with_each_request(
    closed: httpx2.Client, header: str, status: int
) -> None:
    sent = {"authorization": header}
    assert closed.post("/graphql", json={}, headers=sent).status_code == status
    address = f"{closed.base_url}/graphql".replace("http", "ws", 1)
    refused = nullcontext() if status == 200 else pytest.raises(InvalidStatus, match="403")
    with refused, connect(address, additional_headers=sent):
        pass


def test_whoever_is_signed_in_is_still_asked_where_the_request_comes_from(closed: httpx2.Client) -> None:
    sent = {"authorization": f"Bearer {TOKEN}", "origin": "http://evil.example"}
    assert closed.post("/graphql", json={}, headers=sent).status_code == 403
    assert closed.get("/", headers={**sent, "host": "evil.example"}).status_code == 421


def test_the_console_is_opened_without_what_its_address_asks(opened: httpx2.Client) -> None:
    assert opened.get("/graphql?query=mutation", headers=PAGE).json()["query"] == ""
    assert opened.get("/runs?view=all", headers=PAGE).json()["query"] == "view=all"


def test_no_other_site_reads_or_frames_what_passes(opened: httpx2.Client) -> None:
    passed = opened.get("/server_info")
    assert [name for name in passed.headers if name.startswith("access-control")] == []
    policies = passed.headers.get_list("content-security-policy")
    assert policies == ["script-src 'self'", HEADERS["content-security-policy"]]
    assert passed.headers["x-frame-options"] == "SAMEORIGIN"
    assert passed.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_refusal_is_told_in_the_readers_language(opened: httpx2.Client, language: str) -> None:
    sent = {"accept-language": language, "host": "evil.example", "origin": "http://x"}
    words = i18n.text(language, "guard.refused.host", host="evil.example")
    assert opened.get("/", headers=sent).text == f"{words}\n"
    page = opened.get("/", headers={**sent, **PAGE, "host": '"><script>'}).text
    assert f'<html lang="{language}">' in page
    assert "<script>" not in page


def test_nothing_else_is_found_among_its_pages(closed: httpx2.Client) -> None:
    for path in ("/operators/", "/operators/other", "/operators/../graphql"):
        answer = closed.get(path, headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code in (404, 405)
    assert closed.get(SIGN_OUT).status_code == 404


def test_a_door_is_made_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITR_OPERATOR_TOKENS", f"{TOKEN}, {OTHER}")
    monkeypatch.setenv("MONITR_DAGSTER_ORIGINS", "https://dagster.example")
    door = guarded(echo)
    assert door.pages.tokens.tokens == (TOKEN, OTHER)
    assert door.addresses.answers_to("dagster.example")
