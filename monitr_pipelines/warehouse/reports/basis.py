"""What the balances of an entity were made from: while that is as it was, so are they.

A changed mapping then reads no ledger: only the statements are made again, from the same balances. A trial
balance that someone changed by hand is made again too.
"""

from collections.abc import Iterator, Sequence
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
MODULES = ("ledger/turns", "ledger/periods.py", "ledger/segments.py", "warehouse/reports/turns.py")
STATEMENTS = ("reports/*.sql", "books/first_day_lines.sql")


@dataclass(frozen=True)
class Basis:
    """What balances are made from, and the doubts of the published ones; None where those differ."""

    made_from: str
    doubts: list[Doubt] | None


def read_basis(connection: Connection, entity_id: int, calendar: FiscalCalendar) -> Basis:
    """Look at what the balances would be made from now, with the accounts as mapped in this transaction."""
    row = _look(connection, entity_id)
    given = (row["made_from"], repr(calendar), _programme())
    made_from = sha256("\n".join(given).encode()).hexdigest()
    published = row["published"] or {}
    if (published.get("made_from"), published.get("held")) != (made_from, row["held"]):
        return Basis(made_from, None)
    return Basis(made_from, [_doubt(told) for told in published["doubts"]])


def keep_basis(connection: Connection, claimed: Claim, basis: Basis, doubts: Sequence[Doubt]) -> None:
    """Remember it with the import that publishes the balances."""
    kept = {
        "made_from": basis.made_from,
        "held": _look(connection, claimed.entity_id)["held"],
        "doubts": [_told(doubt) for doubt in doubts],
    }
    database.run(connection, "reports/keep_basis", import_id=claimed.import_id, balances_from=Jsonb(kept))


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
