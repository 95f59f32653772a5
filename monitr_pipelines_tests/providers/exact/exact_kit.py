"""A small Exact Online of the tests: one division's books by row version, tokens that work once."""

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from monitr_pipelines.ledger.changes import Cursor, Delete, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.contract import Application, Credentials, End, Item, Ports
from monitr_pipelines.providers.exact.source import ExactSource
from monitr_pipelines_tests.providers.http_kit import CountingLimits

DIVISION = 123456
CANARY = "canary-Exact-4242"
APPLICATION = Application("app", f"{CANARY}-secret")
LONG_AGO = datetime(2026, 1, 15, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def in_json(moment: datetime | date | None) -> str | None:
    """A moment as Exact writes it."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return f"/Date({(moment - EPOCH) // timedelta(milliseconds=1)})/"


@dataclass
class Exact:
    """The books, the tokens, and what was asked.

    `before`: called with the path of every question of the API before it is answered. `bare`: whether rows
    come without an envelope. `as_text`: whether numbers of 64 bits are texts. `clock`: when rows are written;
    `ahead`: what the clock of the server shows where that is not the time.
    """

    address: str = ""
    page: int = 1000
    bare: bool = False
    as_text: bool = False
    clock: datetime = LONG_AGO
    ahead: datetime | None = None
    division: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: dict[str, dict[str, Any]] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[str], tuple[int, Any] | None] = lambda _: None
    tokens: dict[str, str] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)
    version: int = 1000
    opened: list[ExactSource] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.division |= {
            "Code": DIVISION,
            "Description": "Peeters NV ",
            "Currency": "EUR",
            "Status": 1,
            "DivisionMoveDate": None,
            "DivisionHRLinkUnlinkDate": None,
        }
        accounts = [("550000   ", "Bank", "B"), ("700000", "Sales ", "W"), ("400000", "Customers", "B")]
        self.tables = {
            "sync/Financial/GLAccounts": [
                {"Timestamp": number, "ID": code, "Code": code, "Description": name, "BalanceType": kind}
                for number, (code, name, kind) in enumerate(accounts, 1)
            ],
            "hrm/Costcenters": [{"ID": "a", "Code": "  001", "Description": "North"}],
            "hrm/Costunits": [{"ID": "b", "Code": "U1", "Description": None}],
            "sync/Project/Projects": [{"Timestamp": 9, "ID": "c", "Code": "P-1", "Description": "Dike"}],
        }

    # The bookkeeper

    def book(self, amount: str, *, on: date = date(2026, 1, 5), **fields: object) -> str:
        """An entry of two lines; returns its id."""
        entry = self._id()
        for number, (account, sign) in enumerate((("400000", ""), ("700000", "-"))):
            line = self._id()
            self.lines[line] = self._stamped(
                {
                    "ID": line,
                    "Division": DIVISION,
                    "EntryID": entry,
                    "EntryNumber": 26000001 + len(self.lines),
                    "LineNumber": number,
                    "Date": in_json(on),
                    "FinancialYear": on.year,
                    "FinancialPeriod": on.month,
                    "JournalCode": "70 ",
                    "Type": 20,
                    "GLAccountCode": account,
                    "AmountDC": Number(f"{sign}{amount}"),
                    "AmountFC": Number(f"{sign}{amount}"),
                    "Currency": "EUR",
                    "Description": "Goods",
                    "AccountName": "Client & Co",
                    "CostCenter": None,
                    "CostUnit": None,
                    "ProjectCode": None,
                }
                | fields
            )
        return entry

    def edit(self, entry: str, **fields: object) -> None:
        """Change fields of the lines of an entry."""
        for line in self.of(entry):
            self.lines[line["ID"]] = self._stamped(line | fields)

    def delete(self, entry: str) -> None:
        """Delete the lines of an entry."""
        for line in self.of(entry):
            del self.lines[line["ID"]]
            self.forget(line["ID"], entity_type=1)

    def replace_lines(self, entry: str, amount: str) -> None:
        """Rewrite an entry, as Exact does when it is edited: other lines, the old ones deleted."""
        old = self.of(entry)
        self.delete(entry)
        new = self.book(amount)
        for line in self.of(new):
            line["EntryID"] = entry
        assert len(self.of(entry)) == len(old)

    def hide(self, entry: str) -> None:
        """Keep an entry in a transaction that is not committed yet."""
        for line in self.of(entry):
            self.hidden[line["ID"]] = self.lines.pop(line["ID"])

    def commit(self) -> None:
        self.lines |= self.hidden
        self.hidden.clear()

    def forget(self, key: str, *, entity_type: int) -> None:
        row = {"ID": self._id(), "Division": DIVISION, "EntityType": entity_type, "EntityKey": key}
        self.version += 1
        self.log.append(row | {"Timestamp": self.version, "DeletedDate": in_json(self.clock)})

    def of(self, entry: str) -> list[dict[str, Any]]:
        return [line for line in self.lines.values() if line["EntryID"] == entry]

    def _stamped(self, row: dict[str, Any]) -> dict[str, Any]:
        self.version += 1
        return row | {"Timestamp": self.version, "Modified": in_json(self.clock)}

    def _id(self) -> str:
        return str(UUID(int=next(self._numbers)))

    # The server

    def grant(self) -> dict[str, str]:
        """A new pair of tokens, of which the access token is the only one that works."""
        number = next(self._numbers)
        self.tokens = {"access": f"{CANARY}-access-{number}", "refresh": f"{CANARY}-refresh-{number}"}
        return self.tokens

    def exchange(self, form: Mapping[str, list[str]]) -> tuple[int, Any]:
        token = form["refresh_token"][0]
        self.used[token] += 1
        assert form["client_secret"] == [APPLICATION.secret]
        if token != self.tokens.get("refresh") or self.used[token] > 1:
            told = {"error": "unauthorized_client", "error_description": "Old refresh token used."}
            return 401, told
        pair = self.grant()
        return 200, {
            "access_token": pair["access"],
            "refresh_token": pair["refresh"],
            "token_type": "bearer",
            "expires_in": "600",
        }

    def answer(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, Any]:
        if path == "/api/v1/current/Me":
            return 200, {"d": {"results": [{"CurrentDivision": DIVISION}]}}
        parts = path.removeprefix("/api/v1/").partition("/")
        if parts[0] != str(DIVISION):
            return 404, None
        rows = self._rows(parts[2])
        if rows is None:
            return 404, None
        fields = query["$select"][0].split(",")
        where = query.get("$filter", [""])[0]
        skip = int(query.get("$skiptoken", ["0"])[0])
        if parts[2].startswith("sync/"):
            field_name, operator, number = where.split()
            assert (field_name, operator, number[-1]) == ("Timestamp", "gt", "L"), where
            rows = [row for row in rows if row["Timestamp"] > int(number[:-1])]
            rows.sort(key=lambda row: row["Timestamp"])
        page = [{name: self._told(name, row[name]) for name in fields} for row in rows[skip:][: self.page]]
        if self.bare:
            return 200, {"d": page}
        link = {}
        if len(rows) > skip + self.page:
            asked = f"$select={','.join(fields)}&$filter={where}&$skiptoken={skip + self.page}"
            link = {"__next": f"https://start.exactonline.be{path}?{asked}"}
        return 200, {"d": {"results": page} | link}

    def _rows(self, name: str) -> list[dict[str, Any]] | None:
        own = {
            "system/Divisions": [self.division],
            "sync/Financial/TransactionLines": list(self.lines.values()),
            "sync/Deleted": list(self.log),
        }
        return own.get(name, self.tables.get(name))

    def _told(self, name: str, value: object) -> object:
        return str(value) if self.as_text and name == "Timestamp" else value

    # The connector

    def source(self, administration: str | None = str(DIVISION), tokens: "Held | None" = None) -> ExactSource:
        source = ExactSource(administration, Ports(tokens or self.held(), CountingLimits(), APPLICATION))
        self.opened.append(source)
        return source

    def held(self) -> "Held":
        pair = self.grant()
        until = datetime.now(UTC) + timedelta(minutes=10)
        return Held(
            Credentials(
                {
                    "country": "be",
                    "url": self.address,
                    "access_token": pair["access"],
                    "refresh_token": pair["refresh"],
                    "expires_at": until.isoformat(),
                }
            )
        )

    def read(self, cursor: Cursor | None = None) -> list[Item]:
        """A stream to its end, its lines too."""
        return played(self.source().transactions(cursor and json.loads(json.dumps(cursor))))


class Number(str):
    """A number that is written with these digits."""

    __slots__ = ()


@dataclass
class Held:
    """Tokens of one connection; `renewals` counts exchanges."""

    credentials: Credentials
    renewals: int = 0

    def read(self) -> Credentials:
        return self.credentials

    def renew(self, stale: Credentials, exchange: Callable[[Credentials], Mapping[str, str]]) -> Credentials:
        if dict(stale) == dict(self.credentials):
            self.renewals += 1
            self.credentials = Credentials(exchange(stale))
        return self.credentials


def played(items: Iterable[Item]) -> list[Item]:
    """Items with their lines read, so that they can be looked at twice."""
    return [
        type(item)(**{**vars(item), "lines": list(item.lines)})
        if isinstance(item, Replace | Upsert)
        else item
        for item in items
    ]


def apply(items: Iterable[Item], books: dict[str, LedgerLine]) -> End:
    """Apply a stream as the loader does; returns its end."""
    found: dict[str, LedgerLine] = {}
    gone: set[str] = set()
    whole = False
    for item in items:
        match item:
            case Replace(WholeLedger(), lines):
                whole = True
            case Upsert(lines):
                pass
            case Delete(keys):
                gone |= set(keys)
                continue
            case End():
                break
            case _:
                continue
        for line in lines:
            if line.external_id not in found or found[line.external_id].version < line.version:
                found[line.external_id] = line
    else:
        raise AssertionError("the stream has no end")
    if whole:
        books.clear()
    books |= found
    for key in gone:
        books.pop(key, None)
    return item


def as_json(document: object) -> bytes:
    """As JSON, numbers with the digits that they were given."""
    written = json.dumps(document, default=str)
    for number in numbers_in(document):
        written = written.replace(json.dumps(str(number)), str(number))
    return written.encode()


def numbers_in(document: object) -> set[str]:
    if isinstance(document, Number):
        return {str(document)}
    values = (
        document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    )
    return {number for value in values for number in numbers_in(value)}


@contextmanager
def running() -> Iterator[Exact]:
    """An Exact on a free port of 127.0.0.1, until the block ends."""
    exact = Exact()

    class Bound(_Handler):
        state = exact

    with ThreadingHTTPServer(("127.0.0.1", 0), Bound) as server:
        server.daemon_threads = True
        exact.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield exact
        finally:
            for source in exact.opened:
                source.close()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: ClassVar[Exact]
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves as a whole

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert self.path == "/api/oauth2/token"
        self._send(*self.state.exchange(form))

    def do_GET(self) -> None:
        exact = self.state
        parts = urlsplit(self.path)
        if self.headers["Authorization"] != f"Bearer {exact.tokens.get('access')}":
            self._send(401, None)
            return
        exact.asked.append(parts.path.removeprefix(f"/api/v1/{DIVISION}/"))
        ordered = exact.before(exact.asked[-1])
        self._send(*(ordered or exact.answer(parts.path, parse_qs(parts.query))))

    def _send(self, status: int, document: object) -> None:
        body = document if isinstance(document, bytes) else as_json(document)
        if status >= 400:
            self.state.refused[status] += 1
        self.send_response(status)
        for name, value in self.state.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: int | None = None) -> str:
        ahead = self.state.ahead
        return format_datetime(ahead, usegmt=True) if ahead else super().date_time_string(timestamp)

    def log_message(self, *arguments: object) -> None:
        """Tests are quiet."""
