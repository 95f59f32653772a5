"""A running emulator of Yuki and a plain client of its services, in the words of the documented requests."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import requests
from lxml import etree
from process_kit import LONGEST_WAIT

from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Entry, Line, NewEntry, NewLine, State, money
from monitr_pipelines.emulators.yuki import build
from monitr_pipelines.emulators.yuki.service import Yuki

NAMESPACE = "http://www.theyukicompany.com/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
TEXT_XML = "text/xml; charset=utf-8"
EVER = {"startDate": "2000-01-01T00:00:00.00Z", "endDate": "2099-12-31T00:00:00.00Z"}
SERVICES = {
    "GetUpdatedAndDeletedTransactions": "ChangeDigest",
    "GetTransactionDetail": "ChangeDigest",
    "GLAccountBalance": "Accounting",
    "GLAccountBalanceFiscal": "Accounting",
}

Row = dict[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer: its status, its text, and the document where it is XML."""

    status: int
    text: str = field(repr=False)

    @property
    def document(self) -> etree._Element:
        return etree.fromstring(self.text.encode())

    @property
    def fault(self) -> tuple[str, str, str]:
        """Code, reason and detail; a fault has status 500."""
        fault = self.document.find(f".//{{{SOAP}}}Fault")
        assert fault is not None, self.text
        assert self.status == 500
        return tuple(fault.findtext(name, "") for name in ("faultcode", "faultstring", "detail"))  # type: ignore[return-value]

    def rows(self, name: str) -> list[Row]:
        """Elements of a name, with the texts right below them and their attributes."""
        assert self.status == 200, self.text
        return [texts_of(each) for each in self.document.iter() if local(each) == name]


@dataclass
class Client:
    """Whoever asks the services, one request after the other."""

    server: Server
    emulator: Yuki
    session: str = ""

    @property
    def books(self) -> SharedBooks:
        return self.emulator.ledger.books

    def administration(self, company: int = 1) -> str:
        return f"00000005-0000-4000-8000-{company:012x}"

    def send(self, path: str, action: str, body: str, kind: str = TEXT_XML, method: str = "POST") -> Reply:
        answer = requests.request(
            method,
            f"{self.server.address}{path}",
            data=body.encode(),
            headers={"Content-Type": kind, "SOAPAction": action},
            timeout=LONGEST_WAIT,
        )
        return Reply(answer.status_code, answer.text)

    def call(self, operation: str, service: str = "", **values: str) -> Reply:
        """Ask an operation of its service."""
        service = service or SERVICES.get(operation, "AccountingInfo")
        return self.send(f"/ws/{service}.asmx", NAMESPACE + operation, envelope(operation, values))

    def ask(self, operation: str, company: int = 1, **values: str) -> Reply:
        """Ask an operation of one administration."""
        named = {"sessionID": self.session, "administrationID": self.administration(company)}
        return self.call(operation, **named | values)

    def sign_in(self) -> None:
        reply = self.call("Authenticate", accessKey=self.emulator.access.key)
        self.session = reply.rows("AuthenticateResponse")[0]["AuthenticateResult"]

    def details(self, first: str, last: str, company: int = 1, account: str = "") -> list[Row]:
        reply = self.ask(
            "GetTransactionDetails",
            company,
            GLAccountCode=account,
            StartDate=first,
            EndDate=last,
            financialMode="1",
        )
        return reply.rows("TransactionInfo")

    def changes(self, first: int = 0, count: int = 1000, **between: str) -> list[Row]:
        reply = self.ask(
            "GetUpdatedAndDeletedTransactions",
            numberOfRecords=str(count),
            startRecord=str(first),
            **EVER | between,
        )
        return reply.rows("UpdatedTransaction")

    def since(self, moment: str) -> list[Row]:
        """What changed since a moment."""
        return self.changes(startDate=moment)

    def year_changed(self, year: int) -> str:
        reply = self.ask("GetFinancialYearModifiedDate", yearID=str(year))
        return reply.rows("GetFinancialYearModifiedDateResponse")[0]["GetFinancialYearModifiedDateResult"]


@contextmanager
def yuki_server(books: SharedBooks, **options: str) -> Iterator[Client]:
    """The emulator over some books, and a client with a session."""
    emulator = build(books, options)
    with serve(emulator, books.clock) as server:
        client = Client(server, emulator)
        client.sign_in()
        yield client


def envelope(operation: str, values: Mapping[str, str]) -> str:
    texts = "".join(f"<they:{name}>{text}</they:{name}>" for name, text in values.items())
    return (
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:they="{NAMESPACE}"><soapenv:Header/>'
        f"<soapenv:Body><they:{operation}>{texts}</they:{operation}></soapenv:Body></soapenv:Envelope>"
    )


def local(each: etree._Element) -> str:
    return str(each.tag).rpartition("}")[2]


def texts_of(each: etree._Element) -> Row:
    attributes = {str(name): str(text) for name, text in each.attrib.items()}
    return attributes | {local(child): child.text or "" for child in each}


def line_key(number: int) -> str:
    return f"00000001-0000-4000-8000-{number:012x}"


def sale(books: SharedBooks, day: date = date(2026, 1, 5), cents: int = 121_00) -> NewEntry:
    accounts = {each.code: each.id for each in books.accounts.values() if each.company == 1}
    lines = (NewLine(accounts["400000"], cents), NewLine(accounts["700000"], -cents))
    return NewEntry(company=1, journal=2, day=day, lines=lines)


def in_ledger(books: SharedBooks, company: int = 1) -> Iterator[tuple[Entry, Line]]:
    for entry, line in books.lines():
        if (entry.company, entry.state) == (company, State.POSTED) and line.account is not None:
            yield entry, line


def ledger_of(books: SharedBooks, company: int = 1) -> dict[str, tuple[object, ...]]:
    """What the lines of a company must come to, by key."""
    ledger: dict[str, tuple[object, ...]] = {}
    for entry, line in in_ledger(books, company):
        values = [books.values[value] for share in line.shares for value in share.values]
        project = next((each.code for each in values if books.axes[each.axis].code == "project"), None)
        relation = books.relations.get(line.relation or 0)
        ledger[line_key(line.id)] = (
            entry.day.isoformat(),
            books.accounts[line.account or 0].code,
            money(line.amount),
            money(line.amount if line.foreign is None else line.foreign),
            line.currency or "EUR",
            line.text,
            project,
            relation.name if relation else None,
        )
    return ledger


def ledger_in(rows: list[Row]) -> dict[str, tuple[object, ...]]:
    """What rows say of the same; of keys that come twice there would be fewer."""
    ledger: dict[str, tuple[object, ...]] = {
        row["id"]: (
            row["transactionDate"].removesuffix("T00:00:00"),
            row["glAccountCode"],
            Decimal(row["transactionAmount"]),
            Decimal(row["transactionAmountForeignCurrency"]),
            row["currency"],
            row.get("description", ""),
            row.get("projectCode"),
            row.get("fullName"),
        )
        for row in rows
    }
    assert len(ledger) == len(rows)
    return ledger
