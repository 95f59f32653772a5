"""What the guard refuses by the head of a request: other hosts, other origins, whatever a form can send."""

import pytest
from starlette.requests import HTTPConnection

from monitr_pipelines.web.guard import addresses, rules
from monitr_pipelines.web.guard.addresses import LOOPBACK, Addresses
from monitr_pipelines.web.guard.rules import FOREIGN, METHOD, NOT_JSON, UNKNOWN_HOST, Refusal

HOST = "localhost:3000"
OWN = "http://localhost:3000"
PROXY = "https://dagster.example"
KNOWN = Addresses(LOOPBACK | {"10.0.0.5"}, frozenset({PROXY}))
JSON = ("content-type", "application/json")
PAGE = ("accept", "text/html,*/*")
LINK = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), PAGE]

Headers = list[tuple[str, str]]


def asked(method: str, path: str, *headers: tuple[str, str], host: str | None = HOST) -> HTTPConnection:
    sent = ([("host", host)] if host is not None else []) + list(headers)
    return HTTPConnection(
        {
            "type": "websocket" if method == "WebSocket" else "http",
            "method": method,
            "path": path,
            "query_string": b"query=mutation",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent],
        }
    )


def answer(method: str, path: str, *headers: tuple[str, str], host: str | None = HOST) -> Refusal | None:
    return rules.refused(asked(method, path, *headers, host=host), KNOWN)


@pytest.mark.parametrize("host", [HOST, "LOCALHOST", "127.0.0.1:3001", "[::1]:3000", "10.0.0.5:3000"])
def test_it_answers_to_its_own_names(host: str) -> None:
    assert answer("POST", "/graphql", JSON, host=host) is None
    assert answer("POST", "/graphql", JSON, ("origin", f"http://{host}"), host=host) is None


def test_it_answers_to_the_address_of_its_proxy() -> None:
    for host in ("dagster.example", "127.0.0.1:3000"):  # a proxy may keep the name to itself
        assert answer("POST", "/graphql", JSON, ("origin", PROXY), host=host) is None
    assert answer("POST", "/graphql", JSON, ("origin", "http://dagster.example"), host="dagster.example") == (
        FOREIGN
    )
    assert answer("GET", "/", host="dagster.example:8443") == UNKNOWN_HOST


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "localhost.",
        "evil@localhost",
        "localhost:3000@evil.example",
        "localhost:port",
        "127.0.0.1.nip.io",
        "0.0.0.0:3000",
        "2130706433",
        "10.0.0.50",
        "xn--lcalhost-8b8d",
        "",
        None,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "WebSocket"])
def test_it_answers_to_no_other_name(method: str, host: str | None) -> None:
    same = [("origin", f"http://{host}")] if host else []
    assert answer(method, "/graphql", JSON, *same, host=host) == UNKNOWN_HOST


def test_a_host_that_is_sent_twice_is_none() -> None:
    assert answer("GET", "/", ("host", "localhost"), host="localhost") == UNKNOWN_HOST


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://localhost:8000",
        "http://localhost",
        "https://localhost:3000",
        "http://127.0.0.1:3000",
        "http://localhost:3000.evil.example",
        "http://evil@localhost:3000",
        "chrome-extension://abcdef",
        "https://dagster.example.evil",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "WebSocket"])
def test_a_page_of_another_origin_is_refused(method: str, origin: str) -> None:
    assert answer(method, "/server_info", JSON, ("origin", origin)) == FOREIGN


@pytest.mark.parametrize("site", ["cross-site", "same-site", "odd"])
def test_what_a_page_of_another_site_embeds_is_refused(site: str) -> None:
    for headers in ([], [("sec-fetch-mode", "no-cors")], [*LINK, ("sec-fetch-dest", "iframe")]):
        assert answer("GET", "/server_info", ("sec-fetch-site", site), *headers) == FOREIGN
    frame = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe"), PAGE]
    assert answer("GET", "/", ("sec-fetch-site", site), *frame) == FOREIGN
    assert answer("POST", "/graphql", JSON, ("sec-fetch-site", site), *LINK) == FOREIGN
    assert answer("WebSocket", "/graphql", ("sec-fetch-site", site)) == FOREIGN


def test_a_link_to_a_page_may_stand_anywhere_but_not_to_the_console() -> None:
    assert answer("GET", "/runs/1", ("sec-fetch-site", "cross-site"), *LINK) is None
    assert answer("GET", "/graphql", ("sec-fetch-site", "cross-site"), *LINK) == FOREIGN
    assert answer("GET", "/graphql", ("sec-fetch-site", "none"), *LINK) is None


def test_a_browser_that_tells_only_where_it_comes_from_is_asked_that() -> None:
    evil = ("referer", "http://evil.example/page")
    assert answer("POST", "/graphql", JSON, evil) == FOREIGN
    assert answer("POST", "/graphql", JSON, ("referer", f"{OWN}/assets")) is None
    assert answer("POST", "/graphql", JSON, ("origin", OWN), evil) is None
    assert answer("GET", "/runs", evil) is None


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/plain;application/json",
        "text/plain; charset=application/json",
        "application/graphql",
        "application/jsonp",
        "application/json, text/plain",
        "",
    ],
)
@pytest.mark.parametrize(
    "path", ["/graphql", "/graphql/", "/report_asset_materialization/raw/accounts", "/report_asset_check/a"]
)
def test_what_a_form_can_send_is_refused(path: str, kind: str) -> None:
    assert answer("POST", path, ("content-type", kind)) == NOT_JSON
    assert answer("POST", path) == NOT_JSON
    assert answer("POST", path, ("content-type", kind), JSON) == NOT_JSON


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_passes(kind: str) -> None:
    assert answer("POST", "/graphql", ("content-type", kind), ("origin", OWN)) is None


@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "//graphql", "/GraphQL"])
def test_nothing_is_asked_by_opening_an_address(path: str) -> None:
    assert answer("GET", path) == METHOD
    assert answer("HEAD", path) == METHOD
    assert answer("GET", path, PAGE) is None


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "post"])
def test_other_methods_are_refused(method: str) -> None:
    assert answer(method, "/graphql", JSON) == METHOD


def test_what_is_bound_and_named_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITR_DAGSTER_BIND", "fd00::5")
    monkeypatch.setenv("MONITR_DAGSTER_ORIGINS", "https://Dagster.example:443, http://b.example:8080")
    known = addresses.configured()
    assert known.names == LOOPBACK | {"[fd00::5]"}
    assert known.origins == {PROXY, "http://b.example:8080", "http://[fd00::5]:3000"}
    assert known.answers_to("[fd00::5]:3000")
    monkeypatch.setenv("MONITR_DAGSTER_BIND", "0.0.0.0")  # noqa: S104 - as someone may set it
    assert addresses.configured().names == LOOPBACK
    monkeypatch.setenv("MONITR_DAGSTER_URL", "http://Webserver:3000/dagster")
    assert addresses.configured().answers_to("webserver:3000")
