"""A small Twinfield of the tests: answers in the forms of its documentation, ordered by what is asked."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from http_kit import CountingLimits

from monitr_pipelines.ledger.changes import Replace
from monitr_pipelines.providers.contract import Application, Credentials, Item, Ports
from monitr_pipelines.providers.soap import first, local, parsed, texts_of
from monitr_pipelines.providers.twinfield.source import TwinfieldSource

CANARY = "canary-Twinfield-4242"
APPLICATION = Application("client", f"{CANARY}-secret")
OFFICE = "NL-1 & 2"
NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
TWINFIELD = "http://www.twinfield.com/"
BROWSED = {
    "fin.trs.head.year": "2026",
    "fin.trs.head.period": "3",
    "fin.trs.head.status": "final",
    "fin.trs.head.date": "20260305",
    "fin.trs.head.curcode": "EUR",
    "fin.trs.head.relationname": "Client & Co",
    "fin.trs.head.modified": "20260306101500",
    "fin.trs.line.dim1": "8000",
    "fin.trs.line.dim1type": "PNL",
    "fin.trs.line.dim2": "",
    "fin.trs.line.dim2name": "",
    "fin.trs.line.dim2type": "",
    "fin.trs.line.dim3": "",
    "fin.trs.line.dim3type": "",
    "fin.trs.line.valuesigned": "-121.00",
    "fin.trs.line.basevaluesigned": "-121.00",
    "fin.trs.line.description": "Goods",
}
Row = dict[str, str]


def row(number: int = 1, line: int = 1, **cells: str) -> Row:
    """A line of a transaction of daybook VRK; cells are named by the last word of their field."""
    named = {name.rpartition(".")[2]: name for name in BROWSED}
    return {"number": str(number), "line": str(line)} | BROWSED | {named[each]: cells[each] for each in cells}


@dataclass
class Twinfield:
    """The books, and what was asked.

    `answers`: by what is asked, in place of the answer that is due. `asked`: the names of questions.
    """

    address: str = ""
    rows: list[Row] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)
    columns: tuple[str, ...] = ("fin.trs.head.yearperiod",)
    dimensions: Mapping[str, Mapping[str, str]] = field(
        default_factory=lambda: {
            "BAS": {"1300": "Debtors", "1500": "VAT"},
            "PNL": {"8000": "Sales"},
            "KPL": {"100": "North"},
            "PRJ": {"P1": "Dike"},
        }
    )
    answers: dict[str, Callable[[], tuple[int, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    encoding: str = "utf-8"
    cluster: str = ""
    token: str = f"{CANARY}-0"
    renewals: int = 0
    opened: list[TwinfieldSource] = field(default_factory=list)

    def source(self, office: str | None = OFFICE) -> TwinfieldSource:
        until = datetime.now(UTC) + timedelta(hours=1)
        values = {"url": self.address, "access_token": self.token, "refresh_token": f"{CANARY}-refresh"}
        held = Held(Credentials(values | {"expires_at": until.isoformat()}))
        self.opened.append(TwinfieldSource(office, Ports(held, CountingLimits(), APPLICATION)))
        return self.opened[-1]

    def read(self, cursor: Mapping[str, object] | None = None) -> list[Item]:
        """A stream to its end, its lines too."""
        return played(self.source().transactions(cursor and json.loads(json.dumps(cursor))))

    def renew(self) -> dict[str, object]:
        self.renewals += 1
        self.token = f"{CANARY}-{self.renewals}"
        return {"access_token": self.token, "expires_in": 3600, "token_type": "Bearer"}

    def answer(self, path: str, body: bytes) -> tuple[int, str]:
        self.sent.append(body)
        root = parsed(body)
        token = first(root, "AccessToken")
        assert token is not None
        name, said = self._named(path, root)
        self.asked.append(name)
        if token.text != self.token:
            return 401, fault(354)
        return self.answers[name]() if name in self.answers else (200, said())

    def _named(self, path: str, root: object) -> tuple[str, Callable[[], str]]:
        if path.endswith("finder.asmx"):
            strings = [each.text for each in root.iter("{*}string")]
            kind = strings[strings.index("dimtype") + 1]
            return kind, lambda: self._found(root, kind)
        query = first(root, "Query")
        if query is not None:
            name = next(iter(query.attrib.values())).partition(":")[2]
            return name, lambda: self._queried(name, texts_of(query))
        document = first(root, "xmlRequest")[0]
        if local(document) == "columns":
            code = document.get("code")
            asked = [texts_of(each) for each in document]
            shown = [each["field"] for each in asked if each["visible"] == "true"]
            name = f"{code} {'changes' if 'fin.trs.head.status' in shown else period_of(asked)}"
            return name, lambda: self._browsed(code, shown, asked)
        asked = texts_of(document)
        return f"{asked['type']} {asked.get('code', '')}".strip(), lambda: self._document(asked)

    def _document(self, asked: Mapping[str, str]) -> str:
        office = OFFICE.replace("&", "&amp;")
        if asked["type"] == "offices":
            return inner(
                f'<offices result="1"><office name="Peeters" shortname="">{office}</office></offices>'
            )
        if asked["type"] == "browse":
            fields = "".join(f"<column><field>{each}</field></column>" for each in self.columns)
            return inner(f'<browse result="1"><columns code="030_3">{fields}</columns></browse>')
        assert asked["office"] == asked["code"]
        if asked["code"] != OFFICE:
            return inner('<office result="0" msgtype="error" msg="Geen toegang."><code/></office>')
        return inner(
            f'<office result="1" status="active"><code>{office}</code><name>Peeters</name>'
            '<basecurrency name="Euro">EUR</basecurrency></office>'
        )

    def _found(self, root: object, kind: str) -> str:
        start = int(first(root, "firstRow").text)
        rows = list(self.dimensions.get(kind, {}).items())
        page = rows[start - 1 : start - 1 + int(first(root, "maxRows").text)]
        items = "".join(f"<ArrayOfString>{strings(each)}</ArrayOfString>" for each in page)
        return soap(
            f'<SearchResponse xmlns="{TWINFIELD}"><SearchResult/><data><TotalRows>{len(rows)}</TotalRows>'
            f"<Items>{items}</Items></data></SearchResponse>"
        )

    def _queried(self, name: str, asked: Mapping[str, str]) -> str:
        if name == "GetYears":
            return queried("<b:Years xmlns:c='c'><c:int>2025</c:int><c:int>2026</c:int></b:Years>")
        if name == "GetPeriods":
            ends = [datetime(int(asked["Year"]), month, 1, tzinfo=UTC) for month in range(2, 13)]
            days = [(each - timedelta(days=1)).date() for each in ends]
            last = [datetime(int(asked["Year"]), 12, 31, tzinfo=UTC).date()]
            periods = "".join(
                f"<b:Period><b:EndDate>{end}T00:00:00</b:EndDate><b:Number>{number}</b:Number></b:Period>"
                for number, end in enumerate([*days, *last], start=1)
            )
            return queried(f"<b:Periods>{periods}</b:Periods>")
        assert asked == {"CompanyCode": OFFICE}
        rows = "".join(
            f"<b:DeletedTransaction><b:Daybook>VRK</b:Daybook><b:DeletionDate>{at}</b:DeletionDate>"
            f"<b:TransactionNumber>{number}</b:TransactionNumber></b:DeletedTransaction>"
            for number, at in self.deleted
        )
        return queried(f"<b:DeletedTransactions>{rows}</b:DeletedTransactions>")

    def _browsed(self, code: str, shown: list[str], asked: list[dict[str, str]]) -> str:
        chosen = {each["field"]: (each["from"], each["to"]) for each in asked if each["ask"] == "true"}
        first_period, last_period = chosen["fin.trs.head.yearperiod"]
        low, high = chosen.get("fin.trs.head.modified", ("", "9"))
        status = chosen.get("fin.trs.head.status")
        assert status in (None, ("normal", ""))
        found = [
            each
            for each in self.rows
            if first_period <= period(each) <= last_period
            and low <= each["fin.trs.head.modified"] <= high
            and (status is None or each["fin.trs.head.status"] != "temporary")
        ]
        return browse(found, shown, keyed=code == "030_3")


def period(each: Row) -> str:
    return f"{each['fin.trs.head.year']}/{int(each['fin.trs.head.period']):02}"


def period_of(asked: list[dict[str, str]]) -> str:
    (told,) = [each for each in asked if each["field"] == "fin.trs.head.yearperiod"]
    return f"{told['from']} {told['to']}"


def browse(rows: Iterable[Row], shown: Iterable[str], *, keyed: bool = True, office: str = OFFICE) -> str:
    """An answer with rows."""
    found, shown = list(rows), list(shown)
    told = "".join(f'<td label="x" hideforuser="false" type="String">{each}</td>' for each in shown)
    cells = "".join(_row(each, shown, keyed=keyed, office=office) for each in found)
    total = len(found)
    return inner(
        f'<browse result="1" first="1" last="{total}" total="{total}"><th>{told}</th>{cells}</browse>'
    )


def _row(each: Row, shown: Iterable[str], *, keyed: bool, office: str) -> str:
    cells = "".join(
        f'<td field="{name}" hideforuser="false" type="String">{escaped(each[name])}</td>' for name in shown
    )
    number, line = each["number"], each["line"]
    of_line = f"<code>VRK</code><number>{number}</number><line>{line}</line>" if keyed else ""
    return f"<tr>{cells}<key><office>{escaped(office)}</office>{of_line}</key></tr>"


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def inner(document: str) -> str:
    return soap(
        f'<ProcessXmlDocumentResponse xmlns="{TWINFIELD}"><ProcessXmlDocumentResult>{document}'
        "</ProcessXmlDocumentResult></ProcessXmlDocumentResponse>"
    )


def queried(told: str) -> str:
    return soap(f'<Result xmlns="{TWINFIELD}" xmlns:b="b">{told}</Result>')


def fault(code: int) -> str:
    detail = f"<detail><message>No.</message><code>{code}</code><source>x</source></detail>"
    return soap(f"<s:Fault><faultcode>s:Client</faultcode><faultstring>No.</faultstring>{detail}</s:Fault>")


def soap(body: str) -> str:
    return f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}</s:Body></s:Envelope>'


def strings(texts: Iterable[str]) -> str:
    return "".join(f"<string>{escaped(text)}</string>" for text in texts)


@dataclass
class Held:
    """Tokens of one connection."""

    credentials: Credentials

    def read(self) -> Credentials:
        return self.credentials

    def renew(self, stale: Credentials, exchange: Callable[[Credentials], Mapping[str, str]]) -> Credentials:
        if dict(stale) == dict(self.credentials):
            self.credentials = Credentials(exchange(stale))
        return self.credentials


def played(items: Iterable[Item]) -> list[Item]:
    return [Replace(each.scope, list(each.lines)) if isinstance(each, Replace) else each for each in items]


@contextmanager
def running() -> Iterator[Twinfield]:
    """A Twinfield on a free port of 127.0.0.1, until the block ends."""
    twinfield = Twinfield()

    class Bound(_Handler):
        state = twinfield

    with ThreadingHTTPServer(("127.0.0.1", 0), Bound) as server:
        server.daemon_threads = True
        twinfield.address = f"http://127.0.0.1:{server.server_address[1]}"
        twinfield.cluster = f"{twinfield.address}/here"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield twinfield
        finally:
            for source in twinfield.opened:
                source.close()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: ClassVar[Twinfield]
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/connect/token"):
            assert self.headers["Authorization"].startswith("Basic ")
            self._send(200, json.dumps(self.state.renew()).encode())
            return
        assert self.path.startswith("/here/webservices/")
        assert self.headers["SOAPAction"].startswith(f'"{TWINFIELD}')
        status, told = self.state.answer(self.path, body)
        declared = f'<?xml version="1.0" encoding="{self.state.encoding}"?>{told}'
        self._send(status, declared.encode(self.state.encoding))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        assert parts.path.endswith("/connect/accesstokenvalidation")
        self.state.asked.append("validation")
        known = parse_qs(parts.query)["token"] == [self.state.token]
        told = {"twf.clusterUrl": self.state.cluster} if known else {"Message": "invalid_token"}
        self._send(200 if known else 400, json.dumps(told).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: int | None = None) -> str:
        return format_datetime(NOON, usegmt=True)

    def log_message(self, *arguments: object) -> None:
        """Tests are quiet."""
