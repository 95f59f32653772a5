"""Software that repeats in its errors what it was sent, and names people: nothing of that is kept or shown.

What travels is noted by the software itself, so that every code and token is looked for, whoever made it.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import httpx2
import pytest
from dagster_kit import Dagster, import_rows
from process_kit import LONGEST_WAIT, wait_for
from test_secrets import files_with, rows_with

from monitr_pipelines.emulators import kinds
from monitr_pipelines.emulators.frame.contract import Emulator
from monitr_pipelines.emulators.frame.messages import HTML, Answer, Request
from monitr_pipelines.emulators.frame.server import serve
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import invented_books
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.providers.exact.exact_kit import APPLICATION
from monitr_pipelines_tests.web.page_kit import Company, form_token, make_company, sign_in

PERSON = "Canary Q. Persoonsnaam"
SECRETS = ("code", "refresh_token", "client_secret", "access_token")


@dataclass
class Echo:
    """An emulator that notes every secret that it gets or gives, and on demand repeats it in errors."""

    emulator: Emulator
    told: Callable[[Request, str], Answer] | None = None
    secrets: dict[str, str] = field(default_factory=dict)

    def answer(self, request: Request) -> Answer:
        sent = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        if request.bearer:
            sent["access_token"] = request.bearer
        self.note(sent)
        if self.told is not None:
            headers = " ".join(map(str, request.headers.items()))
            return self.told(request, f"{PERSON} sent {headers} {request.body.decode()}")
        answer = self.emulator.answer(request)
        if request.path.endswith("/token") and answer.status == 200:
            self.note(json.loads(answer.body))
        return answer

    def note(self, found: dict[str, Any]) -> None:
        self.secrets |= {f"{name} {found[name][-12:]}": found[name] for name in SECRETS if found.get(name)}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever an emulator has
        return getattr(self.emulator, name)


def as_exact(request: Request, text: str) -> Answer:
    """An error of its API; of its authorization server, one that refuses the token."""
    if "/oauth2/" in request.path:
        return Answer.json({"error": "invalid_grant", "error_description": text}, 400)
    return Answer.json({"error": {"code": "", "message": {"lang": "", "value": text}}}, 500, reason=PERSON)


def as_odoo(request: Request, text: str) -> Answer:
    """An error of JSON-RPC, with what its traceback would tell."""
    found = json.loads(request.body).get("id")
    data = {"name": "odoo.exceptions.UserError", "message": text, "arguments": [text], "debug": text}
    error = {"code": 200, "message": text, "data": data}
    return Answer.json({"jsonrpc": "2.0", "id": found, "error": error})


def as_page(_: Request, text: str) -> Answer:
    """What stands before the software says it."""
    return Answer.text(f"<html><h1>{text}</h1></html>", HTML, 401)


@contextmanager
def echoing(name: str, **options: str) -> Iterator[tuple[Echo, str]]:
    kind, clock = kinds()[name], Clock()
    echo = Echo(kind.build(invented_books(replace(kind.size, companies=1, lines=200), clock), options))
    with serve(echo, clock) as server:
        yield echo, server.address


@pytest.fixture
def company(connection: Connection) -> Company:
    return make_company(connection, (), provider="file")


@pytest.fixture
def client(dagster: Dagster, company: Company) -> Iterator[httpx2.Client]:
    """Someone at the pages of `monitr up`."""
    with httpx2.Client(base_url=dagster.pages, timeout=LONGEST_WAIT) as opened:
        assert sign_in(opened, company.token).status_code == 303
        yield opened


def spellings_of(text: str) -> set[str]:
    return {text, quote(text, safe=""), text.encode().hex(), json.dumps(text)[1:-1]}


@dataclass(frozen=True)
class Search:
    """Everywhere that something could be left."""

    dagster: Dagster
    client: httpx2.Client
    home: Path
    company: Company
    pages: list[str] = field(default_factory=list)

    def keep(self, answer: httpx2.Response) -> httpx2.Response:
        self.pages.append(answer.text)
        return answer

    def places_of(self, texts: Iterable[str], said: str) -> list[str]:
        """Where one of some texts is, as it is, as an address has it, and as PostgreSQL shows bytes."""
        spellings = [spelling for text in texts for spelling in spellings_of(text)]
        found = [*rows_with(database.dagster_url(), *spellings), *rows_with(database.owner_url(), *spellings)]
        found += files_with(self.home, *spellings)
        for spelling in spellings:
            found += [f"page {nth}: {spelling}" for nth, page in enumerate(self.pages) if spelling in page]
            found += [f"events: {spelling}"] * (spelling in said)
        return found

    def looks(self, number: int, key: str) -> None:
        """Every page that tells of the connection or its entity."""
        parts = ("", "/card", "/history", "/detail", "/reset")
        integration = f"/integrations/{number}"
        for path in (
            "/entities",
            *(f"/entities/{key}{part}" for part in parts),
            "/integrations",
            f"{integration}/administrations",
            f"{integration}/remove",
            "/billing",
        ):
            assert self.keep(self.client.get(path)).status_code == 200, path
        assert (
            self.keep(self.client.get(f"{integration}/reconnect", follow_redirects=True)).status_code == 200
        )


@pytest.fixture
def search(dagster: Dagster, client: httpx2.Client, home: Path, company: Company) -> Search:
    return Search(dagster, client, home, company)


def choose(connection: Connection, search: Search, page: str) -> tuple[int, str]:
    """The first company is imported; its connection and its key."""
    shown = search.keep(search.client.get(page)).text
    name = shown.partition('name="choice.')[2].partition('"')[0]
    page = page.partition("?")[0]
    chosen = {"csrf": form_token(search.client, page), f"choice.{name}": "normal"}
    assert search.client.post(page, data=chosen).status_code == 303
    row = connection.execute(
        "select key, integration_id from app.entity where organisation_id = %s",
        [search.company.organisation_id],
    ).fetchone()
    assert row is not None
    first = wait_for(
        lambda: [row for row in import_rows(connection, row["key"]) if row["outcome"]], "the import"
    )
    assert first[0]["outcome"] == "succeeded", first
    return int(row["integration_id"]), str(row["key"])


def fail(search: Search, key: str) -> str:
    run = search.dagster.launch(key)
    assert search.dagster.ended(run) == "FAILURE"
    return run


def finds_nothing(
    connection: Connection, search: Search, key: str, texts: dict[str, str], kinds_of: set[str]
) -> None:
    runs = [row["run_id"] for row in import_rows(connection, key)]
    dagster = search.dagster
    said = json.dumps([dagster.run(run) | {"events": dagster.events(run)} for run in runs])
    assert search.places_of([key], said), "the search finds what is there"
    assert {name.split()[0] for name in texts} >= kinds_of
    assert search.places_of(texts.values(), said) == []


def test_exact_tells_no_code_token_or_name(connection: Connection, search: Search, company: Company) -> None:
    client = search.client
    options = {"consent": "automatic", "client_id": APPLICATION.id, "client_secret": APPLICATION.secret}
    with echoing("exact", **options) as (echo, address):
        form = "/integrations/connect/exact"

        def connect() -> httpx2.Response:
            fields = {"csrf": form_token(client, form), "field.country": "be", "field.url": address}
            left = search.keep(client.post(f"{form}/sign-in", data=fields)).text
            away = left.partition('rel="noreferrer" href="')[2].partition('"')[0].replace("&amp;", "&")
            back = httpx2.get(away, timeout=LONGEST_WAIT).headers["location"]
            echo.told = echo_next
            return search.keep(client.get(back))

        echo_next: Callable[[Request, str], Answer] | None = as_exact
        assert connect().status_code == 422
        echo.told = echo_next = None
        number, key = choose(connection, search, connect().headers["location"])
        for told in (as_exact, as_page):
            echo.told = told
            if told is as_page:
                echo.told = lambda request, text: (
                    as_exact(request, text) if "/oauth2/" in request.path else as_page(request, text)
                )
            fail(search, key)
        search.looks(number, key)
        state = connection.execute("select state from app.integration where id = %s", [number]).fetchone()
        assert state == {"state": "reconnect needed"}
        secrets = echo.secrets | {"person": PERSON}
        finds_nothing(connection, search, key, secrets, {*SECRETS, "person"})


def test_odoo_tells_no_key_or_name(connection: Connection, search: Search, company: Company) -> None:
    client = search.client
    with echoing("odoo") as (echo, address):
        form, settings = "/integrations/connect/odoo", dict(echo.settings(address))

        def tested() -> httpx2.Response:
            fields = {f"field.{name}": value for name, value in settings.items()}
            return search.keep(client.post(f"{form}/test", data={"csrf": form_token(client, form), **fields}))

        echo.told = as_odoo
        assert tested().status_code == 422
        echo.told = None
        word = tested().text.partition('name="word" value="')[2].partition('"')[0]
        kept = client.post("/integrations/keep", data={"csrf": form_token(client, form), "word": word})
        number, key = choose(connection, search, kept.headers["location"])
        for told in (as_odoo, as_page):
            echo.told = told
            fail(search, key)
        search.looks(number, key)
        finds_nothing(
            connection, search, key, {"api_key": settings["api_key"], "person": PERSON}, {"api_key", "person"}
        )
