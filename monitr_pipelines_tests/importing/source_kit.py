"""A software that tests play: its pages, its failures, and what it was asked, through the real session."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from textwrap import dedent
from typing import Any
from uuid import uuid4

from monitr_pipelines import providers
from monitr_pipelines.importing.session import ImportSession, begin
from monitr_pipelines.ledger.changes import Cursor, Replace, WholeLedger
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.providers.contract import Administration, Checkpoint, End, Item
from monitr_pipelines.warehouse.registry import connections
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import BANK, SALES, booking

NAME = "played"
PACKAGE = f"""
from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines_tests.importing.source_kit import Played

PROVIDER = Provider(
    name="{NAME}",
    title="A software that tests play",
    fields=(CredentialField("password", "Password", secret=True),),
    connect=lambda administration, ports: Played.current.connected(administration, ports),
    bookings_balance=True,
    axes=True,
    tells_deletions=True,
    has_trial_balance=False,
)
"""


@dataclass
class Played:
    """What the software answers. `stream` makes the items of a cursor; by default all pages, in order."""

    pages: list[list[LedgerLine]]
    stream: Callable[[Cursor | None], Iterator[Item]] | None = None
    asked: list[Any] = field(default_factory=list)
    chart: list[Account] = field(default_factory=lambda: [Account(BANK, "Bank"), Account(SALES, "Sales")])

    current: "Played | None" = None

    def connected(self, administration: str | None, ports: object) -> "Played":
        self.asked.append(("connect", administration))
        self.ports = ports
        return self

    def check(self) -> None:
        self.asked.append("check")

    def administrations(self) -> Sequence[Administration]:
        return [Administration("A1", "Played company", "EUR")]

    def accounts(self) -> list[Account]:
        self.asked.append("accounts")
        return list(self.chart)

    def axes(self) -> list[AxisValue]:
        self.asked.append("axes")
        return []

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        self.asked.append(cursor)
        yield from self.stream(cursor) if self.stream else self.whole(cursor)

    def whole(self, cursor: Cursor | None) -> Iterator[Item]:
        """Every page behind a cursor, as a full fetch reads them."""
        first = 0 if cursor is None else cursor["page"]
        for number in range(first, len(self.pages)):
            yield Replace(WholeLedger(), iter(self.pages[number]))
            yield Checkpoint({"page": number + 1})
        yield End({"page": len(self.pages)})

    def trial_balance(self, at: date) -> None:
        return None

    def close(self) -> None:
        self.asked.append("close")

    @property
    def cursors(self) -> list[Cursor | None]:
        """Where streams were begun."""
        return [each for each in self.asked if each is None or isinstance(each, dict)]


def pages(count: int, bookings: int = 20) -> list[list[LedgerLine]]:
    """Pages of balanced bookings, one line a side."""
    return [
        [
            line
            for number in range(bookings)
            for line in booking(f"P{page}-{number}", "2025-01", (BANK, 5), (SALES, -5))
        ]
        for page in range(count)
    ]


def register(folder: Path, monkeypatch: Any) -> None:  # noqa: ANN401 - pytest's own
    """Make the software a provider, as a folder of `providers/` is one."""
    package = folder / NAME
    package.mkdir()
    (package / "__init__.py").write_text(dedent(PACKAGE))
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(folder)])
    providers.connectors.cache_clear()


def connect(connection: Connection, entity: str, password: str = "secret") -> int:  # noqa: S107
    """Give the entity's connection credentials; returns its id."""
    row = connection.execute("select integration_id from app.entity where key = %s", [entity]).fetchone()
    assert row is not None
    connections.store(connection, row["integration_id"], {"password": password})
    connection.execute("update app.entity set administration = 'A1' where key = %s", [entity])
    return int(row["integration_id"])


def session(entity: str, trigger: str = "cli", import_id: int | None = None) -> ImportSession:
    run_id = f"played-{uuid4()}"
    return begin(entity, run_id=run_id, import_id=import_id, trigger=trigger)


def run(entity: str, import_id: int | None = None) -> ImportSession:
    """A whole import, as a run makes it, or the one that waits; what went wrong is its `problem`."""
    running = session(entity, import_id=import_id)
    try:
        running.fetch()
        running.publish()
    except Exception as error:  # noqa: BLE001 - as a step of the run does
        running.failed(error)
    finally:
        running.end()
    return running


def keys(connection: Connection, entity: str) -> set[str]:
    rows = connection.execute(
        """
        select external_id from raw.gl_transaction
        where entity_id = (select id from app.entity where key = %s)
        """,
        [entity],
    )
    return {row["external_id"] for row in rows}


def cursor_of(connection: Connection, entity: str) -> Cursor | None:
    row = connection.execute(
        "select cursor from app.cursor where entity_id = (select id from app.entity where key = %s)", [entity]
    ).fetchone()
    return row["cursor"] if row else None


def every(software: Played) -> set[str]:
    return {line.external_id for page in software.pages for line in page}


def spooled(folder: Path) -> list[Path]:
    return list(folder.glob("*.spool"))
