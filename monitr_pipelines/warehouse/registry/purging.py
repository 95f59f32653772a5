"""Deleting everything that there is of an entity, but one line that says who did it, when, and its key.

Two transactions, and what is outside the database between them: `begin` takes the entity out of sight and
writes the line, `finish` deletes all of its rows at once, its own the last. Whatever ends it midway leaves
the entity's row and an unfinished line, and both can be called again.
"""

from dataclasses import dataclass

from monitr_pipelines.lifecycle.errors import EntityGone, Refused
from monitr_pipelines.warehouse.queue import claims
from monitr_pipelines.warehouse.queue.gate import lock_entity
from monitr_pipelines.warehouse.registry import removal
from monitr_pipelines.warehouse.registry.entities import BY_FILES, REMOVED
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class Extent:
    """What there is of an entity.

    `connection_id`: its connection to an accounting software, None for ledger files. `alone`: no other
    entity is imported through that. `running`: an import has started and not ended.
    """

    id: int
    key: str
    name: str
    organisation_id: int
    status: str
    organisation: str
    provider: str
    connection_id: int | None
    alone: bool
    imports: int
    files: int
    lines: int
    running: bool
    purge_begun: bool


def extent(connection: Connection, key: str) -> Extent:
    """What there is of an entity, also of one that was removed; EntityGone where there is no such entity."""
    row = database.run(connection, "registry/entity_extent", key=key).fetchone()
    if row is None:
        raise EntityGone(f"There is no entity {key!r}.", code="unknown_entity")
    return Extent(**row)


def begin(connection: Connection, key: str, purged_by: str) -> None:
    """Take an entity out of sight, so that no import of it starts, and write the line that remains.

    Raises:
        EntityGone: There is no such entity.
        Refused: An import of it runs; nothing was changed.
    """
    with connection.transaction():
        entity = lock_entity(connection, key)
        _refuse_running(connection, entity["id"], key)
        removal.remove(connection, key, purged_by)
        organisation = extent(connection, key).organisation_id
        database.run(
            connection, "registry/begin_purge", organisation_id=organisation, key=key, purged_by=purged_by
        )


def finish(connection: Connection, key: str, *, keep_connection: bool = False) -> bool:
    """Delete every row of an entity whose purge has begun, in one transaction.

    Args:
        connection: As the role that imports.
        key: The entity's key.
        keep_connection: Credentials stay, though no other entity is imported through them.

    Returns:
        Whether its connection to an accounting software went too.

    Raises:
        EntityGone: There is no such entity.
        Refused: It was restored, or is being imported; nothing was changed.
    """
    with connection.transaction():
        entity = lock_entity(connection, key)
        if entity["status"] != REMOVED:
            raise Refused(f"{key} was restored meanwhile; nothing was deleted.")
        _refuse_running(connection, entity["id"], key)
        used = connection.execute(
            "select integration_id from app.entity where id = %s", [entity["id"]]
        ).fetchone()
        for row in database.run(connection, "registry/entity_deletions", entity_id=entity["id"]).fetchall():
            connection.execute(row["statement"].encode())
        dropped = database.run(
            connection,
            "registry/drop_idle_connection",
            connection_id=used and used["integration_id"],
            kept=keep_connection,
        ).fetchone()
        database.run(connection, "registry/finish_purge", key=key)
    return dropped is not None and entity["provider"] != BY_FILES


def _refuse_running(connection: Connection, entity_id: int, key: str) -> None:
    claims.expire_lost(connection, entity_id)
    started = connection.execute(
        "select from app.import where entity_id = %s and started_at is not null and finished_at is null",
        [entity_id],
    )
    if started.fetchone() is not None:
        raise Refused(
            f"An import of {key} runs; nothing was deleted. Wait for its end, or end its run in Dagster.",
            code="already_running",
        )
