"""Connections to the database that holds the books.

psycopg for what the loader and the marts do in their own transactions; a SQLAlchemy engine, with its
pool, for reads.
"""

import os
from functools import lru_cache
from typing import Any, LiteralString

import psycopg
from psycopg.rows import DictRow, dict_row
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from monitr_pipelines import settings
from monitr_pipelines.warehouse.embedded import ServerNotRunning, cluster_of, ensure_running

BOOKS = "monitr"
DAGSTER = "dagster"
CONNECT_SECONDS = 10
SESSION_OPTIONS = {
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "15s",
    "statement_timeout": "1h",
    "timezone": "UTC",
    "work_mem": "128MB",
    "temp_buffers": "64MB",
}
# Someone waits for the answer: nothing of the web process may take long.
WEB_SESSION_OPTIONS = {
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "30s",
    "statement_timeout": "10s",
    "timezone": "UTC",
}


def url() -> str:
    """The address of the books: `MONITR_DATABASE_URL`, or else the embedded server's."""
    return os.environ.get(settings.DATABASE_URL) or cluster_of(settings.home()).url(BOOKS)


def web_url() -> str:
    """The address of the books for the web process: `MONITR_WEB_DATABASE_URL`, or else that of the books."""
    return os.environ.get(settings.WEB_DATABASE_URL) or url()


def dagster_url() -> str:
    """The address of Dagster's own storage: beside the books, in a database of its own."""
    given = os.environ.get(settings.DAGSTER_DATABASE_URL)
    return given or make_url(url()).set(database=DAGSTER).render_as_string(hide_password=False)


def start_server() -> bool:
    """Make sure that a server answers; tells whether the embedded one was started here."""
    started = False
    if not os.environ.get(settings.DATABASE_URL):
        _, started = ensure_running(settings.home())
    _create_missing(url())
    _create_missing(dagster_url())
    return started


def connect(*, autocommit: bool = False) -> psycopg.Connection[DictRow]:
    """A connection with time-outs; raises ServerNotRunning with the command that starts the server."""
    options = " ".join(f"-c {name}={value}" for name, value in SESSION_OPTIONS.items())
    try:
        return psycopg.connect(
            url(),
            autocommit=autocommit,
            row_factory=dict_row,
            connect_timeout=CONNECT_SECONDS,
            application_name="monitr",
            options=options,
        )
    except psycopg.OperationalError as error:
        raise ServerNotRunning(
            "PostgreSQL does not answer. Start it with `monitr up` (or `monitr migrate`), "
            f"or set {settings.DATABASE_URL}. The server said: {str(error).strip()}"
        ) from error


@lru_cache(maxsize=4)
def _engine(address: str) -> Engine:
    return create_engine(
        make_url(address).set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=2
    )


def read(query: str, **parameters: object) -> list[dict[str, Any]]:
    """Rows of a named query of `sql/queries`; its parameters are written `:name` there."""
    statement = (settings.SQL_ROOT / "queries" / f"{query}.sql").read_text()
    with _engine(url()).connect() as connection:
        return [dict(row) for row in connection.execute(text(statement), parameters).mappings()]


def close_pool() -> None:
    """Close the connections that reads left open."""
    _engine(url()).dispose()


@lru_cache(maxsize=128)
def statement(path: str) -> LiteralString:
    """The text of a file below `sql/`; parameters are written `%(name)s` there."""
    return (settings.SQL_ROOT / path).read_text()


def _create_missing(address: str) -> None:
    target = make_url(address)
    maintenance = target.set(database="postgres").render_as_string(hide_password=False)
    try:
        psycopg.connect(address, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as refusal:
        try:
            with psycopg.connect(maintenance, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
                name = psycopg.sql.Identifier(target.database or BOOKS)
                connection.execute(psycopg.sql.SQL("create database {}").format(name))
        except psycopg.errors.DuplicateDatabase:
            pass
        except psycopg.Error:
            raise ServerNotRunning(f"cannot reach database {target.database}: {refusal}") from refusal
