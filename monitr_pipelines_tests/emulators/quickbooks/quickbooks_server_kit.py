"""A running emulator of QuickBooks Online and a plain client that checks what it gets by Intuit's schemas."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import requests
from process_kit import LONGEST_WAIT
from quickbooks_schema_kit import matches_schema

from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.quickbooks import build
from monitr_pipelines.emulators.quickbooks.service import QuickBooksOnline
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import NewEntry, NewLine, State, money

REDIRECT = "http://127.0.0.1:8070/connections/quickbooks"
FIRST, SECOND = "9130350000000001", "9130350000000002"
GL, TB = "reports/GeneralLedger", "reports/TrialBalance"
EVER = {"start_date": "2023-01-01", "end_date": "2026-12-31", "accounting_method": "Accrual"}
USUAL = "tx_date,txn_type,doc_num,name,memo,klass_name,dept_name"
HOME = f"{USUAL},debt_home_amt,credit_home_amt"
SINGLE = f"{USUAL},debt_amt,credit_amt"
# In the order of the kinds of journals: sales, purchases, bank, all others.
TYPES = {"S": "Invoice", "P": "Bill", "B": "Expense"}

Row = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer with its document, numbers as the digits that they have; None where it is no JSON."""

    status: int
    headers: Mapping[str, str]
    document: Any
    text: str = field(repr=False)

    @property
    def error(self) -> Row:
        """The one error of a fault."""
        (error,) = self.document["Fault"]["Error"]
        return dict(error)

    @property
    def location(self) -> dict[str, str]:
        """The parameters with which a person is sent back."""
        return {
            name: values[0] for name, values in parse_qs(urlsplit(self.headers["Location"]).query).items()
        }


class Told(NamedTuple):
    """What a row of a general ledger says."""

    account: str
    day: str
    type: str
    transaction: str
    amount: Decimal
    number: str
    name: str
    memo: str
    klass: str
    location: str


@dataclass
class Client:
    """Whoever asks the emulator over HTTP, one request after the other and none of its own accord."""

    server: Server
    emulator: QuickBooksOnline
    access: str
    refresh: str

    @property
    def books(self) -> SharedBooks:
        return self.emulator.books

    def ask(self, method: str, address: str, **options: Any) -> Reply:  # noqa: ANN401 - of requests
        answer = requests.request(method, address, timeout=LONGEST_WAIT, allow_redirects=False, **options)
        try:
            document = json.loads(answer.text, parse_float=Decimal)
        except ValueError:
            document = None
        return Reply(answer.status_code, answer.headers, document, answer.text)

    def get(self, path: str, query: Mapping[str, str] | None = None, realm: str = FIRST) -> Reply:
        """Ask below a company."""
        sent = {"Accept": "application/json", "Authorization": f"Bearer {self.access}"}
        address = f"{self.server.address}/v3/company/{realm}/{path}"
        reply = self.ask("GET", address, params={**(query or {}), "minorversion": "75"}, headers=sent)
        if reply.status == 200:
            matches_schema(reply.document)
        return reply

    def query(self, statement: str) -> Row:
        """The answer to a query."""
        reply = self.get("query", {"query": statement})
        assert reply.status == 200, reply.text
        return dict(reply.document["QueryResponse"])

    def changed(self, entities: str, since: str) -> list[Row]:
        """What change data capture says of each kind of entities."""
        reply = self.get("cdc", {"entities": entities, "changedSince": since})
        assert reply.status == 200, reply.text
        (response,) = reply.document["CDCResponse"]
        return list(response["QueryResponse"])

    def report(self, path: str, **query: str) -> Row:
        reply = self.get(path, {**EVER, **query})
        assert reply.status == 200, reply.text
        return dict(reply.document)

    def ledger(self, **query: str) -> list[Told]:
        """The postings of a general ledger, from its nested sections; its sums are checked on the way."""
        report = self.report(GL, **{"columns": HOME, **query})
        keys = [column["MetaData"][0]["Value"] for column in report["Columns"]["Column"]]
        return [row for section in rows_of(report) for row in postings(section, keys, "")]

    def token(self, **form: str) -> Reply:
        proof = b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        return self.ask(
            "POST",
            f"{self.server.address}/oauth2/v1/tokens/bearer",
            data=form,
            headers={"Authorization": f"Basic {proof}", "Accept": "application/json"},
        )

    def renew(self, token: str | None = None) -> Reply:
        return self.token(grant_type="refresh_token", refresh_token=self.refresh if token is None else token)

    def authorize(self, method: str = "GET", **parameters: str) -> Reply:
        asked = {
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": "com.intuit.quickbooks.accounting",
            "state": "a state+/=&",
        }
        where = {"params" if method == "GET" else "data": asked | parameters}
        return self.ask(method, f"{self.server.address}/connect/oauth2", **where)


