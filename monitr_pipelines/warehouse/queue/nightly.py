"""The night: every tick of the schedule writes the imports that it asks for, in one statement."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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
class Tick:
    """What a tick asks for: the import of each entity that is due, by its key."""

    due: Mapping[str, int]
    skipped: Sequence[Skipped]


def write_tick(connection: Connection, tick: datetime, *, now: datetime) -> Tick:
    """Write the waiting imports of a tick; evaluated again, the tick answers the same and writes nothing."""
    rows = database.run(
        connection,
        "queue/schedule_tick",
        tick=tick,
        paying=sorted(PAYING),
        verified_since=now - BILLING_HOLDS,
        priority=PRIORITIES[Trigger.SCHEDULED],
    ).fetchall()
    due = {row["key"]: row["import_id"] for row in rows if row["import_id"] is not None}
    left_out: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["import_id"] is None:
            left_out[row["reason"]].append(row["organisation"])
    skipped = [
        Skipped(reason, len(owners), sorted(set(owners))) for reason, owners in sorted(left_out.items())
    ]
    return Tick(due, skipped)
