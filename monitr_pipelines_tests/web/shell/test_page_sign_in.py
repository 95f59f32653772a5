"""Signing in and out: tokens, one-time links, cookies, form tokens, headers."""

import re
from collections.abc import Callable
from http.cookies import Morsel, SimpleCookie

import httpx2
import pytest

from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import sessions
from monitr_pipelines.web.shell.addresses import local
from monitr_pipelines_tests.web.page_kit import Company, form_token, make_company, sign_in

# What a browser sends for a page; scripts ask for anything.
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def company(connection: Connection) -> Company:
    return make_company(connection)


def cookie(answer: httpx2.Response, name: str) -> Morsel[str]:
    for header in answer.headers.get_list("set-cookie"):
        found = SimpleCookie(header)
        if name in found:
            return found[name]
    raise AssertionError(f"no cookie {name}")


def test_a_token_signs_in_and_out(client: httpx2.Client, company: Company) -> None:
    assert client.get("/entities").headers["location"] == "/sign-in"
    answer = sign_in(client, company.token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/entities")
    page = client.get("/entities")
    assert page.status_code == 200
    assert company.name in page.text
    old = client.cookies[sessions.SESSION_COOKIE]
    assert client.post("/sign-out", data={"csrf": form_token(client, "/entities")}).status_code == 303
    client.cookies.set(sessions.SESSION_COOKIE, old)
    assert client.get("/entities").status_code == 303


def test_the_session_cookie_is_out_of_reach(client: httpx2.Client, company: Company) -> None:
    morsel = cookie(sign_in(client, company.token), sessions.SESSION_COOKIE)
    assert morsel["httponly"] is True
    assert morsel["samesite"] == "lax"
    assert morsel["path"] == "/"
    assert int(morsel["max-age"]) == sessions.SESSION_LIFE.total_seconds()
    assert morsel["secure"] == ""


def test_behind_https_cookies_are_secure(
    client: httpx2.Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITR_PUBLIC_URL", "https://monitr.example")
    assert cookie(client.get("/sign-in"), sessions.SIGN_IN_COOKIE)["secure"] is True


def test_only_hashes_are_stored(client: httpx2.Client, company: Company, connection: Connection) -> None:
    sign_in(client, company.token)
    secret = client.cookies[sessions.SESSION_COOKIE]
    rows = connection.execute(
        "select t.token_hash, s.session_hash from app.access_token as t "
        "inner join app.web_session as s on t.id = s.access_token_id where t.id = %s",
        [company.token_id],
    ).fetchall()
    assert [(row["token_hash"], row["session_hash"]) for row in rows] == [
        (access_tokens.digest(company.token), access_tokens.digest(secret))
    ]


@pytest.mark.parametrize("token", ["", "monitr_wrong", "x" * 5000, "é\x00"])
def test_a_wrong_token_is_refused(client: httpx2.Client, token: str) -> None:
    answer = sign_in(client, token)
    assert answer.status_code in (400, 401)
    assert sessions.SESSION_COOKIE not in client.cookies


def test_a_revoked_token_ends_its_sessions(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    sign_in(client, company.token)
    assert client.get("/entities").status_code == 200
    access_tokens.revoke(connection, company.token_id)
    assert client.get("/entities").status_code == 303
    assert sign_in(client, company.token).status_code == 401


def test_a_link_signs_in_once_and_a_preview_does_not_spend_it(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    _, link = access_tokens.create(connection, company.name, "Jo", access_tokens.LINK)
    for _ in range(3):
        assert client.get(f"/sign-in/{link}").status_code == 200
        assert client.head(f"/sign-in/{link}").status_code in (200, 405)
    first = client.post(f"/sign-in/{link}", data={"csrf": form_token(client, f"/sign-in/{link}")})
    assert first.headers["location"] == "/entities"
    assert "Jo" in client.get("/entities").text
    again = client.post(f"/sign-in/{link}", data={"csrf": form_token(client, "/sign-in")})
    assert again.status_code == 401
    assert "used already" in again.text


def test_an_expired_link_is_refused(client: httpx2.Client, company: Company, connection: Connection) -> None:
    made, link = access_tokens.create(connection, company.name, "Jo", access_tokens.LINK)
    connection.execute("update app.access_token set expires_at = now() where id = %s", [made])
    path = f"/sign-in/{link}"
    assert client.post(path, data={"csrf": form_token(client, path)}).status_code == 401


def test_an_expired_session_is_over(client: httpx2.Client, company: Company, connection: Connection) -> None:
    sign_in(client, company.token)
    connection.execute(
        "update app.web_session set expires_at = now() where access_token_id = %s", [company.token_id]
    )
    assert client.get("/entities").status_code == 303
    sign_in(client, company.token)
    row = connection.execute(
        "select count(*) as kept from app.web_session where access_token_id = %s", [company.token_id]
    ).fetchone()
    assert row == {"kept": 1}


@pytest.mark.parametrize(
    ("asked", "way"),
    [
        ("/entities", "/sign-in"),
        ("/reports/1-x/profit-and-loss?from=2025-01&to=2025-03",
         "/sign-in?back=%2Freports%2F1-x%2Fprofit-and-loss%3Ffrom%3D2025-01%26to%3D2025-03"),
        ("/integrations/callback?state=s&code=secret", "/sign-in?back=%2Fintegrations"),
    ],
)  # fmt: skip
def test_signing_in_leads_back_to_the_page_that_was_asked_for(
    client: httpx2.Client, company: Company, asked: str, way: str
) -> None:
    assert client.get(asked, headers=BROWSER).headers["location"] == way
    assert client.get(asked).headers["location"] == "/sign-in"
    fields = {"csrf": form_token(client, way), "token": company.token}
    back = asked if "callback" not in asked else "/integrations"
    assert client.post(way, data={**fields, "token": "wrong"}).status_code == 401
    assert client.post(way, data=fields).headers["location"] == back


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_leads_to_no_other_site(client: httpx2.Client, company: Company, back: str) -> None:
    fields = {"csrf": form_token(client, "/sign-in"), "token": company.token}
    assert client.post("/sign-in", params={"back": back}, data=fields).headers["location"] == "/entities"


def test_a_form_of_a_session_that_ended_is_said_to_be_unsent(
    client: httpx2.Client, company: Company, connection: Connection
) -> None:
    sign_in(client, company.token)
    path = f"/entities/{company.key}/reset"
    fields = {"csrf": form_token(client, path)}
    connection.execute(
        "update app.web_session set expires_at = now() where access_token_id = %s", [company.token_id]
    )
    answer = client.post(path, data=fields, headers=BROWSER)
    assert answer.headers["location"] == "/sign-in?unsent=1"
    assert "the form was not sent, and nothing was changed" in client.get("/sign-in?unsent=1").text
    assert "the form was not sent" not in client.get("/sign-in").text


@pytest.mark.parametrize("given", [None, "", "0" * 64, "é"])
@pytest.mark.parametrize(
    "path", ["/sign-out", "/entities/sync", "/entities/{key}/sync", "/entities/{key}/reset", "/sign-in"]
)
def test_a_form_without_its_token_changes_nothing(
    client: httpx2.Client, company: Company, connection: Connection, path: str, given: str | None
) -> None:
    sign_in(client, company.token)
    client.get("/sign-in")
    values = {"entity": company.key, "token": company.token} | ({} if given is None else {"csrf": given})
    answer = client.post(path.format(key=company.key), data=values)
    assert answer.status_code in ((400,) if not given else (403,))
    assert answer.headers["content-type"].startswith("text/html")
    row = connection.execute(
        "select reset_at, (select count(*) from app.import where entity_id = e.id) as asked "
        "from app.entity as e where key = %s",
        [company.key],
    ).fetchone()
    assert row == {"reset_at": None, "asked": 0}
    assert client.get("/entities").status_code == 200


def test_a_form_of_another_session_or_site_is_refused(
    client: httpx2.Client, company: Company, connection: Connection, new_client: Callable[[], httpx2.Client]
) -> None:
    sign_in(client, company.token)
    other = new_client()
    sign_in(other, company.token)
    path = f"/entities/{company.key}/reset"
    assert client.post(path, data={"csrf": form_token(other, path)}).status_code == 403
    mine = form_token(client, path)
    answer = client.post(path, data={"csrf": mine}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert client.post(path, data={"csrf": mine}).status_code == 303


@pytest.mark.parametrize(
    "path", ["/sign-in", "/entities", "/entities/unknown", "/entities/{key}", "/no-link"]
)
def test_pages_run_nothing_foreign_and_are_kept_nowhere(
    client: httpx2.Client, company: Company, path: str
) -> None:
    sign_in(client, company.token)
    page = client.get(path.format(key=company.key))
    if page.headers["content-type"].startswith("text/html"):
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert not re.search(
            r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|https?://(?!www\.w3\.org)", page.text
        )
    else:
        assert page.status_code == 404


def test_a_large_form_is_refused_whether_it_tells_its_length_or_not(client: httpx2.Client) -> None:
    body = b"token=" + b"x" * 300_000
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/sign-in", content=body, headers=headers).status_code == 413
    assert client.post("/sign-in", content=iter([body]), headers=headers).status_code == 413


@pytest.mark.parametrize(
    ("address", "back"),
    [
        ("/entities?q=x", "/entities?q=x"),
        ("//evil.example", "/entities"),
        ("/\\evil.example", "/entities"),
        ("https://evil.example", "/entities"),
        ("/x\r\nset-cookie: a=b", "/entities"),
    ],
)
def test_the_way_back_is_always_ours(client: httpx2.Client, address: str, back: str) -> None:
    assert local(address) == back
    answer = client.get("/language/nl", params={"back": address})
    assert answer.headers["location"] == back


@pytest.mark.parametrize(
    ("accepted", "title"),
    [
        ("nl-BE,nl;q=0.9,en;q=0.5", "Aanmelden"),
        ("de, fr-BE;q=0.8", "Se connecter"),
        ("de", "Sign in"),
        ("", "Sign in"),
        (",;=" * 500, "Sign in"),
    ],
)
def test_the_browser_tells_the_language(client: httpx2.Client, accepted: str, title: str) -> None:
    assert f"<h1>{title}</h1>" in client.get("/sign-in", headers={"accept-language": accepted}).text


def test_a_chosen_language_stays(client: httpx2.Client) -> None:
    client.get("/language/fr")
    page = client.get("/sign-in", headers={"accept-language": "nl"})
    assert '<html lang="fr">' in page.text
    assert client.get("/language/xx").status_code == 404
