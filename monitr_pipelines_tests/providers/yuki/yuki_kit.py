"""A small Yuki of the tests, without a network: the answers of one administration, and what was asked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import requests

from monitr_pipelines.ledger.changes import Cursor, Delete, Replace
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers import soap
from monitr_pipelines.providers.contract import Credentials, End, Item, Ports
from monitr_pipelines.providers.transport import Reply, Transport
from monitr_pipelines.providers.yuki.datasets import NAMESPACE
from monitr_pipelines.providers.yuki.source import YukiSource
from monitr_pipelines_tests.providers.http_kit import CountingLimits, FixedTokens

ADMINISTRATION, DOMAIN = "38A97D9B-0000-4000-8000-B9D5793723EE", "e9570a5f-0000-4000-8000-144dd8574468"
CANARY = "canary-Yuki-4242"
NOW = "Thu, 15 Jan 2026 08:00:00 GMT"
Answer = tuple[int, bytes]
Values = Mapping[str, str]


def answer(operation: str, inner: str) -> bytes:
    """An envelope around the result of an operation."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{soap.SOAP}"><soap:Body>'
        f'<{operation}Response xmlns="{NAMESPACE}"><{operation}Result>{inner}</{operation}Result>'
        f"</{operation}Response></soap:Body></soap:Envelope>"
    ).encode()


def fault(reason: str, code: str = "Server") -> bytes:
    """A fault with a sentence."""
    return (
        f'<soap:Envelope xmlns:soap="{soap.SOAP}"><soap:Body><soap:Fault><faultcode>soap:{code}</faultcode>'
        f"<faultstring>{reason}</faultstring><detail /></soap:Fault></soap:Body></soap:Envelope>"
    ).encode()


def record(name: str, fields: Mapping[str, str]) -> str:
    return f"<{name}>{''.join(f'<{each}>{text}</{each}>' for each, text in fields.items())}</{name}>"


def held(name: str, rows: Iterable[str]) -> str:
    """Rows in an element of no namespace."""
    return f'<{name} xmlns="">{"".join(rows)}</{name}>'


