"""Numbered SQL files, applied once each, in order, forward only.

One process at a time holds an advisory lock. Each file commits together with its checksum; a file
that was edited after it had been applied is an error, because databases would differ from then on.
"""

import hashlib
from pathlib import Path

import psycopg
from psycopg.rows import DictRow

from monitr_pipelines import settings
from monitr_pipelines.warehouse import database, structures

MIGRATION_LOCK = 7_305_231_186
HISTORY = """
create schema if not exists app;
create table if not exists app.migration (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default now()
)
"""


class MigrationEdited(Exception):
    """An applied migration no longer reads as it did when it was applied."""


def migrate(folder: Path | None = None) -> list[str]:
    """Bring the database up to date; returns the names of the files that were applied now."""
    with database.connect(autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        connection.execute(HISTORY)
        applied = _apply_new_files(connection, folder or settings.SQL_ROOT / "migrations")
        structures.synchronise(connection)
    return applied


def _apply_new_files(connection: psycopg.Connection[DictRow], folder: Path) -> list[str]:
    rows = connection.execute("select name, checksum from app.migration").fetchall()
    known = {row["name"]: row["checksum"] for row in rows}
    files = {file.name: file.read_text() for file in sorted(folder.glob("[0-9]*.sql"))}
    for name in known.keys() - files.keys():
        raise MigrationEdited(f"{name} was applied to this database, but is not in {folder}")
    applied = []
    for name, text in files.items():
        checksum = hashlib.sha256(text.encode()).hexdigest()
        if known.get(name, checksum) != checksum:
            raise MigrationEdited(f"{name} was edited after it had been applied; write a new file instead")
        if name not in known:
            with connection.transaction():
                connection.execute(text)
                connection.execute(
                    "insert into app.migration (name, checksum) values (%s, %s)", [name, checksum]
                )
            applied.append(name)
    return applied
