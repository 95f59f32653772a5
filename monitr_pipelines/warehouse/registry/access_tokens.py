"""Tokens and one-time links with which people sign in; only their SHA-256 is kept."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, NamedTuple

from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.lifecycle.roles import Role
from monitr_pipelines.warehouse.registry import organisations
from monitr_pipelines.warehouse.server.database import Connection

LINK_LIFE = timedelta(days=1)
TOKEN, LINK = "token", "link"
# Lets scanners for leaked secrets recognise one.
PREFIX = "monitr_"


def digest(secret: str) -> bytes:
    """What the database knows of a secret. No salt: the secret itself is 256 random bits."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def create(
    connection: Connection,
    organisation: str,
    person: str,
    kind: str,
    role: Role = Role.ADMINISTRATOR,
) -> tuple[int, str]:
    """Let a person of an organisation (name or id) in; returns the id and the secret, which is told once.

    A link works once, within a day; a token until it is revoked. `role`: what they may do. Refused when there
    is no such organisation.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    row = connection.execute(
        """
        insert into app.access_token (organisation_id, kind, person, role, token_hash, expires_at)
        values (%(organisation_id)s, %(kind)s, %(person)s, %(role)s, %(hash)s, clock_timestamp() + %(life)s)
        returning id
        """,
        {
            "kind": kind,
            "person": person,
            "role": role,
            "hash": digest(secret),
            "life": LINK_LIFE if kind == LINK else None,
            "organisation_id": organisations.find(connection, organisation),
        },
    ).fetchone()
    return int(row["id"]) if row else 0, secret


def organisation_of(connection: Connection, secret: str) -> int | None:
    """The organisation that a token, not a link, lets a program in to; works without a tenant."""
    row = connection.execute(
        "select organisation_id from app.find_access_token(%s)", [digest(secret)]
    ).fetchone()
    return None if row is None else int(row["organisation_id"])


def listed(connection: Connection) -> list[dict[str, Any]]:
    """Every token and link with what became of it; never the secret."""
    return connection.execute(
        """
        select
            t.id, o.name as organisation, t.kind, t.person, t.role,
            t.created_at, t.expires_at, t.used_at, t.revoked_at
        from app.access_token as t inner join app.organisation as o on t.organisation_id = o.id
        order by t.id
        """
    ).fetchall()


class Revoked(NamedTuple):
    """A token that ended: whose it was."""

    organisation_id: int
    person: str


def revoke(connection: Connection, token_id: int) -> Revoked:
    """End a token and every session that it began; Refused when there is none."""
    row = connection.execute(
        """
        update app.access_token set revoked_at = coalesce(revoked_at, clock_timestamp())
        where id = %s
        returning organisation_id, person
        """,
        [token_id],
    ).fetchone()
    if row is None:
        raise Refused(f"There is no token {token_id}.", code="unknown_token")
    return Revoked(row["organisation_id"], row["person"])
