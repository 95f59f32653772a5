"""A running emulator of Exact Online and a plain client that checks every answer by the specification."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from common_kit import SHARED
from process_kit import LONGEST_WAIT

from monitr_pipelines.emulators.exact import build
from monitr_pipelines.emulators.exact.service import ExactOnline
from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import State, money

FIELDS = "specs/exact_online/entity_fields_from_picqer.json"
REDIRECT = "http://127.0.0.1:8070/connections/exact"
LINES = "sync/Financial/TransactionLines"
FIRST, SECOND = 510_001, 510_002
KINDS = {
    "int": (int,),
    "float": (int, Decimal),
    "string": (str,),
    "bool": (bool,),
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer with its document, numbers as the digits that they have; None where it is no JSON."""

    status: int
    headers: Mapping[str, str]
    document: Any
    text: str = field(repr=False)

    @property
    def rows(self) -> list[Row]:
        data = self.document["d"]
        return list(data["results"] if isinstance(data, dict) else data)

    @property
    def next(self) -> str | None:
        data = self.document["d"]
        return data.get("__next") if isinstance(data, dict) else None

    @property
    def message(self) -> str:
        """The text of an error document, which has no other form."""
        assert set(self.document) == {"error"}, self.document
        assert set(self.document["error"]) == {"code", "message"}
        assert set(self.document["error"]["message"]) == {"lang", "value"}
        return str(self.document["error"]["message"]["value"])

    @property
    def location(self) -> dict[str, str]:
        """The parameters with which a person is sent back."""
        return {
            name: values[0] for name, values in parse_qs(urlsplit(self.headers["Location"]).query).items()
        }


@dataclass
class Client:
    """Whoever asks the emulator over HTTP, one request after the other and none of its own accord."""

    server: Server
    emulator: ExactOnline
    access: str
    refresh: str

    @property
    def books(self) -> SharedBooks:
        return self.emulator.divisions.books

    def ask(self, method: str, address: str, **options: Any) -> Reply:  # noqa: ANN401 - of requests
        answer = requests.request(method, address, timeout=LONGEST_WAIT, allow_redirects=False, **options)
        try:
            document = json.loads(answer.text, parse_float=Decimal)
        except ValueError:
            document = None
        return Reply(answer.status_code, answer.headers, document, answer.text)

    def get(self, path: str, division: int = FIRST, **headers: str) -> Reply:
        """Ask below a division, or at an address that an answer gave."""
        below = f"{self.server.address}/api/v1/{division}/{path}"
        if path.startswith("current/"):
            below = f"{self.server.address}/api/v1/{path}"
        sent = {"Accept": "application/json", "Authorization": f"Bearer {self.access}"} | headers
        reply = self.ask("GET", path if path.startswith("http") else below, headers=sent)
        if reply.status == 200:
            matches_specification(reply)
        return reply

    def pages(self, path: str, division: int = FIRST) -> Iterator[list[Row]]:
        reply = self.get(path, division)
        while True:
            assert reply.status == 200, reply.text
            yield reply.rows
            if reply.next is None:
                return
            reply = self.get(reply.next)

    def rows(self, path: str, division: int = FIRST) -> list[Row]:
        return [row for page in self.pages(path, division) for row in page]

    def token(self, **form: str) -> Reply:
        asked = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | form
        return self.ask("POST", f"{self.server.address}/api/oauth2/token", data=asked)

    def renew(self, token: str | None = None) -> Reply:
        return self.token(grant_type="refresh_token", refresh_token=self.refresh if token is None else token)

    def exchange(self, code: str, redirect_uri: str = REDIRECT, **form: str) -> Reply:
        return self.token(grant_type="authorization_code", code=code, redirect_uri=redirect_uri, **form)

    def authorize(self, method: str = "GET", **parameters: str) -> Reply:
        asked = {
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "state": "a state+/=&",
        }
        where = {"params" if method == "GET" else "data": asked | parameters}
        return self.ask(method, f"{self.server.address}/api/oauth2/auth", **where)


@contextmanager
def exact_server(books: SharedBooks, **options: str) -> Iterator[Client]:
    """The emulator over some books, and a client that someone has just allowed in."""
    generous = {"calls_a_minute": "1000000", "calls_a_day": "1000000"}
    emulator = build(books, generous | options)
    with serve(emulator, books.clock) as server:
        pair = emulator.tokens.grant_pair(CLIENT_ID)
        yield Client(server, emulator, pair.access, pair.refresh)


@cache
def specification() -> Mapping[str, Mapping[str, str]]:
    """The fields of each path with their types; empty where the file is not on this machine."""
    file = SHARED / FIELDS
    if not file.is_file():
        return {}
    entities = json.loads(file.read_text(encoding="utf-8")).values()
    return {entity["path"]: entity["fields"] for entity in entities if entity["fields"]}


def matches_specification(reply: Reply) -> None:
    """Every row names where it is from, and has only fields of its kind, of their types."""
    for row in reply.rows:
        metadata = row["__metadata"]
        path = urlsplit(metadata["uri"]).path.partition("(")[0].removeprefix("/api/v1/").lstrip("0123456789/")
        known = specification().get(path, {})
        for name, value in row.items():
            if name == "__metadata" or not known:
                continue
            assert name in known, f"{path} has no {name}"
            if value is not None:
                assert of_type(value, known[name]), f"{path} {name}: {value!r} is no {known[name]}"


def of_type(value: object, kind: str) -> bool:
    if kind not in KINDS:
        return isinstance(value, dict) and set(value) == {"__deferred"}
    return isinstance(value, KINDS[kind]) and (kind == "bool" or not isinstance(value, bool))


def key(kind: int, number: int) -> str:
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def ledger_of(books: SharedBooks, company: int = 1) -> dict[str, tuple[object, ...]]:
    """What the lines of a company must come to, by key."""
    ledger: dict[str, tuple[object, ...]] = {}
    for entry, line in books.lines():
        if entry.company != company or entry.state is not State.POSTED or line.account is None:
            continue
        values = [books.values[value] for share in line.shares for value in share.values]
        codes = {books.axes[value.axis].code: value.code for value in values}
        relation = books.relations.get(line.relation or 0)
        ledger[key(1, line.id)] = (
            key(2, entry.id),
            entry.day.isoformat(),
            books.accounts[line.account].code,
            money(line.amount),
            money(line.amount if line.foreign is None else line.foreign),
            line.currency or "EUR",
            line.text or None,
            codes.get("department"),
            codes.get("project"),
            relation.code if relation else None,
        )
    return ledger


def ledger_in(rows: Iterable[Row]) -> dict[str, tuple[object, ...]]:
    """What rows say of the same, the latest version of each."""
    latest: dict[str, Row] = {}
    for row in rows:
        if row["ID"] not in latest or latest[row["ID"]]["Timestamp"] < row["Timestamp"]:
            latest[row["ID"]] = row
    return {
        each: (
            row["EntryID"],
            day_of(row["Date"]),
            row["GLAccountCode"],
            Decimal(row["AmountDC"]),
            Decimal(row["AmountFC"]),
            row["Currency"],
            row["Description"],
            row["CostCenter"],
            row["ProjectCode"],
            row["AccountCode"].strip() if row["AccountCode"] else None,
        )
        for each, row in latest.items()
    }


def day_of(text: str) -> str:
    milliseconds = int(text.removeprefix("/Date(").removesuffix(")/"))
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    assert moment.time().isoformat() == "00:00:00", text
    return moment.date().isoformat()