@dataclass
class Yuki:
    """The books, and what was asked: operations with what they were given.

    `before`: called with each question; what it answers stands in place of the answer.
    """

    lines: dict[str, dict[str, str]] = field(default_factory=dict)
    changes: list[dict[str, str]] = field(default_factory=list)
    changed: dict[str, str] = field(default_factory=dict)
    administrations: list[dict[str, str]] = field(default_factory=list)
    accounts: list[tuple[str, str, str]] = field(default_factory=list)
    projects: dict[str, str] = field(default_factory=dict)
    balances: Callable[[str], list[tuple[str, str, str]]] = lambda _: []
    period: Callable[[int], str] = lambda year: f"{year}-01-01T00:00:00 {year}-12-31T00:00:00"
    page: int = 1000
    now: str = NOW
    asked: list[tuple[str, Values]] = field(default_factory=list)
    opened: list[YukiSource] = field(default_factory=list)
    sessions: int = 0
    before: Callable[[str, Values], Answer | None] = lambda *_: None

    def __post_init__(self) -> None:
        self.administrations = [
            {"ID": ADMINISTRATION, "Name": "Peeters NV", "StartDate": "2025-11-05", "DomainID": DOMAIN}
        ]
        self.accounts = [("400000", "2", "Customers"), ("700000", "3", "Sales")]
        self.projects = {"p-1": "WELLNESS"}

    # The bookkeeper

    def book(self, key: str, day: date, amount: str = "1.00", **fields: str) -> None:
        """A line."""
        self.lines[key] = {
            "id": key,
            "transactionDate": f"{day}T00:00:00",
            "transactionAmount": amount,
            "glAccountCode": "700000",
            **fields,
        }

    def tell(
        self,
        key: str,
        day: date,
        *,
        deleted: bool = False,
        stamp: str = "2026-01-15T09:00:00",
        created: str = "2025-06-06T16:39:38.147",
    ) -> None:
        """A change in the digest."""
        self.changes.append(
            {
                "id": key,
                "transactionDate": f"{day}T00:00:00",
                "created": created,
                "updated": stamp,
                "deleted": "true" if deleted else "false",
            }
        )

    # The server

    def send(self, transport: Transport, prepared: requests.PreparedRequest) -> Reply:
        """In place of a network: what `Transport.send` answers."""
        transport.under_way.set()
        operation = str(prepared.headers["SOAPAction"]).strip('"').removeprefix(NAMESPACE)
        assert isinstance(prepared.body, bytes)
        asked = soap.first(soap.parsed(prepared.body), operation)
        assert asked is not None
        values = soap.texts_of(asked)
        self.asked.append((operation, values))
        status, body = self.before(operation, values) or (
            200,
            answer(operation, self._result(operation, values)),
        )
        return Reply(status, {"Date": self.now}, body)

    def _result(self, operation: str, values: Values) -> str:
        match operation:
            case "Authenticate":
                assert values == {"accessKey": CANARY}
                self.sessions += 1
                return f"session-{self.sessions}"
            case "Administrations":
                return held("Administrations", map(_administration, self.administrations))
            case "Domains":
                ids = dict.fromkeys(row["DomainID"] for row in self.administrations)
                return held("Domains", (f'<Domain ID="{each}" />' for each in ids))
            case "SetCurrentDomain":
                return ""
        assert values["administrationID"] == ADMINISTRATION
        answers: dict[str, Callable[[Values], str]] = {
            "GetGLAccountScheme": self._scheme,
            "GetProjectsAndID": self._projects,
            "GetFinancialYearModifiedDate": self._year_changed,
            "GetPeriodDateTable": self._year,
            "GLAccountBalance": self._balances,
            "GetTransactionDetails": self._details,
            "GetUpdatedAndDeletedTransactions": self._digest,
        }
        return answers[operation](values)

    def _scheme(self, _: Values) -> str:
        fields = ("code", "type", "descripton")
        rows = (dict(zip(fields, each, strict=True)) for each in self.accounts)
        return "".join(record("GlAccount", each) for each in rows)

    def _projects(self, values: Values) -> str:
        assert values["searchOption"] == "All"
        return "".join(record("Project", {"id": key, "code": code}) for key, code in self.projects.items())

    def _year_changed(self, values: Values) -> str:
        return self.changed.get(values["yearID"], "0001-01-01T00:00:00")

    def _year(self, values: Values) -> str:
        return f"<wholePeriod>{self.period(int(values['yearID']))}</wholePeriod>"

    def _balances(self, values: Values) -> str:
        rows = (
            f'<GLAccount Code="{code}" BalanceType="{kind}"><Amount>{amount}</Amount></GLAccount>'
            for code, kind, amount in self.balances(values["transactionDate"][:10])
        )
        return held("GLAccountBalance", rows)

    def _details(self, values: Values) -> str:
        assert (values["GLAccountCode"], values["financialMode"]) == ("", "0")
        return "".join(
            record("TransactionInfo", line)
            for line in self.lines.values()
            if values["StartDate"] <= line["transactionDate"] <= values["EndDate"]
        )

    def _digest(self, values: Values) -> str:
        start, count = int(values["startRecord"]), int(values["numberOfRecords"])
        told = self.changes[start:][: min(count, self.page)]
        return "".join(record("UpdatedTransaction", each) for each in told)

    # Whoever reads

    def source(self, administration: str | None = ADMINISTRATION) -> YukiSource:
        credentials = Credentials({"country": "be", "api_key": CANARY})
        self.opened.append(YukiSource(administration, Ports(FixedTokens(credentials), CountingLimits())))
        return self.opened[-1]

    def read(self, cursor: Cursor | None = None) -> list[Item]:
        """The items of a stream, their lines in lists."""
        return played(self.source(), cursor)

    def count(self, operation: str) -> int:
        """How often something was asked."""
        return [each for each, _ in self.asked].count(operation)

    def months(self) -> list[str]:
        """The months that lines were asked for, but for all that is before and behind."""
        starts = [
            values["StartDate"] for operation, values in self.asked if operation == "GetTransactionDetails"
        ]
        return [start[:7] for start in starts if "2000" < start < "2090"]


def _administration(row: Mapping[str, str]) -> str:
    fields = {"Active": "true", **row}
    key = fields.pop("ID")
    return record("Administration", fields).replace(">", f' ID="{key}">', 1)


def played(source: YukiSource, cursor: Cursor | None = None) -> list[Item]:
    return [
        Replace(item.scope, list(item.lines)) if isinstance(item, Replace) else item
        for item in source.transactions(cursor)
    ]


def lines_of(items: list[Item]) -> list[LedgerLine]:
    return [line for item in items if isinstance(item, Replace) for line in item.lines]


def deleted(items: list[Item]) -> list[str]:
    return [key for item in items if isinstance(item, Delete) for key in item.keys]


def end(items: list[Item]) -> dict[str, Any]:
    assert isinstance(items[-1], End)
    return dict(items[-1].cursor)
