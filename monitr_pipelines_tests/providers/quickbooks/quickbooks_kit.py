"""Answers as QuickBooks Online words them, made from a few rows, and a server that gives them in order."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

from http_kit import CountingLimits, FixedTokens, Order, Server
from msgspec import json as typed

from monitr_pipelines.ledger.changes import Cursor, Replace
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.providers.contract import Credentials, Item, Ports
from monitr_pipelines.providers.quickbooks.chart import Chart, Company
from monitr_pipelines.providers.quickbooks.datasets import Report
from monitr_pipelines.providers.quickbooks.lines import Page, page_of
from monitr_pipelines.providers.quickbooks.report import Window, read_report
from monitr_pipelines.providers.quickbooks.source import QuickBooksSource

REALM = "9130350000000001"
NOW = "2026-01-15T00:00:00.000-08:00"
OCTOBER = Window(date(2026, 10, 1), date(2026, 11, 1))
COLUMNS = ("tx_date", "txn_type", "doc_num", "name", "memo", "klass_name", "debt_amt", "credit_amt")
COMPANY = Company("Bakkerij", "EUR", many_currencies=False, axes=("klass_name",), first_month=1)
Json = dict[str, Any]


def cell(value: str, id_: str | None = None) -> Json:
    return {"value": value} if id_ is None else {"value": value, "id": id_}


def line(
    day: str,
    kind: str,
    number: str,
    *,
    debit: str = "",
    credit: str = "",
    memo: str = "",
    klass: Json | None = None,
) -> Json:
    """A row of a transaction; `number` is the id of that."""
    cells = [cell(day), cell(kind, number), cell("12"), cell("Vendor A", "9"), cell(memo)]
    return {"type": "Data", "ColData": [*cells, klass or cell(""), cell(debit), cell(credit)]}


def opening(balance: str = "") -> Json:
    """A balance that is carried over; `balance` stands on the side of debits."""
    return {"type": "Data", "ColData": [cell("Beginning Balance"), *[cell("")] * 5, cell(balance), cell("")]}


def section(
    name: str, account: str | None, *rows: Json, sums: tuple[str, str] | None = None, headless: bool = False
) -> Json:
    made: Json = {"type": "Section", "Rows": {"Row": list(rows)}}
    if not headless:
        made["Header"] = {"ColData": [cell(name, account), *[cell("")] * 7]}
    if sums is not None:
        made["Summary"] = {"ColData": [cell(f"Total for {name}"), *[cell("")] * 5, *map(cell, sums)]}
    return made


def document(*rows: Json, columns: Sequence[str] = COLUMNS, empty: str | None = None, **heading: str) -> Json:
    """The report of October 2026; `heading` replaces what it says of itself."""
    told = {
        "Time": "2026-11-22T02:11:00-08:00",
        "ReportName": "GeneralLedger",
        "ReportBasis": "Accrual",
        "StartPeriod": "2026-10-01",
        "EndPeriod": "2026-10-31",
        "Currency": "EUR",
    }
    nothing = empty or ("false" if rows else "true")
    properties = [[{"Name": "ColKey", "Value": key}] for key in columns]
    return {
        "Header": {**told, **heading, "Option": [{"Name": "NoReportData", "Value": nothing}]},
        "Columns": {"Column": [{"ColTitle": "", "MetaData": each} for each in properties]},
        "Rows": {"Row": list(rows)} if rows else {},
    }


def account(id_: str, name: str, number: str = "", **more: Any) -> Json:  # noqa: ANN401
    kept = {"AcctNum": number} if number else {}
    return {"Id": id_, "Name": name, "FullyQualifiedName": name, "Classification": "Asset", **kept, **more}


ACCOUNTS = (account("35", "Checking", "550000"), account("80", "Rent"), account("81", "Offices:Rent"))


def chart_of(*classes: tuple[str, str]) -> Chart:
    codes = {"35": "550000", "80": "#80", "81": "#81"}
    return Chart(
        {id_: Account(code, id_) for id_, code in codes.items()},
        {"klass_name": {id_: AxisValue("Class", id_, name) for id_, name in classes}},
        {"klass_name": {name: id_ for id_, name in classes}},
        frozenset(),
    )


def page(told: Json, *classes: tuple[str, str]) -> Page:
    """The lines of a report of October."""
    report = typed.decode(json.dumps(told).encode(), type=Report)
    reading = read_report(report, COLUMNS, OCTOBER, date(2026, 10, 31), "EUR")
    return page_of(reading, chart_of(*classes), COMPANY.axes, OCTOBER, "EUR")


def lines(told: Json, *classes: tuple[str, str]) -> list[LedgerLine]:
    return list(chain.from_iterable(page(told, *classes).lines()))


@dataclass
class QuickBooks:
    """The connector at a server whose answers are ordered."""

    server: Server
    sources: list[QuickBooksSource] = field(default_factory=list)

    def source(self, company: str | None = REALM) -> QuickBooksSource:
        later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        given = {"url": self.server.address, "realm_id": REALM, "access_token": "token", "expires_at": later}
        made = QuickBooksSource(company, Ports(FixedTokens(Credentials(given)), CountingLimits()))
        self.sources.append(made)
        return made

    def order(self, *documents: Json | Order) -> None:
        self.server.order(
            *(
                each if isinstance(each, Order) else Order(body=json.dumps(each).encode())
                for each in documents
            )
        )

    def order_books(self, *documents: Json | Order) -> None:
        """What is asked first, of a company with one class, then these."""
        preferences = {
            "CurrencyPrefs": {"HomeCurrency": {"value": "EUR"}, "MultiCurrencyEnabled": False},
            "AccountingInfoPrefs": {"ClassTrackingPerTxnLine": True, "TrackDepartments": False},
        }
        info = {"CompanyName": "Bakkerij", "FiscalYearStartMonth": "January"}
        self.order(
            {"CompanyInfo": info, "time": NOW},
            {"Preferences": preferences, "time": NOW},
            query("Account", *ACCOUNTS),
            query("Class", {"Id": "7", "FullyQualifiedName": "North"}),
            *documents,
        )

    def read(self, cursor: Cursor | None = None) -> list[Item]:
        items = list(self.source().transactions(cursor))
        for item in items:
            if isinstance(item, Replace):
                list(item.lines)
        return items

    def asked(self, part: str) -> list[str]:
        """The addresses that were asked for with a part in them."""
        return [path for _, path, _ in self.server.asked if part in path]


def query(name: str, *rows: Json) -> Json:
    found = {name: list(rows), "startPosition": 1, "maxResults": len(rows)} if rows else {}
    return {"QueryResponse": found, "time": NOW}


def changes(*responses: Json) -> Json:
    return {"CDCResponse": [{"QueryResponse": list(responses)}], "time": NOW}
