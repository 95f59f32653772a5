"""Messages on their way: written with the alert that they tell, taken in batches, noted when sent."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import DictRow

from monitr_pipelines import settings
from monitr_pipelines.alerts.decision import Trouble
from monitr_pipelines.lifecycle.codes import REMEDIES, Actor
from monitr_pipelines.lifecycle.messages import Message, recorded
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

CHANNELS = ("email", "hook")
# After each attempt that failed; the one after the last pause is the last.
PAUSES = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15)),
    *(timedelta(hours=hours) for hours in (1, 4, 12, 24)),
)
GATHERING = timedelta(minutes=15)
# These take about as long as gathering.
FIRST_ATTEMPTS = 3
BATCHES_AT_ONCE = 8


@dataclass(frozen=True)
class Told:
    """One entity's alert within a message; times are aware, `takes_files` that someone uploads its ledger.

    `messages` are what the import recorded that it is about, none where it is about no import.
    """

    key: str
    name: str
    organisation: str
    messages: Sequence[Message]
    takes_files: bool
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Batch:
    """Messages that go to one recipient as one; `secret` is encrypted still."""

    ids: tuple[int, ...]
    channel: str
    kind: str
    recipient: str
    cause: str
    attempts: int
    for_operations: bool
    secret: bytes | None
    entities: tuple[Told, ...]

    @property
    def identity(self) -> str:
        """The same whenever the batch is sent again, so that a receiver knows a repetition."""
        return hashlib.sha256(",".join(map(str, self.ids)).encode()).hexdigest()[:32]

    @property
    def last_attempt(self) -> bool:
        """Whether it is given up when this attempt fails."""
        return self.attempts > len(PAUSES)


def open_alert(
    connection: Connection, organisation_id: int, entity_id: int, trouble: Trouble, *, now: datetime
) -> None:
    """Write an alert with its messages, unless it is open already."""
    concerns_operations = REMEDIES[trouble.cause].actor is Actor.OPERATIONS
    database.run(
        connection,
        "alerts/open_alert",
        organisation_id=organisation_id,
        entity_id=entity_id,
        cause=trouble.cause,
        message=trouble.message,
        import_id=trouble.import_id,
        operations=settings.operations_email() if concerns_operations else None,
        now=now,
    )


def close_alert(connection: Connection, alert_id: int, *, recovered: bool, now: datetime) -> None:
    """End an alert; where it recovered, those who may have heard of it hear that too."""
    database.run(connection, "alerts/close_alert", alert_id=alert_id, recovered=recovered, now=now)


def withdraw(connection: Connection, now: datetime) -> None:
    """Give up messages of troubles that are over and to addresses that were changed."""
    database.run(connection, "alerts/withdraw_messages", operations=settings.operations_email(), now=now)


def claim(connection: Connection, channel: str, now: datetime) -> list[Batch]:
    """Take what is due on a channel, a few batches at a time; who is killed now tries again after a pause."""
    rows = database.run(
        connection,
        "alerts/claim_messages",
        channel=channel,
        operations=settings.operations_email(),
        now=now,
        gathering=GATHERING,
        first_attempts=FIRST_ATTEMPTS,
        pauses=list(PAUSES),
        last_pause=len(PAUSES),
        most=BATCHES_AT_ONCE,
    ).fetchall()
    batches = defaultdict(list)
    for row in rows:
        batches[row["batch"]].append(row)
    return [_batch(members) for members in batches.values()]


def note_sent(connection: Connection, batch: Batch, now: datetime) -> None:
    """Its messages have arrived."""
    connection.execute(
        "update app.alert_message set sent_at = %s, last_error = null where id = any(%s)",
        [now, list(batch.ids)],
    )


def note_failed(connection: Connection, batch: Batch, error: str, now: datetime) -> None:
    """Its messages have not arrived; after the last attempt they are given up."""
    connection.execute(
        "update app.alert_message set last_error = %s, given_up_at = %s where id = any(%s)",
        [error, now if batch.last_attempt else None, list(batch.ids)],
    )


def _batch(rows: Sequence[DictRow]) -> Batch:
    first = rows[0]
    return Batch(
        ids=tuple(sorted(row["id"] for row in rows)),
        channel=first["channel"],
        kind=first["kind"],
        recipient=first["recipient"],
        cause=first["cause"],
        attempts=first["attempts"],
        for_operations=first["for_operations"],
        secret=first["alert_secret"],
        entities=tuple(
            Told(
                row["key"],
                row["name"],
                row["organisation"],
                recorded(row["message"], row["error_fields"]),
                row["takes_files"],
                row["opened_at"],
                row["closed_at"],
            )
            for row in sorted(rows, key=lambda row: (row["organisation"], row["name"], row["key"]))
        ),
    )
