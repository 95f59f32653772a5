"""A running emulator of Octopus and a plain client that checks every answer by the specification."""

import json
import threading
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy, deepcopy
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema_rs
import requests
import yaml
from common_kit import SHARED
from process_kit import LONGEST_WAIT

from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.octopus import build
from monitr_pipelines.emulators.octopus.service import API, PASSWORD, SOFTWARE_HOUSE, USER_NAME, Octopus
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import MORNING, invented_books
from monitr_pipelines.emulators.shared.records import State, money

SPECIFICATION = "specs/octopus/openapi_subset.yaml"
FIRST, SECOND = 40_001, 40_002
BEGINNING = "1980-01-01 00:00:00.000"
BRUSSELS = ZoneInfo("Europe/Brussels")
TYPES = range(1, 5)

Row = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer with its document, numbers as the digits that they have; None where it is no JSON."""

    status: int
    headers: Mapping[str, str]
    document: Any
    text: str

    @property
    def told(self) -> str:
        """The text of an error document, which has no other field."""
        assert set(self.document) == {"technicalInfo"}, self.document
        return str(self.document["technicalInfo"])


@dataclass
class Client:
    """Whoever asks the emulator over HTTP, one request after the other and none of its own accord."""

    server: Server
    emulator: Octopus
    tokens: dict[int, str] = field(default_factory=dict)
    token: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def books(self) -> SharedBooks:
        return self.emulator.books.dossiers.books

    def ask(self, method: str, path: str, **options: Any) -> Reply:  # noqa: ANN401 - of requests
        address = f"{self.server.address}{API}{path}"
        answer = self.session.request(method, address, timeout=LONGEST_WAIT, **options)
        answer.encoding = "utf-8"
        try:
            document = json.loads(answer.text, parse_float=Decimal)
        except ValueError:
            document = None
        reply = Reply(answer.status_code, answer.headers, document, answer.text)
        if document is not None:
            matches_specification(method, path, reply)
        return reply

    def authenticate(self, user: str = USER_NAME, password: str = PASSWORD, **headers: str) -> Reply:
        sent = {"softwareHouseUuid": SOFTWARE_HOUSE} | headers
        return self.ask("POST", "/authentication", json={"user": user, "password": password}, headers=sent)

    def connect(self, dossier: int | str, **query: str) -> Reply:
        asked = {"dossierId": str(dossier)} | query
        return self.ask("POST", "/dossiers", params=asked, headers={"Token": self.token})

    def sign_in(self) -> None:
        """Get new tokens: of the user, and of each dossier that may be opened."""
        self.token = self.authenticate().document["token"]
        replies = {dossier: self.connect(dossier) for dossier in (FIRST, SECOND)}
        self.tokens = {
            dossier: reply.document["Dossiertoken"]
            for dossier, reply in replies.items()
            if reply.status == 200
        }

    def get(self, path: str, dossier: int = FIRST, **query: object) -> Reply:
        headers = {"dossierToken": self.tokens[dossier]}
        return self.ask("GET", f"/dossiers/{dossier}/{path}", params=query, headers=headers)

    def bookings(self, bookyear: int, kind: int, since: str, dossier: int = FIRST, **query: str) -> Reply:
        path = f"bookyears/{bookyear}/bookings/modified"
        return self.get(path, dossier, journalTypeId=kind, modifiedTimeStamp=since, **query)

    def changes(self, since: str, dossier: int = FIRST, **query: str) -> tuple[list[Row], list[Row]]:
        """Modified lines and deleted keys of all bookyears and journals."""
        reply = self.bookings(-1, -1, since, dossier, **query)
        if reply.status == 404:
            assert reply.told == "No modified bookings found"
            return [], []
        assert reply.status == 200, reply.text
        return reply.document["modifiedBookings"], reply.document["deletedBookings"]

    def everything(self, dossier: int = FIRST) -> list[Row]:
        """All lines, as the maker says that they are to be asked for at first."""
        rows: list[Row] = []
        for year in self.get("bookyears", dossier).document:
            for kind in TYPES:
                reply = self.bookings(year["bookyearKey"]["id"], kind, BEGINNING, dossier)
                assert reply.status in (200, 404), reply.text
                found = reply.document["modifiedBookings"] if reply.status == 200 else []
                assert all(
                    (row["bookyearKey"], row["journalType"]) == (year["bookyearKey"], kind) for row in found
                )
                rows += found
        return rows

    def now(self) -> str:
        """The moment on the server's clock, as questions have it."""
        return stamp(self.books.clock.now())


