"""Numbered SQL files, applied once each, in order, forward only.

One process at a time: a transaction of its own locks the history, in a mode for which the right to read it
is not enough. Each file commits together with its checksum; a file that was edited after it had been applied
is an error, because databases would differ from then on.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg.rows import DictRow

from monitr_pipelines import shipped
from monitr_pipelines.warehouse.reports import structures
from monitr_pipelines.warehouse.server import database, roles
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

OLDEST_SERVER = 170_000  # the oldest that migrations, imports and reports were tried on
MOST_MAKERS = 10  # processes that make the history of an empty database at once
MADE_MEANWHILE = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.DuplicateSchema,
    psycopg.errors.DuplicateTable,
)
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
        _make_history(connection)
        with _alone():
            roles.create(connection)
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


def pending(connection: psycopg.Connection[DictRow]) -> list[str]:
    """The files that are still to be applied; MigrationEdited where the history and the files contradict."""
    row = connection.execute("select to_regclass('app.migration') as history").fetchone()
    known = _known(connection) if row and row["history"] else {}
    return [name for name, _ in _new_files(known, shipped.SQL / "migrations")]


def _make_history(connection: psycopg.Connection[DictRow]) -> None:
    """PostgreSQL lets two sessions make the same thing only one after the other: the later one fails once."""
    for _ in range(MOST_MAKERS):
        with suppress(*MADE_MEANWHILE):
            connection.execute(HISTORY)
            return
    connection.execute(HISTORY)


@contextmanager
def _alone() -> Iterator[None]:
    """Nobody else migrates until the block ends, or this process does."""
    with database.connect_as_owner() as guard, guard.transaction():
        guard.execute("set local idle_in_transaction_session_timeout = 0")
        guard.execute("lock table app.migration in share update exclusive mode")
        yield


def _apply_new_files(connection: psycopg.Connection[DictRow], folder: Path) -> list[str]:
    applied = []
    for name, text in _new_files(_known(connection), folder):
        with connection.transaction():
            connection.execute(text)
            connection.execute(
                "insert into app.migration (name, checksum) values (%s, %s)", [name, _checksum(text)]
            )
        applied.append(name)
    return applied


def _known(connection: psycopg.Connection[DictRow]) -> dict[str, str]:
    rows = connection.execute("select name, checksum from app.migration").fetchall()
    return {row["name"]: row["checksum"] for row in rows}


def _new_files(known: dict[str, str], folder: Path) -> list[tuple[str, str]]:
    """Names and texts of the files that are not known, once those that are were compared."""
    files = {file.name: file.read_text() for file in sorted(folder.glob("[0-9]*.sql"))}
    for name in known.keys() - files.keys():
        raise MigrationEdited(f"{name} was applied to this database, but is not in {folder}")
    for name, checksum in known.items():
        if checksum != _checksum(files[name]):
            raise MigrationEdited(f"{name} was edited after it had been applied; write a new file instead")
    return [(name, text) for name, text in files.items() if name not in known]


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
