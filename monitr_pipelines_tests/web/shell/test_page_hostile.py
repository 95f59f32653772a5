"""What no browser sends by itself: the answer is a refusal, and nobody else notices."""

from contextlib import suppress

import httpx2
import pytest

from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.warehouse.server.database import CHANNEL, Connection
from monitr_pipelines.web.entities import pages
from monitr_pipelines.web.shell import i18n
from monitr_pipelines.web.shell.answers import CODE_OF_STATUS
from monitr_pipelines_tests.web.hook_kit import code_of
from monitr_pipelines_tests.web.page_kit import Company, form_token, make_company, run, sign_in


@pytest.fixture
def company(connection: Connection, client: httpx2.Client) -> Company:
    made = make_company(connection, ("Bakkerij Peeters",))
    sign_in(client, made.token)
    return made


@pytest.mark.parametrize("path", ["", "/card", "/history", "/reset", "/import"])
def test_a_key_that_cannot_be_text_of_postgresql_is_unknown(
    path: str, client: httpx2.Client, company: Company
) -> None:
    answer = client.get(f"/entities/%00{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_nor_can_it_be_synced(client: httpx2.Client, company: Company) -> None:
    csrf = form_token(client, "/entities")
    assert client.post("/entities/%00/sync", data={"csrf": csrf}).status_code == 404
    answer = client.post("/entities/sync", data={"csrf": csrf, "entity": "a\0b"})
    assert answer.status_code < 500


@pytest.mark.parametrize("field", ["csrf", "token"])
def test_half_a_character_is_no_secret(field: str, client: httpx2.Client) -> None:
    boundary = "limit"
    body = (
        f"--{boundary}\r\ncontent-disposition: form-data; name=_charset_\r\n\r\nraw_unicode_escape\r\n"
        f"--{boundary}\r\ncontent-disposition: form-data; name={field}\r\n"
        "content-type: text/plain; charset=raw_unicode_escape\r\n\r\n\\ud800\r\n"
        f"--{boundary}--\r\n"
    )
    kind = f"multipart/form-data; boundary={boundary}; charset=raw_unicode_escape"
    answer = client.post("/sign-in", content=body.encode(), headers={"content-type": kind})
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nope", 404),
        ("GET", "/entities/", 404),
        ("GET", "/sign-out", 405),
        ("GET", "/entities/{key}/sync", 405),
        ("POST", "/entities", 405),
    ],
)
def test_an_address_that_is_none_is_a_page_for_people_alone(
    client: httpx2.Client, company: Company, method: str, path: str, status: int
) -> None:
    address = path.format(key=company.key)
    shown = client.request(method, address, headers={"accept": "text/html, */*", "accept-language": "nl"})
    assert shown.status_code == status
    assert "<title>Dat is niet gelukt" in shown.text
    assert i18n.text("nl", f"problem.{status}") in shown.text
    told = client.request(method, address, headers={"accept": "*/*"})
    assert (told.status_code, code_of(told)) == (status, CODE_OF_STATUS[status])
    assert shown.headers.get("allow") == told.headers.get("allow")


@pytest.mark.parametrize(
    "path", ["/hooks/imports", "/hooks/nope", "/health/nope", "/metrics/", "/openapi.json/"]
)
def test_the_addresses_of_programs_are_no_pages(client: httpx2.Client, path: str) -> None:
    assert code_of(client.get(path, headers={"accept": "text/html"})) in {"not_found", "method_not_allowed"}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_fault_of_ours_is_a_page_for_people_alone(
    client: httpx2.Client, company: Company, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(pages, "read_listing", lambda *_facts: 1 / 0)
    shown = client.get("/entities", headers={"accept": "text/html", "accept-language": language})
    told = client.get("/entities", headers={"accept": "*/*"})
    assert (shown.status_code, shown.headers["cache-control"]) == (500, "no-store")
    assert i18n.text(language, "problem.other") in shown.text
    assert (told.status_code, code_of(told)) == (500, "our_fault")


def test_a_form_of_thousands_of_fields_is_refused_with_a_page(
    client: httpx2.Client, company: Company
) -> None:
    answer = client.post("/sign-in", data={f"field{nth}": "x" for nth in range(2000)})
    assert answer.status_code == 400
    assert i18n.text("en", "problem.400") in answer.text


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "punycode", "no-such-charset"])
@pytest.mark.parametrize("path", ["/entities/sync", "/entities/{key}/sync", "/sign-in"])
def test_a_form_in_another_character_set_is_refused(
    client: httpx2.Client, company: Company, path: str, charset: str
) -> None:
    answer = in_charset(client, path.format(key=company.key), charset)
    assert answer.status_code == 400
    assert i18n.text("en", "problem.400") in answer.text


def test_a_form_that_names_our_character_set_is_read(client: httpx2.Client, company: Company) -> None:
    answer = in_charset(client, "/entities/sync", "UTF-8")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/entities?q=%2B2AA-%5Cud800&unselected=1",
    )


def in_charset(client: httpx2.Client, path: str, charset: str) -> httpx2.Response:
    """A form whose search is half a character in some character sets."""
    fields = {"csrf": form_token(client, "/entities"), "q": r"+2AA-\ud800"}
    parts = "".join(
        f"--limit\r\ncontent-disposition: form-data; name={name}\r\n\r\n{value}\r\n"
        for name, value in fields.items()
    )
    kind = f"multipart/form-data; boundary=limit; charset={charset}"
    return client.post(path, content=f"{parts}--limit--\r\n", headers={"content-type": kind})


@pytest.mark.usefixtures("brief_pauses")
@pytest.mark.parametrize(
    "payload",
    ["hello", '{"organisation": 1e999, "entity": 1}', "[" * 5000],
    ids=["no JSON", "no number", "too deep"],
)
def test_a_notification_that_nobody_can_read_makes_all_look_anew(
    client: httpx2.Client, company: Company, connection: Connection, payload: str
) -> None:
    with client.stream("GET", "/entities/events") as answer:
        lines = (line for line in answer.iter_lines() if line.startswith("data"))
        assert next(lines) == "data: all"
        connection.execute("select pg_notify(%s, %s)", [CHANNEL, payload])
        assert next(lines) == "data: all"
        run(connection, company.key)
        assert next(lines) != "data: all"


def test_the_web_process_is_the_web_role_though_a_pooler_drops_its_options(
    home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    with suppress(KeyError):
        monkeypatch.delitem(database.WEB_SESSION_OPTIONS, "role")
    monkeypatch.setattr(database, "web_url", lambda: f"{database.owner_url()}&application_name=pooled")
    try:
        with tenancy.as_tenant(1) as connection:
            assert connection.execute("select current_user as me").fetchone() == {"me": database.WEB}
        with tenancy.as_nobody() as connection:
            assert connection.execute("select from app.organisation").fetchall() == []
    finally:
        tenancy.close_pool()


def test_the_web_process_cannot_rewrite_history(company: Company, connection: Connection) -> None:
    run(connection, company.key)
    owner = connection.execute(
        "select organisation_id as id from app.entity where key = %s", [company.key]
    ).fetchone()
    assert owner is not None
    with tenancy.as_tenant(owner["id"]) as web:
        assert web.execute("update app.import set requested_by = 'nobody'").rowcount == 0
    tenancy.close_pool()