@contextmanager
def quickbooks_server(books: SharedBooks, **options: str) -> Iterator[Client]:
    """The emulator over some books, and a client that someone has just allowed in."""
    emulator = build(books, {"requests_a_minute": "1000000"} | options)
    with serve(emulator, books.clock) as server:
        pair = emulator.tokens.grant_pair(CLIENT_ID, FIRST)
        yield Client(server, emulator, pair.access, pair.refresh)


def rows_of(holder: Row) -> list[Row]:
    return list(holder["Rows"].get("Row", []))


def postings(section: Row, keys: list[str], account: str) -> list[Told]:
    """The postings of a section and of those in it; debits and credits of its summary must be theirs."""
    if "Header" in section:
        account = section["Header"]["ColData"][0].get("id", "")
    found: list[Told] = []
    for row in rows_of(section):
        if row["type"] == "Section":
            found += postings(row, keys, account)
        elif row["ColData"][0]["value"] != "Beginning Balance":
            found.append(told(dict(zip(keys, row["ColData"], strict=True)), account))
    cells = dict(zip(keys, section["Summary"]["ColData"], strict=True))
    for key in keys:
        if key.startswith(("debt_", "credit_")) and cells[key]["value"]:
            sign = 1 if key.startswith("debt_") else -1
            sums = sum((sign * row.amount for row in found if sign * row.amount > 0), Decimal())
            assert Decimal(cells[key]["value"]) == sums, account
    return found


def told(cells: Mapping[str, Row], account: str) -> Told:
    debit, credit = (
        next((cells[key]["value"] for key in cells if key.startswith(start)), "")
        for start in ("debt_", "credit_")
    )
    return Told(
        account,
        cells["tx_date"]["value"],
        cells["txn_type"]["value"],
        cells["txn_type"]["id"],
        Decimal(debit or "0") - Decimal(credit or "0"),
        *(cells[key]["value"] for key in ("doc_num", "name", "memo", "klass_name", "dept_name")),
    )


def ledger_of(books: SharedBooks, company: int = 1) -> list[Told]:
    """What the ledger of a company must come to."""
    found: list[Told] = []
    for entry, line in books.lines():
        if entry.company != company or entry.state is State.DRAFT or line.account is None:
            continue
        values = [books.values[value] for share in line.shares for value in share.values]
        names = {books.axes[value.axis].code: value.name for value in values}
        voided = entry.state is State.CANCELLED
        relation = books.relations.get(line.relation or 0)
        found.append(
            Told(
                str(line.account),
                entry.day.isoformat(),
                TYPES.get(books.journals[entry.journal].kind, "Journal Entry"),
                str(entry.id),
                Decimal() if voided else money(line.amount),
                entry.number,
                relation.name if relation else "",
                f"Voided - {line.text}" if voided else line.text,
                names.get("project", ""),
                names.get("department", ""),
            )
        )
    return sorted(found)


def sale(books: SharedBooks, day: date = date(2026, 1, 5), cents: int = 121_00) -> NewEntry:
    accounts = {account.code: account.id for account in books.accounts.values() if account.company == 1}
    lines = (NewLine(accounts["400000"], cents), NewLine(accounts["700000"], -cents))
    journal = next(each.id for each in books.journals.values() if (each.company, each.kind) == (1, "S"))
    return NewEntry(1, journal, day, lines)
