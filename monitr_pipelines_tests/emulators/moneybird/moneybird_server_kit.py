"""A running emulator of Moneybird and a plain client that checks every answer by the specification."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema_rs
import requests
import yaml
from common_kit import SHARED
from process_kit import LONGEST_WAIT

from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.moneybird import build
from monitr_pipelines.emulators.moneybird.forms import identifier
from monitr_pipelines.emulators.moneybird.service import Moneybird
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import State, money

SPECIFICATION = SHARED / "specs/moneybird/openapi.yml"
REDIRECT = "http://127.0.0.1:8070/connections/moneybird"
FIRST, SECOND = identifier("administration", 1), identifier("administration", 2)
NUMBERS = re.compile(r"(?<=/)\d+(?=/|$)")
ENTRIES, SUMS = "reports/journal_entries", "reports/general_ledger"
NEXT = re.compile(r'<([^>]+)>; rel="next"')

Row = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer with its document; None where it is no JSON."""

    status: int
    headers: Mapping[str, str]
    document: Any
    content: bytes = field(repr=False)

    @property
    def next(self) -> str | None:
        found = NEXT.search(self.headers.get("Link", ""))
        return found[1] if found else None

    @property
    def location(self) -> dict[str, str]:
        """The parameters with which a person is sent back."""
        query = parse_qs(urlsplit(self.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}


@dataclass
class Client:
    """Whoever asks the emulator over HTTP, one request after the other and none of its own accord."""

    server: Server
    emulator: Moneybird
    access: str
    refresh: str | None
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def books(self) -> SharedBooks:
        return self.emulator.shown.books

    def ask(self, method: str, address: str, **options: Any) -> Reply:  # noqa: ANN401 - of requests
        answer = self.session.request(method, address, timeout=LONGEST_WAIT, allow_redirects=False, **options)
        try:
            document = json.loads(answer.text)
        except ValueError:
            document = None
        return Reply(answer.status_code, answer.headers, document, answer.content)

    def call(self, method: str, path: str, administration: str = FIRST, **options: Any) -> Reply:  # noqa: ANN401
        """Ask below an administration, or at an address that an answer gave."""
        below = f"{self.server.address}/api/v2/{administration}/{path}.json"
        if path == "administrations":
            below = f"{self.server.address}/api/v2/administrations.json"
        headers = {"Authorization": f"Bearer {self.access}"}
        address = path if path.startswith("http") else below
        reply = self.ask(method, address, headers=headers, **options)
        matches_specification(method, address, reply)
        return reply

    def get(self, path: str, administration: str = FIRST, **query: str) -> Reply:
        return self.call("GET", path, administration, params=query)

    def rows(self, path: str, administration: str = FIRST, **query: str) -> list[Row]:
        """The rows of all pages."""
        reply = self.get(path, administration, **query)
        rows: list[Row] = []
        while True:
            assert reply.status == 200, reply.content
            rows += reply.document
            if reply.next is None:
                return rows
            reply = self.call("GET", reply.next)

    def error(self, path: str, **query: str) -> tuple[int, str]:
        reply = self.get(path, **query)
        return reply.status, reply.document["error"]

    def token(self, **form: str) -> Reply:
        asked = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | form
        return self.ask("POST", f"{self.server.address}/oauth/token", data=asked)

    def renew(self) -> Reply:
        return self.token(grant_type="refresh_token", refresh_token=self.refresh or "")

    def authorize(self, method: str = "GET", **parameters: str) -> Reply:
        asked = {
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "state": "a state+/=&",
            "scope": "documents sales_invoices bank settings",
        }
        where = {"params" if method == "GET" else "data": asked | parameters}
        return self.ask(method, f"{self.server.address}/oauth/authorize", **where)


@contextmanager
def moneybird_server(books: SharedBooks, **options: str) -> Iterator[Client]:
    """The emulator over some books, and a client that someone has just allowed in."""
    emulator = build(books, {"calls": "1000000"} | options)
    with serve(emulator, books.clock) as server:
        pair = emulator.tokens.grant_pair()
        client = Client(server, emulator, pair.access, pair.refresh)
        with client.session:
            yield client


@cache
def specification() -> Mapping[str, Any]:
    """The document of the maker; empty where it is not on this machine."""
    if not SPECIFICATION.is_file():
        return {}
    with SPECIFICATION.open(encoding="utf-8") as file:
        return dict(yaml.load(file, yaml.CSafeLoader))


@cache
def operations() -> Mapping[str, Mapping[str, Any]]:
    """What the maker's document has at each path, by the path with every identifier as `*`."""
    paths = specification().get("paths", {})
    return {
        re.sub(r"\{[^}]+\}", "*", path.replace("{format}", "")): operations
        for path, operations in paths.items()
    }


@cache
def _validator(path: str, method: str, status: str) -> jsonschema_rs.Draft202012Validator | None:
    responses = operations()[path][method]["responses"]
    answer = responses.get(status)
    if answer is None:
        return None
    if "$ref" in answer:
        answer = specification()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    components = {"components": {"schemas": specification()["components"]["schemas"]}}
    return jsonschema_rs.Draft202012Validator({**components, **schema})


def matches_specification(method: str, address: str, reply: Reply) -> None:
    """The answer has the form that the maker's document gives for its path and status."""
    if not specification():
        return
    path = urlsplit(address).path.removeprefix("/api/v2").removesuffix(".json")
    known = next(
        (each for each in (path, NUMBERS.sub("*", path)) if each in operations()),
        None,
    )
    if known is None or method.lower() not in operations()[known]:
        assert reply.status in (401, 404), f"the maker's document has no {method} {path}"
        return
    if validator := _validator(known, method.lower(), str(reply.status)):
        validator.validate(reply.document)


def months_of(books: SharedBooks, company: int = 1) -> list[str]:
    """The months in which something is posted, as parameters tell them."""
    posted = (each for each in books.company_entries(company) if each.state is State.POSTED)
    return sorted({f"{entry.day:%Y%m}" for entry in posted})


def ledger_of(
    books: SharedBooks, company: int = 1, months: Collection[str] | None = None
) -> list[tuple[object, ...]]:
    """What the journal entries of a company must come to, of some months or of all, in some order."""
    ledger: list[tuple[object, ...]] = []
    for entry, line in books.lines():
        if entry.company != company or entry.state is not State.POSTED or line.account is None:
            continue
        if months is not None and f"{entry.day:%Y%m}" not in months:
            continue
        values = (books.values[value] for share in line.shares for value in share.values)
        project = next((each for each in values if books.axes[each.axis].code == "project"), None)
        ledger.append(
            (
                identifier("document", entry.id),
                entry.day.isoformat(),
                identifier("ledger_account", line.account),
                money(line.amount),
                line.text,
                identifier("project", project.id) if project else None,
                identifier("contact", line.relation) if line.relation else None,
            )
        )
    return sorted(ledger, key=str)


def ledger_in(rows: list[Row]) -> list[tuple[object, ...]]:
    """What journal entries say of the same."""
    assert len({row["id"] for row in rows}) == len(rows), "no journal entry twice"
    ledger = [
        (
            row["document_id"],
            row["date"],
            row["ledger_account_id"],
            Decimal(row["amount"]),
            row["description"],
            row["project_id"],
            row["contact_id"],
        )
        for row in rows
    ]
    return sorted(ledger, key=str)


def sums_in(report: Row, name: str) -> dict[str, Decimal]:
    """The values of one part of the general ledger by account."""
    return {each["ledger_account_id"]: Decimal(each["value"]) for each in report[name]["ledger_accounts"]}


def read_by_account(client: Client, administration: str, months: Iterable[str]) -> list[Row]:
    """The ledger of some months: each account that the general ledger reports as moved."""
    rows: list[Row] = []
    for month in months:
        report = client.get(SUMS, administration, period=month).document
        moved = sums_in(report, "debit_sums") | sums_in(report, "credit_sums")
        for account in moved:
            rows += client.rows(
                ENTRIES, administration, period=month, ledger_account_id=account, per_page="100"
            )
    return rows
