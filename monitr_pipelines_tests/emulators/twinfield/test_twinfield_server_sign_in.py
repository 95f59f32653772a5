"""The authorization server: consent, an hour's access, a refresh token that stays, and the cluster."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from twinfield_server_kit import CONNECT, FIRST, REDIRECT, SCOPE, Client, twinfield_server

from monitr_pipelines.emulators.frame.options import CLIENT_ID

LIST = "<list><type>offices</type></list>"


def authorize(client: Client, method: str = "GET", **changed: str) -> tuple[int, dict[str, str]]:
    """The status, and with what the person is sent back."""
    asked = {
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": SCOPE,
        "state": "a state+/=&",
    } | changed
    reply = client.ask(method, f"{CONNECT}/authorize", **{"params" if method == "GET" else "data": asked})
    query = parse_qs(urlsplit(reply.headers.get("Location", "")).query)
    return reply.status_code, {name: values[0] for name, values in query.items()}


def exchange(client: Client, code: str, **changed: str) -> tuple[int, dict[str, object]]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT} | changed
    reply = client.token(**form)
    return reply.status_code, reply.json()


def test_a_person_agrees_and_the_program_reads(client: Client) -> None:
    assert authorize(client) == (200, {}), "they are asked"
    status, back = authorize(client, "POST", decision="allow")
    assert (status, back["state"]) == (302, "a state+/=&")
    status, given = exchange(client, back["code"])
    assert (status, given["expires_in"], given["token_type"]) == (200, 3600, "Bearer")
    client.access = str(given["access_token"])
    assert client.process(LIST).result.get("result") == "1"
    assert exchange(client, back["code"]) == (400, {"error": "invalid_grant"}), "it was used"


def test_who_refuses_is_sent_back_with_it(unchanging: Client) -> None:
    assert authorize(unchanging, "POST", decision="refuse")[1]["error"] == "access_denied"


def test_consent_may_be_automatic(unchanging: Client) -> None:
    with twinfield_server(unchanging.books, consent="automatic", redirect=REDIRECT) as other:
        assert "code" in authorize(other)[1]
        assert authorize(other, redirect_uri="http://127.0.0.1/else") == (400, {})


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"scope": "twf.user twf.organisation"}, "invalid_scope"),
        ({"scope": f"{SCOPE} twf.everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_what_cannot_be_asked(unchanging: Client, changed: dict[str, str], error: str) -> None:
    assert authorize(unchanging, **changed)[1]["error"] == error


def test_nobody_is_sent_where_nobody_registered(unchanging: Client) -> None:
    assert authorize(unchanging, client_id="other") == (400, {})
    assert authorize(unchanging, redirect_uri="https://example.com/") == (400, {})


def test_a_code_is_for_its_address_and_for_five_minutes(client: Client) -> None:
    code = authorize(client, "POST", decision="allow")[1]["code"]
    assert exchange(client, code, redirect_uri=f"{REDIRECT}/else")[1] == {"error": "invalid_grant"}
    code = authorize(client, "POST", decision="allow")[1]["code"]
    client.books.clock.advance(timedelta(minutes=5))
    assert exchange(client, code)[1] == {"error": "invalid_grant"}


def test_without_offline_access_there_is_no_refresh_token(unchanging: Client) -> None:
    code = authorize(unchanging, "POST", decision="allow", scope=SCOPE.replace("offline_access ", ""))[1][
        "code"
    ]
    assert "refresh_token" not in exchange(unchanging, code)[1]


def test_access_ends_after_an_hour_and_the_refresh_token_stays(client: Client) -> None:
    refresh = client.emulator.settings(client.server.address)["refresh_token"]
    client.books.clock.advance(timedelta(minutes=59))
    assert client.process(LIST).status == 200
    client.books.clock.advance(timedelta(minutes=1))
    assert client.process(LIST).fault == (401, "s:Client", "354")
    for _ in range(2):
        given = client.token(grant_type="refresh_token", refresh_token=refresh).json()
        assert given["refresh_token"] == refresh
        client.access = given["access_token"]
        assert client.process(LIST).status == 200
        client.books.clock.advance(timedelta(days=400))


def test_refreshing_needs_the_program_and_the_consent(client: Client) -> None:
    form = {"grant_type": "refresh_token"}
    form["refresh_token"] = client.emulator.settings(client.server.address)["refresh_token"]
    other = client.ask("POST", f"{CONNECT}/token", data=form, auth=(CLIENT_ID, "wrong"))
    assert (other.status_code, other.json()) == (400, {"error": "invalid_client"})
    assert client.token(grant_type="password").json() == {"error": "unsupported_grant_type"}
    apps = "/auth/authentication/apps"
    assert CLIENT_ID in client.ask("GET", apps).text
    assert "No app" in client.ask("POST", apps).text
    assert client.token(**form).json() == {"error": "invalid_grant"}
    assert client.process(LIST).fault == (401, "s:Client", "354")


def test_the_validation_of_a_token_tells_the_cluster_which_may_change(client: Client) -> None:
    def told() -> dict[str, object]:
        found = client.ask("GET", f"{CONNECT}/accesstokenvalidation", params={"token": client.access})
        return dict(found.json())

    assert told()["twf.clusterUrl"] == client.server.address
    assert told()["client_id"] == CLIENT_ID
    client.emulator.cluster = "/later"
    assert told()["twf.clusterUrl"] == f"{client.server.address}/later"
    assert client.process(LIST).status == 200
    assert client.ask("POST", "/webservices/processxml.asmx").status_code == 404
    client.access = "other"
    wrong = client.ask("GET", f"{CONNECT}/accesstokenvalidation", params={"token": "other"})
    assert wrong.status_code == 400


def test_the_user_is_told_to_who_has_a_token(unchanging: Client) -> None:
    bearer = {"Authorization": f"Bearer {unchanging.access}"}
    assert unchanging.ask("GET", f"{CONNECT}/userinfo", headers=bearer).json()["sub"] == "API000001"
    assert unchanging.ask("GET", f"{CONNECT}/userinfo").status_code == 401


def test_a_connection_has_what_it_needs(unchanging: Client) -> None:
    assert unchanging.emulator.settings("http://127.0.0.1:1")["url"] == "http://127.0.0.1:1"
    assert [each.id for each in unchanging.emulator.administrations()] == [FIRST, "OFF002"]
