"""A running emulator of Twinfield, and a plain client that reads its XML by the standard library."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import requests
from process_kit import LONGEST_WAIT

from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import moment
from monitr_pipelines.emulators.shared.records import State, money
from monitr_pipelines.emulators.twinfield import build
from monitr_pipelines.emulators.twinfield.service import Twinfield

FIRST, SECOND = "OFF001", "OFF002"
NAMESPACE = "http://www.twinfield.com/"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
CONTRACTS = "http://schemas.datacontract.org/2004/07/Twinfield.WebServices"
DELETED = f"{CONTRACTS}.DeletedTransactionsService"
REDIRECT = "http://127.0.0.1:8070/connections/twinfield"
CONNECT = "/auth/authentication/connect"
SCOPE = "openid offline_access twf.user twf.organisation twf.organisationUser"
HEADS = ("yearperiod", "code", "number", "status", "date", "curcode", "modified")
LINES = ("valuesigned", "basevaluesigned", "debitcredit", "description")
LEVELS = ("dim1", "dim1type", "dim2", "dim2type", "dim3", "dim3type")
COLUMNS = [f"head.{name}" for name in HEADS] + [f"line.{name}" for name in (*LEVELS, *LINES)]

Cells = dict[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer of a SOAP service."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def root(self) -> ET.Element:
        return ET.fromstring(self.body)  # noqa: S314 - of our own server

    @property
    def result(self) -> ET.Element:
        """The document that was processed, out of the text that holds it."""
        assert self.status == 200, self.body
        found = self.root.find(f".//{{{NAMESPACE}}}ProcessXmlStringResult")
        assert found is not None
        return ET.fromstring(found.text or "")  # noqa: S314 - of our own server

    @property
    def fault(self) -> tuple[int, str, str]:
        """The status of a fault, whose it is, and the code in its detail."""
        found = self.root.find(f".//{SOAP}Fault")
        assert found is not None, self.body
        detail = found.find("detail")
        codes = [each.text or "" for each in detail.iter() if each.tag.lower().endswith("code")]  # type: ignore[union-attr]
        return self.status, found.findtext("faultcode", ""), "".join(codes)

    @property
    def error(self) -> str:
        """The message of a functional error, with the element that it is told at."""
        assert self.result.get("result") == "0"
        (failed,) = (each for each in self.result.iter() if each.get("msgtype") == "error")
        assert failed.get("result") == "0"
        return f"{failed.tag}: {failed.get('msg')}"


@dataclass
class Client:
    """Whoever asks the emulator over HTTP, one request after the other and none of its own accord."""

    server: Server
    emulator: Twinfield
    access: str

    @property
    def books(self) -> SharedBooks:
        return self.emulator.offices.books

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401 - of requests
        address = f"{self.server.address}{path}"
        return requests.request(method, address, timeout=LONGEST_WAIT, allow_redirects=False, **options)

    def token(self, **form: str) -> requests.Response:
        return self.ask("POST", f"{CONNECT}/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET))

    def soap(self, service: str, body: str, action: str, header: str, **headers: str) -> Reply:
        envelope = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
            f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
        )
        sent = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NAMESPACE}{action}"'} | headers
        path = f"{self.emulator.cluster}/webservices/{service}"
        answer = self.ask("POST", path, data=envelope.encode(), headers=sent)
        return Reply(answer.status_code, answer.headers, answer.content)

    def header(self, office: str) -> str:
        return (
            f'<Header xmlns="{NAMESPACE}"><AccessToken>{self.access}</AccessToken>'
            f"<CompanyCode>{office}</CompanyCode></Header>"
        )

    def process(self, document: str, office: str = FIRST, **headers: str) -> Reply:
        body = (
            f'<ProcessXmlString xmlns="{NAMESPACE}"><xmlRequest>{escape(document)}</xmlRequest>'
            "</ProcessXmlString>"
        )
        return self.soap("processxml.asmx", body, "ProcessXmlString", self.header(office), **headers)

    def search(self, *, first: int = 1, most: int = 0, kind: str = "DIM", **options: str) -> Reply:
        pairs = "".join(
            f"<ArrayOfString><string>{name}</string><string>{value}</string></ArrayOfString>"
            for name, value in options.items()
        )
        body = (
            f'<Search xmlns="{NAMESPACE}"><type>{kind}</type><pattern>*</pattern><field>0</field>'
            f"<firstRow>{first}</firstRow><maxRows>{most}</maxRows><options>{pairs}</options></Search>"
        )
        return self.soap("finder.asmx", body, "Search", self.header(FIRST))

    def deleted(self, kind: str = "GetDeletedTransactions", **parts: str) -> Reply:
        shared = f'xmlns="{CONTRACTS}.Shared"'
        header = (
            f'<h:Authentication xmlns:h="{NAMESPACE}"><AccessToken {shared}>{self.access}</AccessToken>'
            f"<CompanyCode {shared}>{FIRST}</CompanyCode></h:Authentication>"
        )
        asked = "".join(f"<b:{name}>{value}</b:{name}>" for name, value in parts.items())
        body = (
            f'<Query xmlns="{NAMESPACE}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
            f' xmlns:b="{DELETED}" i:type="b:{kind}">{asked}</Query>'
        )
        action = "DeletedTransactionsService/Query"
        return self.soap("DeletedTransactionsService.svc", body, action, header)

    def browse(self, code: str = "030_3", columns: Sequence[str] = COLUMNS, **ranges: str) -> Reply:
        """Ask for rows; a range is `from..to` of a column of heads, or `from` where it is of equality."""
        asked = "".join(column(f"fin.trs.{name}") for name in columns)
        for name, given in ranges.items():
            low, dots, high = given.partition("..")
            asked += column(f"fin.trs.head.{name}", low, high, "between" if dots else "equal")
        return self.process(f'<columns code="{code}">{asked}</columns>')

    def rows(self, **ranges: str) -> list[Cells]:
        return cells(self.browse(**{"status": "normal"} | ranges))


def column(name: str, low: str = "", high: str = "", operator: str = "none") -> str:
    asked = operator != "none"
    return (
        f"<column><field>{name}</field><label>any</label><visible>{str(not asked).lower()}</visible>"
        f"<ask>{str(asked).lower()}</ask><operator>{operator}</operator><from>{low}</from><to>{high}</to>"
        "<finderparam/></column>"
    )


def cells(reply: Reply) -> list[Cells]:
    """The rows of an answer by the last part of their fields, with the parts of their keys."""
    document = reply.result
    assert document.get("result") == "1", reply.body
    rows = [
        {(each.get("field") or "").removeprefix("fin.trs."): each.text or "" for each in row.iter("td")}
        | {f"key.{each.tag}": each.text or "" for each in row.iterfind("key/*")}
        for row in document.iterfind("tr")
    ]
    assert document.get("total") == document.get("last") == str(len(rows))
    return rows


@contextmanager
def twinfield_server(books: SharedBooks, **options: str) -> Iterator[Client]:
    """The emulator over some books, and a client that someone has just allowed in."""
    emulator = build(books, {"credits_a_minute": "1000000"} | options)
    with serve(emulator, books.clock) as server:
        yield Client(server, emulator, emulator.tokens.grant_pair(CLIENT_ID).access)


def key_of(books: SharedBooks, entry: int, line: int = 1) -> tuple[str, str, str]:
    """Daybook, number and line, as an entry of invented books is called."""
    of = books.entries[entry]
    digits = "".join(each for each in of.number if each.isdigit())
    return books.journals[of.journal].code, digits, str(line)


def ledger_of(books: SharedBooks, company: int = 1) -> dict[tuple[str, str, str], tuple[object, ...]]:
    """What the lines of a company must come to, by key."""
    ledger: dict[tuple[str, str, str], tuple[object, ...]] = {}
    for entry in books.company_entries(company):
        if entry.state is not State.POSTED:
            continue
        for number, line in enumerate(entry.lines, start=1):
            values = [books.values[value] for share in line.shares for value in share.values]
            codes = {books.axes[value.axis].code: value.code for value in values}
            relation = books.relations[line.relation].code if line.relation else ""
            changed = max(entry.stamp.time, *(each.stamp.time for each in entry.lines))
            ledger[key_of(books, entry.id, number)] = (
                entry.day.strftime("%Y%m%d"),
                moment(changed).strftime("%Y%m%d%H%M%S"),
                books.accounts[line.account or 0].code,
                codes.get("department") or relation,
                codes.get("project", ""),
                money(line.amount),
                money(line.amount if line.foreign is None else line.foreign),
                line.currency or "EUR",
                line.text,
            )
    return ledger


def ledger_in(rows: Sequence[Cells]) -> dict[tuple[str, str, str], tuple[object, ...]]:
    """What rows say of the same."""
    ledger = {
        (row["key.code"], row["key.number"], row["key.line"]): (
            row["head.date"],
            row["head.modified"],
            row["line.dim1"],
            row["line.dim2"],
            row["line.dim3"],
            Decimal(row["line.basevaluesigned"]),
            Decimal(row["line.valuesigned"]),
            row["head.curcode"],
            row["line.description"],
        )
        for row in rows
    }
    assert len(ledger) == len(rows), "a key occurs once"
    return ledger
