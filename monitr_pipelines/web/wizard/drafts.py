"""Files of the wizard in the database, from the first byte to the import that loads them.

A file comes in and is read in short transactions, one for each of its chunks: a slow browser holds no
connection, and the file of a big company no memory.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast

from psycopg.types.json import Jsonb

from monitr_pipelines import settings
from monitr_pipelines.importing.reading import chosen, kept_for_others
from monitr_pipelines.ledger.findings import Finding, of_record
from monitr_pipelines.ledger.reported.figures import figure_findings
from monitr_pipelines.lifecycle.imports import Trigger, UploadState
from monitr_pipelines.lifecycle.messages import Message, recorded
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.queue.upload_content import CHUNK_BYTES, StoredFile
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.warehouse.server.database import Connection

# As many files as one form takes, and whatever their size a few of the newest.
MOST_FILES = 24
FEW_DRAFTS = 5


class DraftGone(Exception):
    """The draft was thrown away meanwhile: newer ones of its entity made it make room."""


@dataclass(frozen=True)
class WizardFile:
    """A file of the wizard; the facts of its import are None while there is none.

    `published`: whether that import brought the reports up to date.
    """

    id: int
    file_name: str
    content_hash: str
    size_bytes: int
    mode: str
    settings: Mapping[str, Any]
    state: UploadState
    interpretation: Mapping[str, str]
    import_id: int | None
    started_at: datetime | None
    finished_at: datetime | None
    outcome: str | None
    published: bool | None
    error_code: str | None
    error_message: str | None
    error_fields: Sequence[Mapping[str, Any]] | None
    counts: Mapping[str, Any] | None

    @property
    def messages(self) -> Sequence[Message]:
        """Why it was refused, or what its import was ended by."""
        return recorded(self.error_message, self.error_fields)


def add(organisation_id: int, entity_id: int, file_name: str) -> int:
    """Make a draft, and throw away what was left of old ones."""
    with tenancy.as_tenant(organisation_id) as connection:
        database.run(
            connection,
            "web/wizard/drop_old_drafts",
            few=FEW_DRAFTS,
            most=MOST_FILES,
            largest=settings.upload_limit(),
        )
        row = database.run(
            connection, "web/wizard/add_draft", entity_id=entity_id, file_name=file_name
        ).fetchone()
    return int(row["id"]) if row else 0


def add_chunk(organisation_id: int, upload_id: int, ordinal: int, content: bytes) -> None:
    """Keep the next megabyte; DraftGone when the draft was thrown away."""
    with tenancy.as_tenant(organisation_id) as connection:
        _check_kept(
            database.run(
                connection, "web/wizard/add_chunk", upload_id=upload_id, ordinal=ordinal, content=content
            ).fetchone()
        )


def complete(organisation_id: int, upload_id: int, content_hash: str, size: int) -> None:
    """All of the file is there; DraftGone when the draft was thrown away."""
    with tenancy.as_tenant(organisation_id) as connection:
        _check_kept(
            database.run(
                connection,
                "web/wizard/complete_draft",
                upload_id=upload_id,
                content_hash=content_hash,
                size=size,
            ).fetchone()
        )


def drop(organisation_id: int, upload_id: int) -> None:
    """Leave nothing of a draft."""
    with tenancy.as_tenant(organisation_id) as connection:
        database.run(connection, "web/wizard/drop_draft", upload_id=upload_id)


def find(connection: Connection, entity: Entity, upload_id: int) -> WizardFile | None:
    """A file of an entity; None where there is none, or not all of it."""
    row = database.run(
        connection, "web/wizard/find_upload", upload_id=upload_id, entity_id=entity.id
    ).fetchone()
    return WizardFile(**{**row, "state": UploadState(row["state"])}) if row else None


def content(organisation_id: int, file: WizardFile) -> BinaryIO:
    """The content of a file, fetched a chunk at a time where it is read; DraftGone from any read."""

    def chunk(ordinal: int) -> bytes:
        with tenancy.as_tenant(organisation_id) as connection:
            row = connection.execute(
                "select content from app.upload_chunk where upload_id = %s and ordinal = %s",
                [file.id, ordinal],
            ).fetchone()
        _check_kept(row)
        return cast("bytes", row["content"]) if row else b""

    return cast("BinaryIO", io.BufferedReader(StoredFile(file.size_bytes, chunk), CHUNK_BYTES))


def save(connection: Connection, upload_id: int, mode: str, said: Mapping[str, Any]) -> None:
    """Keep how a draft is to be read."""
    database.run(
        connection, "web/wizard/save_settings", upload_id=upload_id, mode=mode, settings=Jsonb(dict(said))
    )


def confirm(
    connection: Connection,
    entity: Entity,
    file: WizardFile,
    *,
    person: str,
    allowances: Mapping[str, bool],
    now: datetime,
    headers: Sequence[str] = (),
) -> None:
    """Make the draft wait and ask for its import, once however often it is confirmed.

    What was said of a file with `headers` is kept for later ones of its kind; `allowances` are kept with the
    file, for other files may wait for the same import. Raises the gate's refusal; the transaction of the
    caller must then be undone.
    """
    said = {**chosen(entity, file.settings), **allowances}
    row = database.run(
        connection,
        "web/wizard/confirm_draft",
        upload_id=file.id,
        entity_id=entity.id,
        settings=Jsonb(said),
    ).fetchone()
    if row is None:
        return
    kept = kept_for_others(file.settings, headers)
    if kept:
        entities.change_entity(connection, entity.key, {"settings": kept})
    requests.request(connection, entity.key, trigger=Trigger.FILE, requested_by=person, now=now)


def reopen(connection: Connection, entity: Entity, upload_id: int) -> None:
    """Make a refused file a draft again; any other stays as it is."""
    database.run(connection, "web/wizard/reopen_refused", upload_id=upload_id, entity_id=entity.id)


def findings(connection: Connection, file: WizardFile) -> list[Finding]:
    """What was found in a file by its import, the first hundred."""
    rows = database.run(connection, "web/wizard/findings", import_id=file.import_id, upload_id=file.id)
    return [of_record(row) for row in rows]


def figures(connection: Connection, entity: Entity, file: WizardFile) -> list[Finding]:
    """What was found about the figures that the import of a file made."""
    rows = database.run(connection, "web/wizard/figures", import_id=file.import_id, entity_id=entity.id)
    return figure_findings(rows)


def _check_kept(row: object) -> None:
    if row is None:
        raise DraftGone
