"""Ledger files as they came in: they wait, are applied, set aside or discarded; a reset replays them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import psycopg
from psycopg.types.json import Json, Jsonb

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.lifecycle.errors import ImportProblem, Refused
from monitr_pipelines.lifecycle.imports import UploadState
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.lifecycle.sorting import DIED
from monitr_pipelines.warehouse.queue import outcome
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.queue.error_columns import error_columns
from monitr_pipelines.warehouse.queue.upload_content import CHUNK_BYTES
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class Upload:
    """One file, how to read it, and what became of it."""

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


def listed(connection: Connection, entity_id: int, state: UploadState) -> list[Upload]:
    """The files of an entity in a state: those in the books in the order in which they went in."""
    rows = database.run(connection, "queue/uploads", entity_id=entity_id, states=[state])
    return [Upload(**{**row, "state": UploadState(row["state"])}) for row in rows]


def has_any(connection: Connection, entity_id: int) -> bool:
    """Whether a file waits, or the one that was settled last came in."""
    row = connection.execute("select app.has_ledger_file(%s) as found", [entity_id]).fetchone()
    return bool(row and row["found"])


def begin(connection: Connection, claimed: Claim, upload: Upload) -> Sequence[str] | None:
    """Note that an import reads a waiting file; its troubles so far, None where it waits no longer."""
    row = database.run(
        connection, "queue/begin_upload", upload_id=upload.id, import_id=claimed.import_id, died=DIED
    ).fetchone()
    return None if row is None else tuple(row["troubles"])


def lock(connection: Connection, upload: Upload) -> bool:
    """Keep a waiting file from being discarded until the transaction ends; False where it waits no longer."""
    return database.run(connection, "queue/lock_upload", upload_id=upload.id).fetchone() is not None


def apply(connection: Connection, claimed: Claim, upload: Upload, interpretation: Mapping[str, str]) -> None:
    """Say, in the transaction that put its lines there, that a file is in the books, and how it was read."""
    database.run(
        connection,
        "queue/apply_upload",
        upload_id=upload.id,
        import_id=claimed.import_id,
        interpretation=Json(dict(interpretation)),
    )


def refuse(
    connection: Connection,
    claimed: Claim,
    upload: Upload,
    problem: ImportProblem,
    findings: Sequence[Finding],
) -> None:
    """Set a file aside with its reason and what was found in it."""
    with connection.transaction():
        row = database.run(
            connection,
            "queue/refuse_upload",
            upload_id=upload.id,
            import_id=claimed.import_id,
            **error_columns(problem),
        ).fetchone()
        if row is not None:
            outcome.save_findings(connection, claimed, findings, upload_id=upload.id)


def note_trouble(connection: Connection, claimed: Claim, upload: Upload, trouble: str) -> None:
    """Note what kept an import from reading a file, which goes on waiting."""
    database.run(
        connection, "queue/note_trouble", upload_id=upload.id, import_id=claimed.import_id, trouble=trouble
    )


def failed_resets(connection: Connection, entity_id: int) -> int:
    """How many imports since the last reset failed to replay the files of an entity."""
    row = database.run(connection, "queue/failed_resets", entity_id=entity_id).fetchone()
    return int(row["failed"]) if row else 0


def end_reset(connection: Connection, entity_id: int, *, asked_anew: bool) -> None:
    """A reset that could not be done is given up, or asked anew where an answer lets it pass."""
    database.run(connection, "queue/end_reset", entity_id=entity_id, asked_anew=asked_anew)


def discard(connection: Connection, upload_id: int, person: str) -> None:
    """Throw a file of the tenant away that is not in the books.

    The caller's transaction is that of the file's organisation (`tenancy.enter`). Discarded again, a file
    stays as it is.

    Raises:
        Refused: There is no such file, an import reads it now, or it is in the books.
    """
    try:
        with connection.transaction():
            row = database.run(
                connection, "queue/discard_upload", upload_id=upload_id, person=person
            ).fetchone()
    except psycopg.errors.LockNotAvailable:
        raise Refused(Message("upload_in_use"), code="upload_in_use") from None
    state = row and row["state"]
    if state is None:
        raise Refused(f"There is no file {upload_id}.", code="unknown_upload")
    if state == UploadState.APPLIED:
        raise Refused(Message("upload_applied"), code="upload_applied")
