"""Taking an entity out of sight and back: its data stay, nothing imports it, no page shows it."""

from monitr_pipelines.lifecycle.errors import EntityGone, Refused
from monitr_pipelines.lifecycle.imports import Outcome
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.queue.error_columns import error_columns
from monitr_pipelines.warehouse.queue.gate import lock_entity
from monitr_pipelines.warehouse.registry.entities import REMOVED
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


def remove(connection: Connection, key: str, removed_by: str) -> int:
    """Take an entity out of sight and cancel what waits for it; a started import goes on to its end.

    Done again, it changes nothing.

    Returns:
        How many imports were canceled: one or none.

    Raises:
        EntityGone: There is no such entity.
    """
    refusal = EntityGone(Message("entity_removed"), code="entity_removed")
    with connection.transaction():
        entity = lock_entity(connection, key)
        database.run(connection, "registry/remove_entity", entity_id=entity["id"], removed_by=removed_by)
        canceled = database.run(
            connection,
            "queue/cancel_removed",
            entity_id=entity["id"],
            outcome=Outcome.CANCELED,
            **error_columns(refusal),
        )
    return canceled.rowcount


def restore(connection: Connection, key: str) -> None:
    """Bring an entity back as it was; its next import is the night's, or when someone asks for it.

    Raises:
        EntityGone: There is no such entity.
        Refused: It was not removed, or deleting its data has begun.
    """
    with connection.transaction():
        entity = lock_entity(connection, key)
        if entity["status"] != REMOVED:
            raise Refused(f"{key} was not removed.")
        begun = connection.execute("select from app.purge where key = %s and finished_at is null", [key])
        if begun.fetchone() is not None:
            raise Refused(f"The data of {key} are being deleted.", code="purge_begun")
        database.run(connection, "registry/restore_entity", entity_id=entity["id"])
