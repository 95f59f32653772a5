"""A journal that answers as Moneybird's endpoints do, without a server; and the emulator with a connector."""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from monitr_pipelines.emulators.frame.options import CLIENT_ID, CLIENT_SECRET
from monitr_pipelines.emulators.frame.server import Server, serve
from monitr_pipelines.emulators.moneybird import build
from monitr_pipelines.emulators.moneybird.service import Moneybird
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import MORNING, Size, invented_books
from monitr_pipelines.importing.ports import NoLimits, UnstoredTokens
from monitr_pipelines.ledger.changes import Cursor, Replace, Scope
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.ahead import Call
from monitr_pipelines.providers.contract import Application, Item, Ports
from monitr_pipelines.providers.moneybird.api import Api, Slice
from monitr_pipelines.providers.moneybird.chart import read_chart
from monitr_pipelines.providers.moneybird.cursors import Place
from monitr_pipelines.providers.moneybird.datasets import (
    AccountRow,
    DetailRow,
    DocumentRow,
    EntryRow,
    Family,
    GeneralLedger,
    ProjectRow,
    SumRow,
    Sums,
    VersionRow,
)
from monitr_pipelines.providers.moneybird.documents import read_versions
from monitr_pipelines.providers.moneybird.reading import BY_ACCOUNT
from monitr_pipelines.providers.moneybird.source import MoneybirdSource
from monitr_pipelines.providers.moneybird.stream import Stream

APPLICATION = Application(CLIENT_ID, CLIENT_SECRET)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
YESTERDAY = int(NOW.timestamp()) - 86_400
Ledger = dict[str, LedgerLine]


class Books(Api):
    """What one administration answers.

    Args:
        sign: What debits are multiplied by in the journal.
        asked: How often each kind of question was asked.
        meanwhile: Called one after the other, each before a page is told.
        forged: What the general ledger says too much of the debits of account 1.
    """

    def __init__(self) -> None:
        self.sign = 1
        self.rows: list[EntryRow] = []
        self.codes = {"1": "1300", "2": "8000", "3": "4000"}
        self.projects_named: dict[str, str] = {}
        self.documents_of: dict[str, dict[str, tuple[int, DocumentRow]]] = {}
        self.asked: Counter[str] = Counter()
        self.meanwhile: list[Callable[[], object]] = []
        self.forged = Decimal(0)
        self.version = YESTERDAY
        self._numbers = itertools.count(1)

    def book(
        self, day: date, *lines: tuple[str, str], project: str | None = None, family: str = "receipts"
    ) -> str:
        """Book a document: accounts with amounts, debit positive; returns its id."""
        document = f"9{next(self._numbers)}"
        for account, amount in lines:
            told = Decimal(amount) if self.sign > 0 else Decimal(amount).copy_negate()
            row = EntryRow(
                f"je_{next(self._numbers)}", f"{day}", "Document", document, account, project, told, " Goods "
            )
            self.rows.append(row)
        self.touch(document, DocumentRow(date=f"{day}"), family)
        return document

    def touch(self, document: str, row: DocumentRow, family: str = "receipts") -> None:
        """Let a document be changed now."""
        self.documents_of.setdefault(family, {})[document] = (self.version, row)

    def of(self, document: str) -> list[EntryRow]:
        return [row for row in self.rows if row.document_id == document]

    def now(self) -> datetime:
        return NOW

    def accounts(self) -> list[AccountRow]:
        kinds = {"1": "current_assets", "2": "revenue", "3": "expenses"}
        return [
            AccountRow(id_, f"Account {id_}", kinds.get(id_, "other"), code)
            for id_, code in self.codes.items()
        ]

    def projects(self) -> Iterator[ProjectRow]:
        return (ProjectRow(id_, name) for id_, name in self.projects_named.items())

    def general_ledger(self, first: Month, last: Month) -> GeneralLedger:
        self.asked["month" if first == last else "year"] += 1
        sides: list[dict[str, Decimal]] = [{}, {}]
        for row in self._within(first, last):
            amount, account = row.amount * self.sign, str(row.ledger_account_id)
            side = sides[amount < 0]
            side[account] = side.get(account, Decimal(0)) + abs(amount)
        if self.forged:
            sides[0]["1"] = sides[0].get("1", Decimal(0)) + self.forged
        debit, credit = (Sums([SumRow(*pair) for pair in side.items()]) for side in sides)
        return GeneralLedger(debit, credit, Sums([]))

    def balances_call(self, first: Month, last: Month) -> Call:
        return Call("GET", f"{first}..{last}")

    def entries(
        self, month: Month, slices: Sequence[Slice], behind: Call | None
    ) -> Iterator[tuple[Slice, list[EntryRow]]]:
        for name, value in slices:
            self.asked[name] += 1
            if self.meanwhile:
                self.meanwhile.pop(0)()
            yield (
                (name, value),
                [row for row in self._within(month, month) if _passes(row, name, value)],
            )

    def versions(self, family: Family, first: Month, last: Month) -> list[VersionRow]:
        return [VersionRow(id_, version) for id_, (version, _) in self._family(family).items()]

    def documents(self, family: Family, ids: Sequence[str]) -> Iterable[DocumentRow]:
        self.asked["documents"] += 1 if ids else 0
        return [self._family(family)[id_][1] for id_ in ids]

    def _family(self, family: Family) -> dict[str, tuple[int, DocumentRow]]:
        return self.documents_of.get(family.name, {})

    def _within(self, first: Month, last: Month) -> list[EntryRow]:
        return [row for row in self.rows if first <= Month.of(date.fromisoformat(row.date)) <= last]

    # The connector

    def stream(self, cursor: Cursor | None = None) -> tuple[list[Item], Place]:
        """A stream to its end, and where the next one goes on."""
        chart = read_chart(self)
        changed: Collection[Month] = ()
        if cursor is None:
            place = Place(read_versions(self, None).since, chart.codes, whole=True)
        else:
            place = Place.of(json.loads(json.dumps(cursor)))
            place.follow(chart.codes)
            if not place.whole:
                versions = read_versions(self, place.since)
                place.since, changed = versions.since, versions.months(self)
        stream = Stream(self, place, chart)
        items = [played(item) for item in stream.items(2025, changed)]
        place.whole = False
        return items, place

    def full(self) -> tuple[Ledger, Cursor]:
        items, place = self.stream()
        return applied(items, {}), place.as_json()

    def follow(self, ledger: Ledger, cursor: Cursor) -> Cursor:
        """An increment, after which the ledger is that of a fresh full read."""
        items, place = self.stream(cursor)
        ledger = applied(items, ledger)
        assert ledger == self.full()[0]
        return place.as_json()


