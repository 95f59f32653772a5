"""Keys with which programs sign their requests: at most two valid ones an organisation, to rotate them.

A key is written as Standard Webhooks has it, `whsec_` and base64. Its first bytes say which key it is,
the 32 others are known to nobody else; all of it signs. It is shown once and kept encrypted.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import Any

from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.warehouse.registry import organisations, vault
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

PREFIX = organisations.SECRET_PREFIX
NAMING_BYTES = 10  # with the secret ones a multiple of three: base64 without padding
SECRET_BYTES = 32
VALID_AT_ONCE = 2


@dataclass(frozen=True)
class NewKey:
    """A key as it is handed out, once."""

    id: int
    key: str


@dataclass(frozen=True)
class Signer:
    """A valid key and whose it is."""

    id: int
    organisation_id: int
    key: str


def public_id_of(key: str) -> str:
    """Which key this is, without its secret; Refused when it is not one of ours."""
    try:
        content = base64.b64decode(key.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not key.startswith(PREFIX) or len(content) != NAMING_BYTES + SECRET_BYTES:
        raise Refused("This is not a key of the web hook.", code="bad_hook_key")
    return content[:NAMING_BYTES].hex()


def create(connection: Connection, organisation: str) -> NewKey:
    """Make a key for an organisation, by name or id; Refused when it has two valid ones."""
    key = PREFIX + base64.b64encode(secrets.token_bytes(NAMING_BYTES + SECRET_BYTES)).decode()
    with connection.transaction():
        organisation_id = organisations.find(connection, organisation)
        # One new key at a time, so that they can be counted.
        connection.execute("select from app.organisation where id = %s for no key update", [organisation_id])
        row = database.run(
            connection,
            "registry/create_key",
            organisation_id=organisation_id,
            public_id=public_id_of(key),
            secret=vault.encrypt(key),
            valid_at_once=VALID_AT_ONCE,
        ).fetchone()
    if row is None:
        raise Refused(
            f"{organisation!r} has {VALID_AT_ONCE} valid keys already. Revoke one that is no longer used.",
            code="too_many_hook_keys",
        )
    return NewKey(row["id"], key)


def revoke(connection: Connection, key_id: int) -> int:
    """Make a key invalid from now on; the id of its organisation. Refused when there is no such valid key."""
    row = connection.execute(
        "update app.hook_key set revoked_at = now() where id = %s and revoked_at is null "
        "returning organisation_id",
        [key_id],
    ).fetchone()
    if row is None:
        raise Refused(f"There is no valid key {key_id}.", code="unknown_hook_key")
    return int(row["organisation_id"])


def listed(connection: Connection) -> list[dict[str, Any]]:
    """Every key, valid and revoked, with the public id that travels with requests; never the key."""
    return database.run(connection, "registry/list_keys").fetchall()


def find(connection: Connection, public_id: str) -> Signer | None:
    """The valid key of that name; works without a tenant."""
    row = connection.execute(
        "select id, organisation_id, secret from app.find_hook_key(%s)", [public_id]
    ).fetchone()
    if row is None:
        return None
    return Signer(row["id"], row["organisation_id"], vault.decrypt(bytes(row["secret"])))
