"""Ledger files as they came in, kept in the database: any worker can read them, a reset replays them."""

import hashlib
import io
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from psycopg.types.json import Json, Jsonb

from monitr_pipelines.lifecycle.imports import UploadState
from monitr_pipelines.warehouse.server.database import Connection

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK_BYTES = 1024 * 1024
IN_MEMORY_BYTES = 16 * CHUNK_BYTES


class StoredFile(io.RawIOBase):
    """A stored file as a seekable stream that holds one chunk at a time; `chunk` fetches the nth of them."""

    def __init__(self, size: int, chunk: Callable[[int], bytes]) -> None:
        super().__init__()
        self._size = size
        self._chunk = chunk
        self._position = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position in bytes."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read up to the end of a chunk; 0 at the end of the file."""
        if self._position >= self._size:
            return 0
        ordinal, start = divmod(self._position, CHUNK_BYTES)
        if self._held[0] != ordinal:
            self._held = (ordinal, self._chunk(ordinal))
        target = memoryview(buffer).cast("B")
        part = self._held[1][start : start + len(target)]
        target[: len(part)] = part
        self._position += len(part)
        return len(part)


@dataclass(frozen=True)
class Upload:
    """One file, how to read it, and whether it was applied before."""

    id: int
    file_name: str
    content_hash: str
    mode: str
    settings: Mapping[str, Any]
    state: UploadState


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


def listed(connection: Connection, entity_id: int, *states: UploadState) -> list[Upload]:
    """The uploads of an entity in these states, in the order they came in."""
    rows = connection.execute(
        """
        select id, file_name, content_hash, mode, settings, state from app.upload
        where entity_id = %s and state = any(%s) order by received_at, id
        """,
        [entity_id, list(states)],
    )
    return [Upload(**{**row, "state": UploadState(row["state"])}) for row in rows]


def has_any(connection: Connection, entity_id: int) -> bool:
    """Whether a file waits, or the one that was settled last came in."""
    row = connection.execute("select app.has_ledger_file(%s) as found", [entity_id]).fetchone()
    return bool(row and row["found"])


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
    return max(
        (upload.id for upload in [*listed(connection, entity_id, UploadState.APPLIED), *wanted]), default=0
    )


def earlier_copy(connection: Connection, entity_id: int, upload: Upload) -> int | None:
    """An applied upload of the same content that nothing has overwritten since, if there is one."""
    row = connection.execute(
        """
        select max(u.id) as id
        from app.upload as u inner join app.upload as this on this.id = %(id)s
        where u.entity_id = %(entity_id)s and u.content_hash = %(hash)s and u.state = 'applied'
            and (u.received_at, u.id) < (this.received_at, this.id)
            and not exists (
                select from app.upload as later
                where later.entity_id = %(entity_id)s and later.state = 'applied'
                    and later.mode = 'overwrite'
                    and (later.received_at, later.id) > (u.received_at, u.id)
                    and (later.received_at, later.id) < (this.received_at, this.id)
            )
        """,
        {"entity_id": entity_id, "hash": upload.content_hash, "id": upload.id},
    ).fetchone()
    return row["id"] if row else None


def settle(
    connection: Connection,
    upload: Upload,
    state: UploadState,
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
