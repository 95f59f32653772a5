"""Connections of organisations to accounting software, and their credentials, encrypted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitr_pipelines.lifecycle.errors import OurFault, Refused
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.registry import organisations, vault
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class EntityConnection:
    """What an entity is fetched through. `cursor`: where the next increment of `dataset` begins."""

    id: int
    provider: str
    connected_at: datetime
    administration: str | None
    reset_at: datetime | None
    cursor: Mapping[str, Any] | None


def add(
    connection: Connection,
    organisation: str,
    provider: str,
    credentials: Mapping[str, str],
    *,
    label: str = "",
    person: str | None = None,
) -> int:
    """Keep credentials that work as a new connection of an organisation, by name or id; returns its id.

    `label`: what tells it from others of the same software, and is no secret. `person`: who connects.
    """
    with connection.transaction():
        owner = organisations.find(connection, organisation)
        row = database.run(
            connection,
            "registry/add_connection",
            organisation_id=owner,
            provider=provider,
            label=label,
            person=person,
        ).fetchone()
        if row is None:
            raise OurFault(detail="add_connection returned no row")
        store(connection, row["id"], credentials)
    return int(row["id"])


def store(
    connection: Connection,
    connection_id: int,
    credentials: Mapping[str, str],
    *,
    label: str | None = None,
    person: str | None = None,
) -> None:
    """Keep new credentials of a connection; its imports go on with them. None: the label stays as it is."""
    database.run(
        connection,
        "registry/store_credentials",
        connection_id=connection_id,
        credentials=seal(connection_id, credentials),
        label=label,
        person=person,
    )


def remove(connection: Connection, connection_id: int) -> None:
    """Forget the credentials of a connection: what was imported through it stays, and nothing more comes.

    Raises:
        Refused: There is no such connection, or it was removed.
    """
    removed = database.run(connection, "registry/remove_connection", connection_id=connection_id)
    if removed.rowcount == 0:
        raise _unknown(connection_id)


def listed(connection: Connection) -> list[dict[str, Any]]:
    """Every connection to an accounting software, without its credentials."""
    return database.run(connection, "registry/connections", connection_id=None).fetchall()


def find(connection: Connection, connection_id: int) -> dict[str, Any]:
    """One connection as `listed` tells it, removed or not.

    Raises:
        Refused: There is no such connection.
    """
    row = database.run(connection, "registry/connections", connection_id=connection_id).fetchone()
    if row is None:
        raise _unknown(connection_id)
    return row


def provider_of(connection: Connection, connection_id: int) -> str:
    """The provider of a connection, removed or not; Refused where there is no such connection."""
    return str(find(connection, connection_id)["provider"])


def of_entity(connection: Connection, entity_id: int, dataset: str) -> EntityConnection:
    """The connection of an entity and how far a dataset of it is."""
    row = database.run(
        connection, "registry/entity_connection", entity_id=entity_id, dataset=dataset
    ).fetchone()
    if row is None:
        raise OurFault(detail=f"entity {entity_id} has no connection")
    return EntityConnection(**row)


def claim_resting(
    connection: Connection, provider: str, *, rest: timedelta, pause: timedelta, most: int
) -> list[int]:
    """Connections of a provider that were not renewed for longer than `rest`, each once in a `pause`."""
    rows = database.run(
        connection, "registry/claim_resting", provider=provider, rest=rest, pause=pause, most=most
    )
    return [int(row["id"]) for row in rows]


def mark_reconnect_needed(connection: Connection, connection_id: int, *, tried_at: datetime) -> None:
    """The credentials no longer work, as was found out when they were tried."""
    database.run(connection, "registry/mark_reconnect_needed", connection_id=connection_id, tried_at=tried_at)


def _unknown(connection_id: int) -> Refused:
    return Refused(f"There is no connection {connection_id}.", code="unknown_connection")


def seal(connection_id: int, credentials: Mapping[str, str]) -> bytes:
    """Credentials as they are stored: encrypted, and of this connection alone."""
    return vault.encrypt(json.dumps({"connection": connection_id, "values": dict(credentials)}))


def unseal(connection_id: int, stored: bytes) -> dict[str, str]:
    """Stored credentials; OurFault where they cannot be read, or were another connection's."""
    try:
        content = json.loads(vault.decrypt(stored))
        if content["connection"] == connection_id:
            return dict(content["values"])
    except (ValueError, TypeError, KeyError):
        pass
    raise OurFault(
        Message("secret_unreadable"),
        code="vault",
        detail=f"a secret that is not of connection {connection_id}",
    )
