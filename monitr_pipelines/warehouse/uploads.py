"""Ledger files as they came in, kept in the database: any worker can read them, a reset replays them."""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

from psycopg.types.json import Json, Jsonb

from monitr_pipelines.warehouse.imports import Connection

CHUNK_BYTES = 1024 * 1024
IN_MEMORY_BYTES = 16 * CHUNK_BYTES


@dataclass(frozen=True)
class Upload:
    """One file, how to read it, and whether it was applied before."""

    id: int
    file_name: str
    content_hash: str
    mode: str
    settings: Mapping[str, Any]
    state: str


def store(
    connection: Connection,
    entity_id: int,
    file: BinaryIO,
    *,
    file_name: str,
    mode: str,
    settings: Mapping[str, Any],
) -> int:
    """Keep a file, in chunks of one megabyte, waiting for the entity's next import."""
    digest = hashlib.sha256()
    size = 0
    with connection.transaction():
        row = connection.execute(
            """
            insert into app.upload (entity_id, file_name, content_hash, size_bytes, mode, settings)
            values (%s, %s, %s, 0, %s, %s) returning id
            """,
            [entity_id, file_name, "0" * 64, mode, Jsonb(dict(settings))],
        ).fetchone()
        upload_id = int(row["id"]) if row else 0
        for ordinal, chunk in enumerate(iter(lambda: file.read(CHUNK_BYTES), b"")):
            digest.update(chunk)
            size += len(chunk)
            connection.execute(
                "insert into app.upload_chunk (upload_id, ordinal, content) values (%s, %s, %s)",
                [upload_id, ordinal, chunk],
            )
        connection.execute(
            "update app.upload set content_hash = %s, size_bytes = %s where id = %s",
            [digest.hexdigest(), size, upload_id],
        )
    return upload_id


def listed(connection: Connection, entity_id: int, *states: str) -> list[Upload]:
    """The uploads of an entity in these states, in the order they came in."""
    rows = connection.execute(
        """
        select id, file_name, content_hash, mode, settings, state from app.upload
        where entity_id = %s and state = any(%s) order by id
        """,
        [entity_id, list(states)],
    )
    return [Upload(**row) for row in rows]


def read(connection: Connection, upload: Upload) -> IO[bytes]:
    """The file, seekable; it is on disk where it is large, and gone once closed."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - the reader closes it
    ordinal = 0
    while row := connection.execute(
        "select content from app.upload_chunk where upload_id = %s and ordinal = %s", [upload.id, ordinal]
    ).fetchone():
        file.write(row["content"])
        ordinal += 1
    file.seek(0)
    return file


def last_settled(connection: Connection, entity_id: int, wanted: list[Upload]) -> int:
    """The newest upload that is in the books once the wanted ones are."""
    return max((upload.id for upload in [*listed(connection, entity_id, "applied"), *wanted]), default=0)


def earlier_copy(connection: Connection, entity_id: int, upload: Upload) -> int | None:
    """An applied upload of the same content that nothing has overwritten since, if there is one."""
    row = connection.execute(
        """
        select max(u.id) as id from app.upload as u
        where u.entity_id = %(entity_id)s and u.content_hash = %(hash)s and u.state = 'applied'
            and u.id < %(id)s
            and not exists (
                select from app.upload as later
                where later.entity_id = %(entity_id)s and later.state = 'applied'
                    and later.mode = 'overwrite' and later.id > u.id and later.id < %(id)s
            )
        """,
        {"entity_id": entity_id, "hash": upload.content_hash, "id": upload.id},
    ).fetchone()
    return row["id"] if row else None


def settle(
    connection: Connection,
    upload: Upload,
    state: str,
    import_id: int,
    interpretation: Mapping[str, str] | None = None,
) -> None:
    """Say what became of a waiting upload, and how its file was read."""
    connection.execute(
        """
        update app.upload set state = %s, import_id = %s, interpretation = %s
        where id = %s and state = 'waiting'
        """,
        [state, import_id, Json(dict(interpretation or {})), upload.id],
    )
