"""A running emulator of Xero and a plain client, and what the books must come to in its words."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from process_kit import LONGEST_WAIT

from monitr_pipelines.emulators.frame.grants import Grant
from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import MORNING, invented_books
from monitr_pipelines.emulators.shared.records import State, money
from monitr_pipelines.emulators.xero import build, scopes
from monitr_pipelines.emulators.xero.service import Xero

REDIRECT = "http://127.0.0.1:8070/connections/xero"
GENEROUS = {"calls_a_minute": "1000000", "calls_a_day": "1000000"}
STATE = "a state+/=&"

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
        """What the envelope holds."""
        (name,) = set(self.document) - {"Id", "Status", "ProviderName", "DateTimeUTC"}
        return list(self.document[name])

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
    emulator: Xero
    access: str
    refresh: str

    @property
    def books(self) -> SharedBooks:
        return self.emulator.books

    @property
    def keeper(self) -> Bookkeeper:
        return Bookkeeper(self.books)

    @property
    def tenant(self) -> str:
        return self.emulator.administrations()[0].id

    def ask(self, method: str, path: str, **options: Any) -> Reply:  # noqa: ANN401 - of requests
        address = f"{self.server.address}{path}"
        answer = requests.request(method, address, timeout=LONGEST_WAIT, allow_redirects=False, **options)
        try:
            document = json.loads(answer.text, parse_float=Decimal)
        except ValueError:
            document = None
        return Reply(answer.status_code, answer.headers, document, answer.text)

    def get(self, path: str, **headers: str) -> Reply:
        """Ask the API of the first organisation; underscores in the names of headers stand for hyphens."""
        sent = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self.access}",
            "xero-tenant-id": self.tenant,
        } | {name.replace("_", "-"): text for name, text in headers.items()}
        return self.ask("GET", path if path.startswith("/") else f"/api.xro/2.0/{path}", headers=sent)

    def journals(self, offset: int = 0, **headers: str) -> list[Row]:
        """All of them behind a number, page by page."""
        rows: list[Row] = []
        while True:
            page = self.get(f"Journals?offset={offset}", **headers).rows
            rows += page
            if not page:
                return rows
            offset = page[-1]["JournalNumber"]

    def token(self, **form: str) -> Reply:
        return self.token_by((CLIENT_ID, CLIENT_SECRET), **form)

    def token_by(self, auth: tuple[str, str] | None, **form: str) -> Reply:
        return self.ask("POST", "/connect/token", data=form, auth=auth)

    def renew(self, token: str | None = None) -> Reply:
        return self.token(grant_type="refresh_token", refresh_token=self.refresh if token is None else token)

    def exchange(self, code: str, redirect_uri: str = REDIRECT, **form: str) -> Reply:
        return self.token(grant_type="authorization_code", code=code, redirect_uri=redirect_uri, **form)

    def authorize(self, method: str = "GET", **parameters: str) -> Reply:
        asked = {
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": " ".join(sorted(scopes.EVERYTHING)),
            "state": STATE,
        }
        where = {"params" if method == "GET" else "data": asked | parameters}
        return self.ask(method, "/identity/connect/authorize", **where)

    def allowed(self, *wanted: str) -> None:
        """Go on with a token that was given for these scopes alone."""
        self.access = self.emulator.tokens.grant_pair(Grant(CLIENT_ID, frozenset(wanted))).access


@cache
def _invented() -> SharedBooks:
    return invented_books()


def some_books() -> SharedBooks:
    """Invented books: made once, for their rows never change, and held by each test in tables of its own."""
    made = _invented()
    names = {each.name for each in fields(made)} - {"clock", "lock"}
    return SharedBooks(Clock(MORNING), **{name: copy(getattr(made, name)) for name in names})


@contextmanager
def xero_server(books: SharedBooks, **options: str) -> Iterator[Client]:
    """The emulator over some books, and a client that someone has just allowed in."""
    emulator = build(books, GENEROUS | options)
    with serve(emulator, books.clock) as server:
        pair = emulator.tokens.grant_pair(Grant(CLIENT_ID, scopes.EVERYTHING))
        assert pair.refresh is not None
        yield Client(server, emulator, pair.access, pair.refresh)


def movements_of(books: SharedBooks, company: int = 1) -> dict[tuple[str, str, str], Decimal]:
    """What the journals of a company must come to by reference, day and account code, without noughts."""
    sums: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for entry in books.company_entries(company):
        for line in entry.lines if entry.state is State.POSTED else ():
            if line.account is not None:
                code = books.accounts[line.account].code
                sums[entry.reference or entry.number, entry.day.isoformat(), code] += money(line.amount)
    return {key: amount for key, amount in sums.items() if amount}


def movements_in(rows: Iterable[Row]) -> dict[tuple[str, str, str], Decimal]:
    """What rows say of the same."""
    sums: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        for line in row["JournalLines"]:
            sums[row["Reference"], day_of(row["JournalDate"]), line["AccountCode"]] += line["NetAmount"]
    return {key: amount for key, amount in sums.items() if amount}


def day_of(text: str) -> str:
    """The day of a midnight in UTC."""
    milliseconds = int(text.removeprefix("/Date(").removesuffix("+0000)/"))
    days, rest = divmod(milliseconds, 86_400_000)
    assert not rest, text
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()
