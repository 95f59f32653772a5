"""Connections that a person is making: what belongs to them between two pages.

A random word leads there: the `state` of a sign-in page, or a word of a form. It is good once, in the
session that it was made for, and for a while; the database knows its SHA-256 alone, and what it leads to
is encrypted.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.warehouse.registry import vault
from monitr_pipelines.warehouse.registry.access_tokens import digest
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

LIFE = timedelta(minutes=15)


@dataclass(frozen=True)
class Pending:
    """A connection in the making.

    `connection_id`: the one that is connected again, None for a new one. `values`: what was given, or the
    credentials that work. `verifier`: the secret of a sign-in that is under way, empty where there is none.
    """

    provider: str
    connection_id: int | None
    values: Mapping[str, str]
    verifier: str = ""

    def __repr__(self) -> str:
        return f"Pending({self.provider!r}, {self.connection_id!r}, {', '.join(sorted(self.values))})"


def keep(connection: Connection, organisation_id: int, session: str, pending: Pending) -> str:
    """Keep it for the secret of a session; returns the word that leads to it. What is over is forgotten."""
    word = secrets.token_urlsafe(32)
    connection.execute("delete from app.pending_connection where expires_at < clock_timestamp()")
    database.run(
        connection,
        "registry/keep_pending",
        word_hash=digest(word),
        organisation_id=organisation_id,
        session_hash=digest(session),
        content=vault.encrypt(json.dumps(asdict(pending))),
        life=LIFE,
    )
    return word


def take(connection: Connection, session: str, word: str) -> Pending | None:
    """What a word leads to, once; None where it was used, is over or another session's."""
    row = database.run(
        connection, "registry/take_pending", word_hash=digest(word), session_hash=digest(session)
    ).fetchone()
    if row is None or row["content"] is None:
        return None
    try:
        content: dict[str, Any] = json.loads(vault.decrypt(row["content"]))
    except OurFault:
        # Its key is gone since: the person begins anew.
        return None
    return Pending(**content)
