"""A small Xero of the tests: one organisation's journals by number, as its own description writes them."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from monitr_pipelines.ledger.changes import Cursor, Replace, Upsert
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.contract import Application, Credentials, End, Item, Ports
from monitr_pipelines.providers.xero import datasets
from monitr_pipelines.providers.xero.source import XeroSource
from monitr_pipelines_tests.providers.http_kit import CountingLimits

TENANT = "7f5fabdd-9565-416a-9b62-d53d852bb2a3"
PRACTICE = "b4aca7b2-6fab-4ee7-a969-477f9128f636"
APPLICATION = Application("app", "canary-secret")
LONG_AGO = datetime(2026, 1, 15, 12, tzinfo=UTC)
BANK, SALES, DEBTORS, RETAINED, NO_CODE = (f"00000000-0000-0000-0000-00000000000{n}" for n in range(5))
NORTH, SOUTH = "option-north", "option-south"
JOURNALS = f"{datasets.BOOKS}/Journals"
REPORT = f"{datasets.BOOKS}/Reports/TrialBalance"
Told = tuple[int, Any]


def stamp(moment: datetime) -> str:
    """A moment as Xero writes it."""
    return f"/Date({int(moment.timestamp()) * 1000}+0000)/"


def account(id_: str, code: str | None, name: str, kind: str, **more: object) -> dict[str, Any]:
    """An account of the chart, without a code where there is none."""
    return {"AccountID": id_, "Name": name, "Class": kind} | ({"Code": code} if code else {}) | more


def report(*rows: tuple[str, str, str]) -> dict[str, Any]:
    """The trial balance: accounts with their debit and credit since the year began."""
    cells = [
        [{"Value": ""}, {"Value": "7.00"}, {"Value": "7.00"}, {"Value": debit}, {"Value": credit}]
        for _, debit, credit in rows
    ]
    for (account_id, *_), row in zip(rows, cells, strict=True):
        row[0]["Attributes"] = [{"Value": account_id, "Id": "account"}]  # type: ignore[assignment]
    titles = [{"Value": each} for each in ("Account", "Debit", "Credit", "YTD Debit", "YTD Credit")]
    section = {"RowType": "Section", "Rows": [{"RowType": "Row", "Cells": row} for row in cells]}
    total = {"RowType": "SummaryRow", "Cells": [{"Value": "Total"}]}
    return {
        "Rows": [{"RowType": "Header", "Cells": titles}, section, {"RowType": "Section", "Rows": [total]}]
    }


@dataclass
class Xero:
    """The books, and what was asked. `before`: what a path is answered instead, if anything."""

    address: str = ""
    page: int = 100
    clock: datetime = LONG_AGO
    journals: list[dict[str, Any]] = field(default_factory=list)
    accounts: list[dict[str, Any]] = field(default_factory=list)
    categories: list[dict[str, Any]] = field(default_factory=list)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    connected: list[dict[str, str]] = field(default_factory=list)
    organisation: dict[str, Any] = field(default_factory=dict)
    before: Callable[[str], Told | None] = lambda _: None
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tenants: list[str | None] = field(default_factory=list)
    renewed: int = 0
    opened: list[XeroSource] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connected = [
            {"id": "c1", "tenantId": TENANT, "tenantType": "ORGANISATION"},
            {"id": "c2", "tenantId": PRACTICE, "tenantType": "PRACTICE"},
        ]
        self.organisation = {
            "Name": "Peeters NV",
            "BaseCurrency": "EUR",
            "FinancialYearEndDay": 30,
            "FinancialYearEndMonth": 6,
        }
        self.accounts = [
            account(BANK, "090", "Bank", "ASSET"),
            account(SALES, "200", "Sales ", "REVENUE"),
            account(DEBTORS, "610", "Debtors", "ASSET"),
            account(RETAINED, "960", "Retained Earnings", "EQUITY", SystemAccount="RETAINEDEARNINGS"),
            account(NO_CODE, None, "Credit card", "LIABILITY"),
        ]
        options = [{"TrackingOptionID": id_, "Name": id_[7:].title()} for id_ in (NORTH, SOUTH)]
        self.categories = [{"Name": "Region", "TrackingCategoryID": "region", "Options": options}]

    def book(self, net: str, *, account: str = DEBTORS, number: int | None = None, **line: object) -> None:
        """A journal of two lines, the second on sales; further fields are those of the first."""
        number = number or len(self.journals) + 1
        lines = [
            {"JournalLineID": f"{number}a", "AccountID": account, "NetAmount": Number(net)} | line,
            {"JournalLineID": f"{number}b", "AccountID": SALES, "NetAmount": Number(f"-{net}")},
        ]
        self.journals.append(
            {
                "JournalID": f"journal-{number}",
                "JournalDate": "/Date(1775001600000+0000)/",
                "JournalNumber": number,
                "CreatedDateUTC": stamp(self.clock),
                "Reference": "INV-1",
                "SourceType": "ACCREC",
                "JournalLines": lines,
            }
        )

    def answer(self, path: str, query: Mapping[str, list[str]]) -> Told:
        if path == datasets.CONNECTIONS.path:
            return 200, self.connected
        if path == JOURNALS:
            behind = [each for each in self.journals if each["JournalNumber"] > int(query["offset"][0])]
            return 200, {"Status": "OK", "Journals": behind[: self.page]}
        if path == REPORT:
            return 200, {"Reports": [self.reports.get(query["date"][0], report())]}
        lists = {
            datasets.ORGANISATION.path: {"Organisations": [self.organisation]},
            datasets.ACCOUNTS.path: {"Accounts": self.accounts},
            datasets.TRACKING_CATEGORIES.path: {"TrackingCategories": self.categories},
        }
        return 200, lists[path]

    def source(self, administration: str | None = TENANT) -> XeroSource:
        source = XeroSource(administration, Ports(Held(self), CountingLimits(), APPLICATION))
        self.opened.append(source)
        return source

    def read(self, cursor: Cursor | None = None) -> list[Item]:
        """A stream to its end, its lines too."""
        return played(self.source().transactions(cursor and json.loads(json.dumps(cursor))))

    def count(self, path: str) -> int:
        return sum(each.startswith(path) for each in self.asked)


@dataclass
class Held:
    """Tokens of one connection; an exchange is only counted."""

    xero: Xero

    def read(self) -> Credentials:
        until = datetime.now(UTC) + timedelta(minutes=30)
        return Credentials({"url": self.xero.address, "access_token": "t", "expires_at": until.isoformat()})

    def renew(self, stale: Credentials, exchange: Callable[[Credentials], Mapping[str, str]]) -> Credentials:
        self.xero.renewed += 1
        return self.read()


class Number(str):
    """A number that is written with these digits."""

    __slots__ = ()


def played(items: Iterator[Item]) -> list[Item]:
    """Items with their lines read, so that they can be looked at twice."""
    return [
        type(item)(**{**vars(item), "lines": list(item.lines)})
        if isinstance(item, Replace | Upsert)
        else item
        for item in items
    ]


def lines_of(items: list[Item]) -> list[LedgerLine]:
    return [line for item in items if isinstance(item, Replace | Upsert) for line in item.lines]


def end_of(items: list[Item]) -> Cursor:
    end = items[-1]
    assert isinstance(end, End)
    return end.cursor


def as_json(document: object) -> bytes:
    """As JSON, numbers with the digits that they were given."""

    def written(value: object) -> str:
        match value:
            case Number():
                return str(value)
            case dict():
                members = (f"{json.dumps(key)}:{written(each)}" for key, each in value.items())
                return f"{{{','.join(members)}}}"
            case list():
                return f"[{','.join(map(written, value))}]"
        return json.dumps(value)

    return written(document).encode()


@contextmanager
def running() -> Iterator[Xero]:
    """A Xero on a free port of 127.0.0.1, until the block ends."""
    xero = Xero()

    class Bound(_Handler):
        state = xero

    with ThreadingHTTPServer(("127.0.0.1", 0), Bound) as server:
        server.daemon_threads = True
        xero.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield xero
        finally:
            for source in xero.opened:
                source.close()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: ClassVar[Xero]
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves as a whole

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.state.asked.append(self.path)
        self.state.tenants.append(self.headers["xero-tenant-id"])
        assert self.headers["Accept"] == "application/json"
        told = self.state.before(self.path) or self.state.answer(parts.path, parse_qs(parts.query))
        status, document = told
        body = document if isinstance(document, bytes) else as_json(document)
        self.send_response(status)
        for name, value in self.state.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Tests are quiet."""
