"""Asking for an import: the gate, then a waiting row in `app.import`, at most one an entity."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.lifecycle.imports import ImportMode, Trigger
from monitr_pipelines.warehouse.queue.gate import lock_entity, pass_gate
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# As Dagster orders its queue: people and programs that ask go before the night. An entity's own priority,
# less than half of what lies between two of these, decides among those of its organisation that wait for the
# same reason.
BETWEEN_LEVELS = 5
PRIORITIES = {Trigger.SCHEDULED: -10, Trigger.FIRST: -5, Trigger.REACTIVATED: -5, Trigger.AGAIN: -5}
ASKED = 10


def level_of(priority: int) -> int:
    """For which kind of reason an import waits, whatever its entity's own priority: the larger goes first."""
    return round(priority / BETWEEN_LEVELS)


def request(
    connection: Connection,
    entity_key: str,
    *,
    trigger: Trigger,
    requested_by: str,
    mode: ImportMode = ImportMode.INCREMENTAL,
    options: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> int:
    """Ask for an import; returns its id. Raises the gate's refusal, and then nothing is written.

    Works with the rights of the web role too: an entity of another tenant is an unknown one.
    """
    with database.together(connection):
        entity = lock_entity(connection, entity_key)
        pass_gate(entity, trigger, now)
        row = database.run(
            connection,
            "queue/request",
            entity_id=entity["id"],
            trigger=trigger,
            requested_by=requested_by,
            mode=mode,
            options=Jsonb(dict(options or {})),
            priority=PRIORITIES.get(trigger, ASKED) + entity["priority"],
        ).fetchone()
    if row is None:
        raise OurFault(detail="queue/request.sql returned no row")
    return int(row["id"])


def launch_here(connection: Connection, import_id: int) -> None:
    """Say that this process will run a request itself, so that the reconciler need not launch it."""
    connection.execute(
        "update app.import set launched_at = clock_timestamp() where id = %s and launched_at is null",
        [import_id],
    )
