"""Who changed what: one line for each change that a person made, apart from imports and files."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


class Action(StrEnum):
    """What was done; pages and the command line word it."""

    CONNECTED = "connected"
    RECONNECTED = "reconnected"
    CONNECTION_REMOVED = "connection removed"
    ENTITY_ADDED = "entity added"
    IMPORT_CHOSEN = "import chosen"
    IMPORT_STOPPED = "import stopped"
    PRIORITY_SET = "priority set"
    ENTITY_CHANGED = "entity changed"
    ENTITY_FOUND = "entity found"
    ENTITY_REMOVED = "entity removed"
    ENTITY_RESTORED = "entity restored"
    ENTITY_DELETED = "entity deleted"
    ADJUSTED = "entries adjusted"
    RESET_ASKED = "reset asked"
    MAPPING_CHANGED = "mapping changed"
    MAPPING_UNDONE = "mapping undone"
    FILE_DISCARDED = "file discarded"
    ORGANISATION_ADDED = "organisation added"
    ORGANISATION_CHANGED = "organisation changed"
    TOKEN_CREATED = "token created"  # noqa: S105 - of no token
    TOKEN_REVOKED = "token revoked"  # noqa: S105 - of no token
    KEY_CREATED = "key created"
    KEY_REVOKED = "key revoked"
    STRUCTURE_IMPORTED = "structure imported"
    STRUCTURE_ASSIGNED = "structure assigned"
    STRUCTURE_DELETED = "structure deleted"


def record(connection: Connection, organisation_id: int, person: str, action: Action, subject: str) -> None:
    """Write down a change, in the transaction that makes it."""
    connection.execute(
        "insert into app.change (organisation_id, person, action, subject) values (%s, %s, %s, %s)",
        [organisation_id, person, action, subject],
    )


def record_of_entity(connection: Connection, key: str, person: str, action: Action, what: str = "") -> None:
    """Write down a change of an entity, under the name that it has now, and `what` of it."""
    row = connection.execute("select organisation_id, name from app.entity where key = %s", [key]).fetchone()
    if row is not None:
        subject = f"{row['name']}: {what}" if what else row["name"]
        record(connection, row["organisation_id"], person, action, subject)


def newest(connection: Connection, organisation_id: int, most: int) -> list[Mapping[str, Any]]:
    """The last changes of an organisation, the latest first."""
    return list(
        database.run(connection, "registry/changes", organisation_id=organisation_id, most=most).fetchall()
    )
