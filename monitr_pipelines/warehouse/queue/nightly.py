"""The night: who is due at a tick of the schedule, and the imports that a tick which came writes."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from monitr_pipelines.ledger.wording import some_of
from monitr_pipelines.lifecycle.eligibility import BILLING_HOLDS, PAYING
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.warehouse.queue.requests import PRIORITIES
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class Skipped:
    """Entities that a tick leaves out for one reason, and whose they are."""

    reason: str
    entities: int
    organisations: Sequence[str]

    def __str__(self) -> str:
        return f"{self.reason}: {self.entities} skipped, of {some_of(self.organisations)}"


@dataclass(frozen=True)
class Night:
    """What a tick asks for: the ids of the entities that are due, by their keys, and who is left out."""

    due: Mapping[str, int]
    skipped: Sequence[Skipped]

    def __str__(self) -> str:
        told = [f"imports asked for: {len(self.due)}", *map(str, self.skipped)]
        return "; ".join(told)


def read_night(
    connection: Connection, tick: datetime, *, now: datetime, importable: Collection[str]
) -> Night:
    """Who is due at a tick as things stand; nothing is written.

    Args:
        connection: Any; one that can only read will do.
        tick: The moment of the schedule.
        now: Aware; subscriptions that were read long before it are not believed.
        importable: The providers that an entity can be imported from.
    """
    rows = database.run(
        connection, "queue/night", **judged_by(tick, now=now, importable=importable)
    ).fetchall()
    left_out: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["reason"] is not None:
            left_out[row["reason"]].append(row["organisation"])
    skipped = [
        Skipped(reason, len(owners), sorted(set(owners))) for reason, owners in sorted(left_out.items())
    ]
    return Night({row["key"]: row["id"] for row in rows if row["reason"] is None}, skipped)


def judged_by(tick: datetime, *, now: datetime, importable: Collection[str]) -> dict[str, object]:
    """What `queue/night.sql` asks besides the facts of the entities."""
    return {
        "tick": tick,
        "paying": sorted(PAYING),
        "verified_since": now - BILLING_HOLDS,
        "importable": sorted(importable),
    }


def write_night(
    connection: Connection, tick: datetime, *, now: datetime, importable: Collection[str]
) -> Night | None:
    """Write the imports of a tick that came, whole or not at all; None where it has been written before."""
    with connection.transaction():
        if database.run(connection, "queue/begin_night", tick=tick).fetchone() is None:
            return None
        night = read_night(connection, tick, now=now, importable=importable)
        written = database.run(
            connection,
            "queue/write_night",
            tick=tick,
            priority=PRIORITIES[Trigger.SCHEDULED],
            entities=list(night.due.values()),
        ).rowcount
        skipped = {skipped.reason: skipped.entities for skipped in night.skipped}
        database.run(connection, "queue/end_night", tick=tick, asked_for=written, skipped=Jsonb(skipped))
    return night


def newest_written(connection: Connection) -> datetime | None:
    """The latest tick whose imports were written."""
    row = connection.execute("select max(tick) as tick from app.night").fetchone()
    return row["tick"] if row else None
