"""What the figures of an entity were made from: while that is as it was, so are they.

A changed mapping then reads no ledger: only the statements are made again, from the same balances. A trial
balance that someone changed by hand is made again too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from monitr_pipelines import shipped
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.turns.lines import Doubt, DoubtKind
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# What of the programme decides about balances: another release may have another idea of them.
MODULES = (
    "ledger/turns",
    "ledger/periods.py",
    "ledger/segments.py",
    "warehouse/reports/balances.py",
    "warehouse/reports/marts.py",
    "warehouse/reports/turns.py",
)
STATEMENTS = ("reports/*.sql", "books/first_day_lines.sql")


@dataclass(frozen=True)
class Basis:
    """What balances are made from, and the doubts of the published ones; None where those differ.

    `published`: what is remembered of the published ones; `same_programme`: this release made them.
    """

    made_from: str
    doubts: list[Doubt] | None
    published: Mapping[str, Any]

    @property
    def same_programme(self) -> bool:
        """Whether this release made the published balances."""
        return bool(self.published.get("programme") == _programme())


def read_basis(connection: Connection, entity_id: int, calendar: FiscalCalendar) -> Basis:
    """Look at what the balances would be made from now, with the accounts as mapped in this transaction."""
    row = _look(connection, entity_id)
    given = (row["made_from"], repr(calendar), _programme())
    made_from = sha256("\n".join(given).encode()).hexdigest()
    published = row["published"] or {}
    if row["changed"] or (published.get("made_from"), published.get("held")) != (made_from, row["held"]):
        return Basis(made_from, None, published)
    return Basis(made_from, [_doubt(told) for told in published["doubts"]], published)


@dataclass(frozen=True)
class Placing:
    """What places the balances; `may_stand`: as far as it tells, the published figures are those of now."""

    mapped_from: str
    may_stand: bool


def read_placing(connection: Connection, entity_id: int) -> Placing:
    """Look at what would be made of the balances now, and whether any line was touched since they were."""
    row = database.run(connection, "reports/figures_basis", entity_id=entity_id).fetchone()
    if row is None:
        raise LookupError(f"there is no entity {entity_id}")
    mapped_from = sha256("\n".join((row["mapped_from"], _programme())).encode()).hexdigest()
    alike = (row["published"] or {}).get("mapped_from") == mapped_from
    return Placing(mapped_from, alike and not (row["changed"] or row["adjusted"]))


def keep_published(connection: Connection, claimed: Claim, published: Mapping[str, Any]) -> None:
    """Remember with an import that its figures are those that were published before."""
    kept = Jsonb(dict(published))
    database.run(connection, "reports/keep_basis", import_id=claimed.import_id, balances_from=kept)


def keep_basis(
    connection: Connection, claimed: Claim, basis: Basis, doubts: Sequence[Doubt], placing: Placing
) -> None:
    """Remember it with the import that publishes the balances."""
    kept = {
        "made_from": basis.made_from,
        "mapped_from": placing.mapped_from,
        "programme": _programme(),
        "held": _look(connection, claimed.entity_id)["held"],
        "doubts": [_told(doubt) for doubt in doubts],
    }
    keep_published(connection, claimed, kept)


def _look(connection: Connection, entity_id: int) -> DictRow:
    row = database.run(connection, "reports/basis", entity_id=entity_id).fetchone()
    if row is None:
        raise LookupError(f"there is no entity {entity_id}")
    return row


def _told(doubt: Doubt) -> dict[str, Any]:
    return doubt._asdict() | {"day": doubt.day.isoformat(), "year": doubt.year.isoformat()}


def _doubt(told: dict[str, Any]) -> Doubt:
    return Doubt(
        DoubtKind(told["kind"]),
        date.fromisoformat(told["day"]),
        date.fromisoformat(told["year"]),
        told["matching"],
        told["accounts"],
    )


@cache
def _programme() -> str:
    return sha256(b"\n".join(_sources())).hexdigest()


def _sources() -> Iterator[bytes]:
    yield from shipped.sources(*MODULES)
    for pattern in STATEMENTS:
        yield from (path.read_bytes() for path in sorted(shipped.SQL.glob(pattern)))
