"""Numbered SQL files, applied once each, in order, forward only.

One process at a time holds an advisory lock. Each file commits together with its checksum; a file
that was edited after it had been applied is an error, because databases would differ from then on.
"""

import hashlib
from pathlib import Path

import psycopg
from psycopg.rows import DictRow

from monitr_pipelines import shipped
from monitr_pipelines.warehouse.reports import structures
from monitr_pipelines.warehouse.server import database, roles
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

OLDEST_SERVER = 170_000  # the first with MERGE ... WHEN NOT MATCHED BY SOURCE
MIGRATION_LOCK = 7_305_231_186
HISTORY = """
create schema if not exists app;
create table if not exists app.migration (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default now()
)
"""


class NotMigrated(Exception):
    """The database lacks migrations that the program needs."""


class MigrationEdited(NotMigrated):
    """An applied migration no longer reads as it did when it was applied."""


def migrate(folder: Path | None = None) -> list[str]:
    """Bring the database up to date; returns the names of the files that were applied now."""
    with database.connect_as_owner(autocommit=True) as connection:
        if connection.info.server_version < OLDEST_SERVER:
            found = connection.info.parameter_status("server_version")
            raise ServerNotRunning(f"PostgreSQL 17 or newer is needed; the server is {found}.")
        connection.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        roles.create(connection)
        connection.execute(HISTORY)
        applied = _apply_new_files(connection, folder or shipped.SQL / "migrations")
        roles.grant(connection)
        structures.synchronise(connection)
    return applied


def require_current() -> None:
    """Raise NotMigrated unless every file was applied: somebody else's database is not changed unasked."""
    with database.connect(autocommit=True) as connection:
        row = connection.execute("select to_regclass('app.migration') as history").fetchone()
        applied = set()
        if row and row["history"]:
            applied = {row["name"] for row in connection.execute("select name from app.migration")}
    if {file.name for file in (shipped.SQL / "migrations").glob("[0-9]*.sql")} - applied:
        raise NotMigrated("the database is not up to date; run `monitr migrate`")


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
