"""The history of entities without old imports that say no more than the one before them."""

from datetime import datetime

from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

ENTITIES_A_LOOK = 50
DELETED_A_LOOK = 2_000
# As many as the page shows (sql/web/entities/history.sql); alerts look at fewer.
LATEST = 30
# What no person asked for; what one did is kept as the record of who did what.
UNATTENDED = (Trigger.SCHEDULED, Trigger.HOOK)


def thin(connection: Connection, *, before: datetime, after: int = 0) -> tuple[int, int]:
    """Delete such imports of the next entities, in one statement.

    Args:
        connection: As the role that imports.
        before: Aware; imports that ended later all stay.
        after: The id of the entity that was looked at last; 0 to begin with the first.

    Returns:
        How many were deleted, and the `after` of the next call: 0 where no entity follows.
    """
    rows = connection.execute(
        "select id from app.entity where id > %s order by id limit %s", [after, ENTITIES_A_LOOK]
    ).fetchall()
    entities = [row["id"] for row in rows]
    deleted = database.run(
        connection,
        "queue/thin_history",
        entities=entities,
        before=before,
        latest=LATEST,
        unattended=list(UNATTENDED),
        most=DELETED_A_LOOK,
    ).rowcount
    if deleted == DELETED_A_LOOK:
        return deleted, after
    return deleted, entities[-1] if len(entities) == ENTITIES_A_LOOK else 0
