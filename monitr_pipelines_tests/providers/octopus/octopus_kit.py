"""A small Octopus of the tests: the books of one dossier, as its OpenAPI document has them."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from monitr_pipelines.ledger.changes import Cursor, Replace
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Application, Credentials, End, Item, Ports
from monitr_pipelines.providers.octopus.source import OctopusSource
from monitr_pipelines.providers.transport import Reply, Transport
from monitr_pipelines_tests.providers.http_kit import CountingLimits, FixedTokens

CANARY = "canary-Octopus-4242"
DOSSIER = 77
APPLICATION = Application("software-house", "unused")
Answer = tuple[int, Any]


@dataclass
class Octopus:
    """The books, and what was asked: method, path and query.

    `sign`: what stands before debits in bookings, `balance_sign` in balances. `before`: called with the path
    of each question before it is answered; what it returns is the answer, as `before_type` holds those of
    types of journals. `renamed`: names of accounts in one bookyear. `written`: when bookings were; else in
    February 2025. `most`: how many lines fit into an answer.
    """

    sign: int = 1
    balance_sign: int = 1
    bookings: dict[tuple[int, int, int, int], list[dict[str, Any]]] = field(default_factory=dict)
    gone: list[dict[str, Any]] = field(default_factory=list)
    changed: set[tuple[int, int, int, int]] = field(default_factory=set)
    centres: dict[int, str] = field(default_factory=lambda: {3: "North"})
    numbers: dict[int, str] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    before: Callable[[str], Answer | None] = lambda _: None
    before_type: dict[int, Answer] = field(default_factory=dict)
    renamed: dict[tuple[int, int], str] = field(default_factory=dict)
    written: dict[tuple[int, int, int, int], str] = field(default_factory=dict)
    most: int = 1000
    given: int = 0
    now: datetime = datetime(2026, 1, 15, 8, tzinfo=UTC)
    limits: CountingLimits = field(default_factory=CountingLimits)
    opened: list[OctopusSource] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.numbers |= {400000: "Klanten", 440000: "Leveranciers", 610000: "Diensten", 700000: "Verkopen"}

    # The bookkeeper

    def book(
        self, amount: str = "121", *, document: int = 1, kind: int = 1, bookyear: int = 1, **fields: object
    ) -> None:
        """A purchase, or a sale where the journal is one of sales."""
        debit, credit = (400000, 700000) if kind == 2 else (610000, 440000)
        key = (bookyear, kind, 1, document)
        self.changed.add(key)
        self.bookings[key] = [
            {
                "bookyearKey": {"id": bookyear},
                "journalType": kind,
                "journalNr": 1,
                "documentSequenceNr": document,
                "lineSequenceNr": number,
                "bookyearPeriodeNr": 202400 + 100 * bookyear + 1,
                "documentDate": f"{2024 + bookyear}-01-20",
                "expiryDate": f"{2024 + bookyear}-02-20",
                "currencyCode": "EUR",
                "exchangeRate": Number("1.0"),
                "relationKey": {"id": 9},
                "comment": "Goods ",
                "reference": "",
                "accountKey": account,
                "bookingAmount": Number(Decimal(amount) * side * self.sign),
                "documentAmount": Number(Decimal(amount) * side * self.sign),
                "vatSectionCode": "",
                "vatRecuperationPercentage": Number("100.0"),
                "costCentreKey": {"id": 3 if side > 0 else 0},
            }
            | fields
            for number, (account, side) in enumerate(((debit, 1), (credit, -1)), 1)
        ]

    def delete(self, *, document: int = 1, kind: int = 1, bookyear: int = 1) -> None:
        del self.bookings[bookyear, kind, 1, document]
        self.changed.discard((bookyear, kind, 1, document))
        self.gone.append(
            {
                "bookyearKey": {"id": bookyear},
                "journalType": kind,
                "journalSequenceNr": 1,
                "documentSequenceNr": document,
            }
        )

    # The server

    def answer(self, method: str, path: str, query: dict[str, str], headers: Mapping[str, str]) -> Answer:
        if path == "/authentication":
            assert headers["softwareHouseUuid"] == APPLICATION.id
            self.given += 1
            return 200, {"token": f"{CANARY}-user-{self.given}"}
        if path == "/dossiers":
            if headers["Token"] != f"{CANARY}-user-{self.given}":
                return 401, {"technicalInfo": "Invalid token"}
            if method == "POST":
                return 200, {"Dossiertoken": f"{CANARY}-dossier-{self.given}"}
            own = {"dossierKey": {"id": DOSSIER}, "dossierDescription": "Peeters NV "}
            return 200, [own, {"dossierKey": {"id": 78}, "dossierDescription": "Janssens"}]
        if headers["dossierToken"] != f"{CANARY}-dossier-{self.given}":
            return 401, {"technicalInfo": "Invalid token"}
        return self._books(path.removeprefix(f"/dossiers/{DOSSIER}/"), query)

    def _books(self, path: str, query: dict[str, str]) -> Answer:
        match path.split("/"):
            case ["bookyears"]:
                return 200, list(map(bookyear, (1, 2)))
            case ["accounts", "modified"]:
                return found(self._accounts(), "modified")
            case ["accounts", "amounts", "modified"]:
                return found(self.amounts(), "modified")
            case ["costcentres"]:
                rows = [
                    {"costCentreKey": {"id": number}, "closed": False, "description": named(name)}
                    for number, name in self.centres.items()
                ]
                return (200, rows) if rows else nothing()
            case ["bookyears", year, "bookings", "modified"]:
                return self._changed(int(year), int(query["journalTypeId"]), query)
        return nothing()

    def _changed(self, year: int, kind: int, query: Mapping[str, str]) -> Answer:
        since, until = query["modifiedTimeStamp"], query.get("modifiedTimeStampTo", "9")
        if kind in self.before_type:
            return self.before_type[kind]
        if year < 0:
            rows = [line for key in sorted(self.changed) for line in self.bookings[key]]
            gone = self.gone
        else:
            rows = [
                line
                for key, lines in self.bookings.items()
                if key[:2] == (year, kind) and since <= self.written.get(key, "2025-02-01") < until
                for line in lines
            ]
            gone = []
        if len(rows) > self.most:
            raise OurFault(Message("answer_too_large", {"title": "Octopus"}))
        return (200, {"modifiedBookings": rows, "deletedBookings": gone}) if rows or gone else nothing()

    def _accounts(self) -> list[dict[str, Any]]:
        return [
            {
                "accountKey": {"bookyearKey": {"id": year}, "id": number},
                "description": named(self.renamed.get((year, number), name)),
            }
            for year in (1, 2)
            for number, name in self.numbers.items()
        ]

    def amounts(self) -> list[dict[str, Any]]:
        sums: defaultdict[tuple[int, int, int], Decimal] = defaultdict(Decimal)
        for year, line in ((year, line) for (year, *_), lines in self.bookings.items() for line in lines):
            key = year, line["bookyearPeriodeNr"], line["accountKey"]
            if isinstance(line["bookingAmount"], Number):
                sums[key] += line["bookingAmount"].value * self.sign * self.balance_sign
        return [
            {
                "accountAmountKey": {
                    "bookyearPeriodKey": {"bookyearKey": {"id": year}, "bookyearPeriodNr": period},
                    "accountKey": {"bookyearKey": {"id": year}, "id": account},
                },
                "balance": Number(amount),
            }
            for (year, period, account), amount in sums.items()
        ]

    # The connector

    def source(self, administration: str | None = str(DOSSIER), **given: str) -> OctopusSource:
        values = {"user": "reader", "password": f"{CANARY}-password", "url": "http://127.0.0.1:9", **given}
        self.opened.append(
            OctopusSource(administration, Ports(FixedTokens(Credentials(values)), self.limits, APPLICATION))
        )
        return self.opened[-1]

    def read(self, cursor: Cursor | None = None) -> list[Item]:
        """A stream to its end, its lines too."""
        return played(self.source().transactions(cursor and json.loads(json.dumps(cursor))))

    def paths(self) -> list[str]:
        """What was asked about the dossier."""
        return [path.removeprefix(f"/dossiers/{DOSSIER}/") for _, path, _ in self.asked]


@dataclass(frozen=True)
class Number:
    """A number that is written with these digits."""

    digits: object

    @property
    def value(self) -> Decimal:
        return Decimal(str(self.digits))


def bookyear(number: int) -> dict[str, Any]:
    """A calendar year in two halves: 2025 is the first one."""
    year = 2024 + number
    halves = ((f"{year}-01-01", f"{year}-06-30"), (f"{year}-07-01", f"{year}-12-31"))
    return {
        "bookyearKey": {"id": number},
        "bookyearDescription": str(year),
        "closed": False,
        "startDate": f"{year}-01-01",
        "endDate": f"{year}-12-31",
        "periods": [
            {"bookyearPeriod": year * 100 + half, "startDate": start, "endDate": end}
            for half, (start, end) in enumerate(halves, 1)
        ],
    }


def named(name: str) -> dict[str, str]:
    return {"description_NL": "", "description_FR": name}


def found(rows: list[dict[str, Any]], name: str) -> Answer:
    return (200, {name: rows, "deleted": []}) if rows else nothing()


def nothing() -> Answer:
    return 404, {"technicalInfo": "Nothing found"}


def played(items: Any) -> list[Item]:  # noqa: ANN401
    """Items with their lines read, so that they can be looked at twice."""
    return [Replace(item.scope, list(item.lines)) if isinstance(item, Replace) else item for item in items]


def end_of(items: list[Item]) -> End:
    """The last item of a stream."""
    assert isinstance(items[-1], End)
    return items[-1]


def lines_in(items: list[Item]) -> dict[str, LedgerLine]:
    return {line.external_id: line for item in items if isinstance(item, Replace) for line in item.lines}


def as_json(document: object) -> bytes:
    """As JSON, numbers with the digits that they were given."""
    mark = "\u0001"
    written = json.dumps(document, default=lambda number: f"{mark}{number.digits}{mark}")
    escaped = json.dumps(mark)[1:-1]
    return written.replace(f'"{escaped}', "").replace(f'{escaped}"', "").encode()


@contextmanager
def running() -> Iterator[Octopus]:
    """An Octopus that answers whatever any connector asks, until the block ends."""
    octopus = Octopus()

    def send(_: Transport, prepared: Any) -> Reply:  # noqa: ANN401
        parts = urlsplit(prepared.url)
        path = parts.path.removeprefix("/octopus-rest-api/v1")
        query = {name: value for name, (value,) in parse_qs(parts.query).items()}
        octopus.asked.append((prepared.method, path, query))
        status, document = octopus.before(path) or octopus.answer(
            prepared.method, path, query, prepared.headers
        )
        body = document if isinstance(document, bytes) else as_json(document)
        return Reply(status, {"Date": format_datetime(octopus.now, usegmt=True)}, body)

    with patch.object(Transport, "send", send):
        yield octopus
        for source in octopus.opened:
            source.close()