@contextmanager
def octopus_server(books: SharedBooks, **options: str) -> Iterator[Client]:
    """The emulator over some books, and a client that has signed in."""
    emulator = build(books, {"calls_a_day": "1000000"} | options)
    with serve(emulator, books.clock) as server:
        client = Client(server, emulator)
        with client.session:
            client.sign_in()
            yield client


def fresh_books() -> SharedBooks:
    """Small invented books of one's own: a copy, since to invent them takes long."""
    books = copy(_invented())
    for each in fields(books):
        held = getattr(books, each.name)
        if isinstance(held, dict | list | array):
            setattr(books, each.name, copy(held))
    books.clock, books.lock = Clock(MORNING), threading.RLock()
    return books


@cache
def _invented() -> SharedBooks:
    return invented_books()


def stamp(moment: datetime) -> str:
    return moment.astimezone(BRUSSELS).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


@cache
def specification() -> Mapping[str, Any]:
    """The specification with closed objects: no field beyond it; empty where the file is not here."""
    file = SHARED / SPECIFICATION
    return _closed(yaml.safe_load(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def _closed(part: Any) -> Any:  # noqa: ANN401 - a document
    if isinstance(part, list):
        return [_closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    closed = {name: _closed(each) for name, each in part.items()}
    if part.get("type") == "object" and isinstance(part.get("properties"), dict):
        closed["additionalProperties"] = False
    return closed


def path_of(path: str) -> str:
    """The path of the specification that a request is for."""
    parts = path.split("/")
    for number, part in enumerate(parts[1:], start=1):
        if parts[number - 1] == "dossiers":
            parts[number] = "{dossierId}"
        elif parts[number - 1] == "bookyears" and part.lstrip("-").isdigit():
            parts[number] = "{bookyearId}"
    return "/".join(parts)


@cache
def _validator(method: str, path: str, status: int) -> Any:  # noqa: ANN401 - of a library in Rust
    known = specification()
    operation = known["paths"].get(path, {}).get(method.lower(), {})
    declared = deepcopy(operation.get("responses", {}).get(str(status)))
    if declared is None:
        return None
    if "$ref" in declared:
        declared = known["components"]["responses"][declared["$ref"].rpartition("/")[2]]
    if "content" not in declared:
        return None
    schema = declared["content"]["application/json"]["schema"]
    return jsonschema_rs.validator_for({**schema, "components": known["components"]})


def matches_specification(method: str, path: str, reply: Reply) -> None:
    """The document is the one that is declared for the status, with no other fields."""
    if not specification():
        return
    validator = _validator(method, path_of(path), reply.status)
    if validator is not None:
        validator.validate(json.loads(reply.text))


def key_of(row: Row) -> tuple[int, int, int, int]:
    """What tells the document of a line, or a deleted one, from others."""
    journal = row.get("journalNr", row.get("journalSequenceNr"))
    return row["bookyearKey"]["id"], row["journalType"], int(journal or 0), row["documentSequenceNr"]


def ledger_in(rows: Iterable[Row]) -> list[tuple[object, ...]]:
    """What rows say, in an order of its own."""
    return sorted(
        (
            row["documentDate"],
            row["accountKey"],
            Decimal(row["bookingAmount"]),
            Decimal(row["documentAmount"]),
            row["currencyCode"],
            row["comment"],
            row["reference"],
            row.get("costCentreKey", {}).get("id", 0),
            row.get("relationKey", {}).get("id", 0),
        )
        for row in rows
    )


def ledger_of(books: SharedBooks, company: int = 1) -> list[tuple[object, ...]]:
    """What the lines of a company must come to, in the same order."""
    departments = {value.id for value in books.values.values() if value.axis == 1}
    return sorted(
        (
            entry.day.isoformat(),
            int(books.accounts[line.account].code),
            money(line.amount),
            money(line.amount if line.foreign is None else line.foreign),
            line.currency or "EUR",
            line.text,
            entry.reference,
            next((each for share in line.shares for each in share.values if each in departments), 0),
            line.relation or 0,
        )
        for entry, line in books.lines()
        if entry.company == company and entry.state is State.POSTED and line.account is not None
    )
