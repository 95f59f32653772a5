"""The last imports of an entity, as a table and as a small picture of bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitr_pipelines.lifecycle.imports import ImportState, state_of
from monitr_pipelines.lifecycle.messages import Message, recorded
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.entities.cards import asker

HEIGHT = 72
BAR = 12
SMALLEST = 4
COUNTED = ("new", "changed", "unchanged", "deleted")


@dataclass(frozen=True)
class Past:
    """One import of the history; `facts` are the columns of `web/entities/history.sql`."""

    facts: Mapping[str, Any]
    seconds: int | None

    @property
    def outcome(self) -> ImportState:
        """How it ended, or its status now: the key of a text."""
        return state_of(
            outcome=self.facts["outcome"],
            started=self.facts["started_at"] is not None,
            lease_alive=self.facts["lease_alive"],
        )

    @property
    def messages(self) -> Sequence[Message]:
        """What it was ended by."""
        return recorded(self.facts["error_message"], self.facts["error_fields"])

    @property
    def untold(self) -> Sequence[Message]:
        """Why the software told no trial balance to compare with; nothing where it told one, or has none."""
        return recorded(self.facts["untold"], self.facts["untold_fields"])

    @property
    def asker(self) -> str | None:
        """Who asked for it."""
        return asker(self.facts)

    @property
    def counts(self) -> list[int | None]:
        """Lines new, changed, unchanged, deleted; None where the import got to none."""
        return [self.facts["counts"].get(name) for name in COUNTED]


@dataclass(frozen=True)
class Bar:
    """One import in the picture, in its units."""

    past: Past
    x: int
    y: int
    width: int
    height: int
    style: str


def read_history(connection: Connection, key: str, now: datetime) -> list[Past]:
    """The last thirty imports, the latest first."""
    rows = database.run(connection, "web/entities/history", key=key).fetchall()
    return [Past(row, _seconds(row, now)) for row in rows]


def read_differences(connection: Connection, key: str) -> list[dict[str, Any]]:
    """The accounts that differed from the software's own trial balance when last compared."""
    return database.run(connection, "web/entities/differences", key=key).fetchall()


def read_findings(connection: Connection, import_id: int | None) -> list[dict[str, Any]]:
    """What was found in an import; nothing where there is no import."""
    return database.run(connection, "web/entities/findings", import_id=import_id).fetchall()


def bars(history: Sequence[Past]) -> list[Bar]:
    """The picture: the oldest import left, as high as it took long beside the longest."""
    longest = max((past.seconds or 0 for past in history), default=0) or 1
    return [_bar(past, place, longest) for place, past in enumerate(reversed(history))]


def duration(seconds: int) -> tuple[str, dict[str, int]]:
    """A duration as the key of a text and its values."""
    minutes, rest = divmod(seconds, 60)
    if minutes == 0:
        return "duration.seconds", {"seconds": rest}
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return "duration.minutes", {"minutes": minutes, "seconds": rest}
    return "duration.hours", {"hours": hours, "minutes": minutes}


def _bar(past: Past, place: int, longest: int) -> Bar:
    height = max(SMALLEST, (past.seconds or 0) * HEIGHT // longest)
    style = past.outcome if past.facts["outcome"] else "open"
    return Bar(past, place * BAR + 1, HEIGHT - height, BAR - 2, height, style)


def _seconds(row: Mapping[str, Any], now: datetime) -> int | None:
    if row["started_at"] is None:
        return None
    return max(0, int(((row["finished_at"] or now) - row["started_at"]).total_seconds()))