def _passes(row: EntryRow, name: str, value: str) -> bool:
    own = row.ledger_account_id if name == BY_ACCOUNT else row.project_id
    return str(own if own is not None else "null") == value


def spread(day: date, period: str) -> DocumentRow:
    """An invoice with a line that is spread over a period."""
    return DocumentRow(date=f"{day}", details=[DetailRow(), DetailRow(period)])


def played(item: Item) -> Item:
    return Replace(item.scope, list(item.lines)) if isinstance(item, Replace) else item


def applied(items: Iterable[Item], ledger: Ledger) -> Ledger:
    """The ledger after a stream, as the loader does it."""
    scopes: list[Scope] = [item.scope for item in items if isinstance(item, Replace)]
    lines = [line for item in items if isinstance(item, Replace) for line in item.lines]
    assert len({line.external_id for line in lines}) == len(lines)
    kept = {key: line for key, line in ledger.items() if not any(scope.contains(line) for scope in scopes)}
    return kept | {line.external_id: line for line in lines}


@dataclass
class Emulated:
    """The emulator of two small companies, and a connector that asks it."""

    emulator: Moneybird
    server: Server
    books: SharedBooks

    @property
    def administration(self) -> str:
        return self.emulator.administrations()[0].id

    @contextmanager
    def source(self, administration: str | None = None, **settings: str) -> Iterator[MoneybirdSource]:
        """A source of the first administration; settings take the place of those of the emulator."""
        given = {**self.emulator.settings(self.server.address), **settings}
        held = UnstoredTokens({name: value for name, value in given.items() if value})
        ports = Ports(held, NoLimits(), APPLICATION)
        with closing(MoneybirdSource(administration or self.administration, ports)) as opened:
            yield opened

    def read(self, cursor: Cursor | None = None) -> list[Item]:
        with self.source() as opened:
            return [played(item) for item in opened.transactions(cursor)]


@contextmanager
def emulated(size: Size | None = None, **options: str) -> Iterator[Emulated]:
    """An emulator until the block ends; nobody limits calls but where an option says so."""
    clock = Clock(MORNING)
    books = invented_books(size or Size(entries_per_month=2), clock)
    emulator = build(books, {"calls": "1000000", **options})
    with serve(emulator, clock) as server:
        yield Emulated(emulator, server, books)
