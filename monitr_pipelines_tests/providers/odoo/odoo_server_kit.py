"""A small server on loopback that answers as running Odoo servers did, over books of a test.

JSON-RPC in every version, JSON-2 from 19 on, before which its paths answer with a page. It refuses what it
does not know: models, fields, operators and arguments.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from http_kit import CountingLimits, FixedTokens
from odoo_books_kit import ACCOUNT, COMPANY, JOURNAL, LINE, PARTNER, Books, Row

from monitr_pipelines.providers.contract import Credentials, Ports
from monitr_pipelines.providers.odoo.source import OdooSource

DATABASE, USER, KEY = "books", "reader", "key-4242"
MONEY = {"debit", "credit", "balance", "amount_currency"}
REFERS = {
    "move_id": "account.move",
    "company_id": COMPANY,
    "company_currency_id": "res.currency",
    "currency_id": "res.currency",
    "account_id": ACCOUNT,
    "journal_id": JOURNAL,
    "partner_id": PARTNER,
    "root_plan_id": "account.analytic.plan",
}
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, other: value == other,
    "!=": lambda value, other: value != other,
    "in": lambda value, other: value in other,
    "not in": lambda value, other: value not in other,
    ">": lambda value, other: value > other,
    ">=": lambda value, other: value >= other,
    "<": lambda value, other: value < other,
    "<=": lambda value, other: value <= other,
}


class Fault(Exception):
    """An exception of the server, by its name and message."""

    def __init__(self, name: str, message: str = "", status: int = 500) -> None:
        super().__init__(name)
        self.document = {
            "name": name,
            "message": message,
            "arguments": [],
            "context": {},
            "debug": "secret row",
        }
        self.status = status


@dataclass
class Odoo:
    """A server of a test. `asked`: the methods that were called; `meanwhile` runs before a page of lines."""

    books: Books
    version: int = 18
    allowed: list[int] = field(default_factory=lambda: [3, 4])
    asked: list[str] = field(default_factory=list)
    sent: list[Row] = field(default_factory=list)
    meanwhile: Callable[[int], object] | None = None
    refused: set[str] = field(default_factory=set)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    clock_ahead: timedelta = timedelta(days=1)
    pages: int = 0
    address: str = ""

    def credentials(self, **given: str) -> dict[str, str]:
        return {"url": self.address, "database": DATABASE, "username": USER, "api_key": KEY} | given

    def source(self, company: int | str | None = 3, **given: str) -> OdooSource:
        ports = Ports(FixedTokens(Credentials(self.credentials(**given))), CountingLimits())
        return OdooSource(None if company is None else str(company), ports)

    def call(self, model: str, method: str, ids: list[int] | None, named: Row) -> Any:  # noqa: ANN401
        """A method of a model, as the user of the connection."""
        self.asked.append(f"{model}.{method}")
        self.sent.append(named)
        if model not in self.books.tables:
            raise Fault("builtins.KeyError", model, 404)
        if model in self.refused:
            raise Fault("odoo.exceptions.AccessError", "You are not allowed to access", 403)
        context = named.pop("context", {})
        companies = context.get("allowed_company_ids") or self.allowed
        if not set(companies) <= set(self.allowed):
            raise Fault("odoo.exceptions.AccessError", "Access to unauthorized or invalid companies.", 403)
        match method:
            case "search_read":
                return self.search_read(model, companies, context, **named)
            case "read_group" if model == LINE and self.version < 20:
                return self.read_group(companies, **named)
            case "formatted_read_group" if model == LINE and self.version >= 19:
                return self.formatted_read_group(companies, **named)
            case "read":
                if any(id_ in self.books.hidden for id_ in ids or []):
                    raise Fault("odoo.exceptions.AccessError", "hidden", 403)
                found = [
                    self.books.tables[model][id_] for id_ in ids or [] if id_ in self.books.tables[model]
                ]
                return [self.shown(model, row, named["fields"], companies) for row in found]
        raise Fault("builtins.AttributeError", method)

    def search_read(
        self,
        model: str,
        companies: list[int],
        context: Row,
        *,
        domain: list[Any],
        fields: list[str],
        limit: int | None = None,
        order: str | None = None,
    ) -> list[Row]:
        if model == LINE and "debit" in fields:
            self.pages += 1
            if self.meanwhile:
                self.meanwhile(self.pages)
        if order not in {None, "id"}:
            raise Fault("builtins.ValueError", "order")
        found = self.found(model, companies, domain)
        if context.get("active_test", True):
            found = [row for row in found if row.get("active", True)]
        # Without an order rows come in none that means anything.
        found.sort(key=lambda row: row["id"] if order else -row["id"])
        return [self.shown(model, row, fields, companies) for row in found[:limit]]

    def found(self, model: str, companies: list[int], domain: list[Any]) -> list[Row]:
        rows = [
            row
            for row in self.books.tables[model].values()
            if row.get("company_id", companies[0]) in companies and row["id"] not in self.books.hidden
        ]
        if model == COMPANY:
            rows = [row for row in rows if row["id"] in companies]
        return [row for row in rows if self.matches(row, domain)]

    def matches(self, row: Row, domain: list[Any]) -> bool:
        """A domain in prefix notation; what stands side by side holds together."""
        rest = list(domain)

        def take() -> bool:
            term = rest.pop(0)
            if term in ("&", "|"):
                first, second = take(), take()
                return (first and second) if term == "&" else (first or second)
            name, operator, other = term
            if name not in row:
                raise Fault("builtins.ValueError", f"Invalid field '{name}'")
            value = row[name]
            if isinstance(value, datetime):
                other = datetime.fromisoformat(other).replace(tzinfo=UTC)
            return COMPARE[operator](value, other)

        found = True
        while rest:
            found = take() and found
        return found

    def shown(self, model: str, row: Row, fields: list[str], companies: list[int]) -> Row:
        if model == ACCOUNT:
            row = row | {"code": row["codes"].get(companies[0], False)}
        for name in fields:
            if name not in row:
                raise Fault("builtins.ValueError", f"Invalid field '{name}' on '{model}'")
        return {name: self.value(name, row[name], companies) for name in ["id", *fields]}

    def value(self, name: str, value: Any, companies: list[int]) -> Any:  # noqa: ANN401
        if value is False:
            return value
        if name in MONEY:
            return value / 100
        if name in REFERS:
            return [value, self.label(REFERS[name], value, companies)]
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M:%S}"
        return value

    def label(self, model: str, id_: int, companies: list[int]) -> str:
        row = self.books.tables[model].get(id_, {})
        if model == ACCOUNT:
            return f"{row['codes'].get(companies[0], '')} {row['name']}".strip()
        return str(row.get("display_name", row.get("name", "")))

    def groups(
        self, companies: list[int], domain: list[Any], by: str, aggregates: list[str]
    ) -> Iterator[tuple[Any, list[Row], Row]]:
        groups: dict[Any, list[Row]] = {}
        for row in self.found(LINE, companies, domain):
            key = row["date"][:7] if by == "date:month" else row[by]
            groups.setdefault(key, []).append(row)
        for key, rows in sorted(groups.items()):
            found: Row = {}
            for aggregate in aggregates:
                name, _, function = aggregate.partition(":")
                if name not in rows[0] or function not in {"sum", "max"}:
                    raise Fault("builtins.ValueError", f"Invalid field '{name}'")
                total = (sum if function == "sum" else max)(row[name] for row in rows)
                found[aggregate] = self.value(name, total, companies)
            yield key, rows, found

    def read_group(
        self, companies: list[int], *, domain: list[Any], fields: list[str], groupby: list[str], lazy: bool
    ) -> list[Row]:
        (by,) = groupby
        count = f"{by.partition(':')[0]}_count" if lazy else "__count"
        answered = []
        for key, rows, found in self.groups(companies, domain, by, fields):
            group = {name.partition(":")[0]: value for name, value in found.items()} | {count: len(rows)}
            if by == "date:month":
                start = date.fromisoformat(f"{key}-01")
                end = date(start.year + start.month // 12, start.month % 12 + 1, 1)
                group["__range"] = {by: {"from": f"{start}", "to": f"{end}"}}
                group[by] = f"{start:%B %Y}"
            else:
                group[by] = self.value(by, key, companies)
            answered.append(group)
        return answered

    def formatted_read_group(
        self, companies: list[int], *, domain: list[Any], groupby: list[str], aggregates: list[str]
    ) -> list[Row]:
        (by,) = groupby
        others = [aggregate for aggregate in aggregates if aggregate != "__count"]
        return [
            found
            | {"__count": len(rows), "__extra_domain": []}
            | {by: [f"{key}-01", "a text"] if by == "date:month" else self.value(by, key, companies)}
            for key, rows, found in self.groups(companies, domain, by, others)
        ]


@contextmanager
def serving(odoo: Odoo) -> Iterator[Odoo]:
    """The server on a free port of 127.0.0.1, until the block ends."""

    class Bound(_Handler):
        served = odoo

    with ThreadingHTTPServer(("127.0.0.1", 0), Bound) as listening:
        odoo.address = f"http://127.0.0.1:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield odoo
        finally:
            listening.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    served: ClassVar[Odoo]
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet
    lock = threading.Lock()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.lock:
            if self.path in self.served.answers:
                self._answer(*self.served.answers[self.path])
            elif self.path == "/jsonrpc":
                self._json_rpc(asked)
            elif self.path.startswith("/json/2/") and self.served.version >= 19:
                self._json_2(asked)
            else:  # the web client takes whatever path is not known
                self._answer(200, b"<!DOCTYPE html><title>Odoo</title>", "text/html")

    def do_GET(self) -> None:
        if self.path == "/web/version" and self.served.version >= 19:
            self._say({"version_info": [self.served.version, 0, 0, "final", 0, ""]})
        else:
            self._answer(404, b"<!DOCTYPE html>", "text/html")

    def _json_rpc(self, asked: Row) -> None:
        arguments = asked["params"]["args"]
        envelope: Row = {"jsonrpc": "2.0", "id": asked["id"]}
        try:
            result = self._served(asked["params"]["service"], asked["params"]["method"], arguments)
        except Fault as fault:
            code = 0 if self.served.version >= 19 else 200
            error = {"code": code, "message": "Odoo Server Error", "data": fault.document}
            self._say({"jsonrpc": "2.0", "id": None, "error": error})
        else:
            self._say(envelope | {"result": result})

    def _served(self, service: str, method: str, arguments: list[Any]) -> object:
        match service, method:
            case "common", "version":
                info = [self.served.version, 0, 0, "final", 0, ""]
                return {"server_version_info": info, "protocol_version": 1}
            case "common", "authenticate":
                self._database(arguments[0])
                return 2 if arguments[1:3] == [USER, KEY] else False
            case "object", "execute_kw":
                database, user, key, model, called, positional, named = arguments
                self._database(database)
                if (user, key) != (2, KEY):
                    raise Fault("odoo.exceptions.AccessDenied", "Access Denied")
                return self.served.call(model, called, positional[0] if positional else None, named)
        raise Fault("builtins.KeyError")

    def _json_2(self, asked: Row) -> None:
        if self.headers["X-Odoo-Database"] != DATABASE:
            self._answer(404, b"<!DOCTYPE html>", "text/html")
            return
        try:
            self._say(self._served_by_key(asked))
        except Fault as fault:
            self._answer(fault.status, json.dumps(fault.document).encode())

    def _served_by_key(self, asked: Row) -> object:
        if self.headers["Authorization"] != f"bearer {KEY}":
            raise Fault("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401)
        _, _, _, model, method = self.path.split("/")
        if model not in self.served.books.tables:
            raise Fault("werkzeug.exceptions.NotFound", f"the model '{model}' does not exist", 404)
        return self.served.call(model, method, asked.pop("ids", None), asked)

    def _database(self, name: str) -> None:
        if name != DATABASE:
            raise Fault("psycopg2.OperationalError", f'FATAL:  database "{name}" does not exist')

    def _say(self, document: object) -> None:
        self._answer(200, json.dumps(document).encode())

    def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response_only(status)
        moment = self.served.books.clock + self.served.clock_ahead
        self.send_header("Date", format_datetime(moment, usegmt=True))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Nothing: the tests look at `asked`."""
