"""Connections to the database that holds the books.

psycopg for what the loader and the marts do in their own transactions; a SQLAlchemy engine, with its
pool, for reads.
"""

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any, LiteralString

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from monitr_pipelines import settings, shipped
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning, cluster_of, ensure_running

BOOKS = "monitr"
DAGSTER = "dagster"
IMPORTER = "monitr_importer"
WEB = "monitr_web"
BACKUP = "monitr_backup"
CONNECT_SECONDS = 10
# Where PostgreSQL tells of every visible change of an import, and of whatever else a card shows.
CHANNEL = "monitr_import"
# A server that vanished without a word is noticed within half a minute.
PATIENCE: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
SESSION_OPTIONS = {
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "15s",
    "statement_timeout": "1h",
    "timezone": "UTC",
    "work_mem": "128MB",
    "temp_buffers": "64MB",
}
# Someone waits for the answer: nothing of the web process may take long. It is the web role whoever
# it connects as, so that one address for everything restricts it too.
WEB_SESSION_OPTIONS = {
    "role": WEB,
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "30s",
    "statement_timeout": "10s",
    "timezone": "UTC",
    # A plan for what is asked now: one that was made for a small tenant must not serve a large one.
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
}

# The latter when another process made it at the same moment: PostgreSQL waits until that is done.
ALREADY_MADE = (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation)

Connection = psycopg.Connection[DictRow]
Cursor = psycopg.Cursor[DictRow]


def url() -> str:
    """The address of the books for commands and imports: the pooler's if there is one, else `direct_url`."""
    return settings.pooled_database_url() or direct_url()


def direct_url() -> str:
    """The same without a pooler, for sessions: `MONITR_DATABASE_URL`, or the embedded server's."""
    return settings.database_url() or _embedded_url(IMPORTER)


def owner_url() -> str:
    """The address of the books for migrations: `MONITR_OWNER_DATABASE_URL`, or else that of the books."""
    given = settings.owner_database_url() or settings.database_url()
    return given or cluster_of(settings.home()).url(BOOKS)


def web_url() -> str:
    """The address of the books for the web process: `MONITR_WEB_DATABASE_URL`, or else that of the books."""
    given = settings.web_database_url() or settings.database_url()
    return given or _embedded_url(WEB)


def backup_url() -> str:
    """The address of the books for back-ups: `MONITR_BACKUP_DATABASE_URL`, or else the owner's."""
    given = settings.backup_database_url()
    if given or settings.database_url():
        return given or owner_url()
    return _embedded_url(BACKUP)


def dagster_url() -> str:
    """The address of Dagster's own storage: beside the books, in a database of its own, of the owner."""
    given = settings.dagster_database_url()
    return given or make_url(owner_url()).set(database=DAGSTER).render_as_string(hide_password=False)


def start_server() -> bool:
    """Make sure that a server answers; tells whether the embedded one was started here."""
    started = False
    if not settings.database_url():
        _, started = ensure_running(settings.home())
    _create_missing(owner_url())
    _create_missing(dagster_url())
    return started


def connect(*, autocommit: bool = False) -> psycopg.Connection[DictRow]:
    """A connection with time-outs; raises ServerNotRunning with the command that starts the server."""
    return _connect(url(), autocommit=autocommit, pooled=settings.pooled_database_url() is not None)


def connect_directly(*, autocommit: bool = False) -> psycopg.Connection[DictRow]:
    """A session of its own, past any pooler: for LISTEN, and what is held as long as it lives."""
    return _connect(direct_url(), autocommit=autocommit)


def connect_as_owner(*, autocommit: bool = False) -> psycopg.Connection[DictRow]:
    """A connection that may change the schema: for migrations and what belongs to them."""
    return _connect(owner_url(), autocommit=autocommit)


def _connect(address: str, *, autocommit: bool, pooled: bool = False) -> psycopg.Connection[DictRow]:
    """A pooler sets the options, and gives each transaction another session: nothing is prepared there."""
    options = " ".join(f"-c {name}={value}" for name, value in SESSION_OPTIONS.items())
    session: dict[str, Any] = {"prepare_threshold": None} if pooled else {"options": options}
    try:
        return psycopg.connect(
            address,
            autocommit=autocommit,
            row_factory=dict_row,
            application_name="monitr",
            **session,
            **PATIENCE,
        )
    except psycopg.OperationalError as error:
        raise ServerNotRunning(
            "PostgreSQL does not answer. Start it with `monitr up` (or `monitr migrate`), "
            f"or set MONITR_DATABASE_URL. The server said: {str(error).strip()}"
        ) from error


@lru_cache(maxsize=4)
def _engine(address: str) -> Engine:
    return create_engine(
        make_url(address).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=2,
        connect_args={"prepare_threshold": None} if settings.pooled_database_url() else {},
    )


def read(query: str, **parameters: object) -> list[dict[str, Any]]:
    """Rows of a named query of `sql/queries`; its parameters are written `:name` there."""
    statement = (shipped.SQL / "queries" / f"{query}.sql").read_text()
    with _engine(url()).connect() as connection:
        return [dict(row) for row in connection.execute(text(statement), parameters).mappings()]


def close_pool() -> None:
    """Close the connections that reads left open."""
    _engine(url()).dispose()


def together(connection: Connection) -> AbstractContextManager[object]:
    """The transaction that is under way, or one of its own: what fails in it ends all of it."""
    under_way = connection.info.transaction_status is not TransactionStatus.IDLE
    return nullcontext() if under_way else connection.transaction()


def run(connection: Connection, name: str, /, **parameters: object) -> Cursor:
    """Execute the file `sql/NAME.sql`; parameters are written `%(name)s` there."""
    return connection.execute(statement(f"{name}.sql"), parameters or None)


@lru_cache(maxsize=128)
def statement(path: str) -> LiteralString:
    """The text of a file below `sql/`; parameters are written `%(name)s` there."""
    return (shipped.SQL / path).read_text()


def _embedded_url(role: str) -> str:
    owned = make_url(cluster_of(settings.home()).url(BOOKS))
    return owned.set(username=role).render_as_string(hide_password=False)


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
        except ALREADY_MADE:
            pass
        except psycopg.Error:
            raise ServerNotRunning(f"cannot reach database {target.database}: {refusal}") from refusal
