"""Dagster's own storage: dagster-postgres, beside the books, told where without any variable set."""

import os
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

import psycopg2  # type: ignore[import-untyped]  # it tells no types
from dagster import DagsterInstance, Field
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._serdes import ConfigurableClassData
from dagster_postgres import PostgresRunStorage, PostgresScheduleStorage
from dagster_postgres.storage import DagsterPostgresStorage
from dagster_postgres.utils import create_pg_engine, set_pg_statement_timeout
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from monitr_pipelines import settings
from monitr_pipelines.dagster_events import EventsInFewWrites
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

STATEMENT_MILLISECONDS = 60_000
POOL_RECYCLE_SECONDS = 600
MOST_CONNECTIONS = 60
# Of an idle process; a run that does one thing after another uses two or three.
KEPT_CONNECTIONS = 3
# A pooler that was restarted has ended its connections. One that was used a moment ago is believed.
BELIEVED_SECONDS = 1
# Dagster gives what a run plans to its storage as one then.
BATCHES = {"DAGSTER_EVENT_BATCH_SIZE": "100"}
# What each part looks for before it makes its own.
NAMES = ["runs", "instance_info", "event_logs", "jobs"]
TABLES = "select bool_and(to_regclass(name) is not null) from unnest(cast(:names as text[])) as name"


def end_connections(instance: DagsterInstance) -> None:
    """End the connections that the storage of an instance keeps, which outlive the instance's own end."""
    for part in (instance.run_storage, instance.event_log_storage, instance.schedule_storage):
        part._engine.dispose()  # type: ignore[union-attr]  # noqa: SLF001 - Dagster offers no other way


def delete_runs(instance: DagsterInstance, run_ids: Sequence[str]) -> None:
    """Delete runs with all that Dagster keeps of them: output, checks, events.

    The rows of the runs go last: whatever ends it midway, it is found again and gone on with.
    """
    checks = AssetCheckExecutionsTable
    with instance.event_log_storage.index_connection() as connection:  # type: ignore[attr-defined]
        connection.execute(checks.delete().where(checks.c.run_id.in_(run_ids)))
    for run_id in run_ids:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        instance.event_log_storage.delete_events(run_id)
        instance.run_storage.delete_run(run_id)


class Prepared:
    """A part whose connections are the webserver's too.

    Dagster would make others there, and limit the statements of each session: behind a pooler that session
    is the next client's, an import's perhaps.
    """

    def optimize_for_webserver(self, statement_timeout: int, pool_recycle: int, max_overflow: int) -> None:
        """Keep the connections as they are: they are kept, renewed and limited already."""


class Schedules(Prepared, PostgresScheduleStorage):
    """Dagster's schedules and sensors."""


class Events(Prepared, EventsInFewWrites):
    """Dagster's events."""


class Runs(Prepared, PostgresRunStorage):
    """Dagster's runs; which columns their table has is asked once, not with every run."""

    @cached_property
    def _has_columns(self) -> bool:
        return super().has_run_stats_index_cols() and super().has_backfill_id_column()

    def has_run_stats_index_cols(self) -> bool:
        """Whether the table tells when runs began and ended; it does, unless Dagster's is an old one."""
        return self._has_columns or super().has_run_stats_index_cols()

    def has_backfill_id_column(self) -> bool:
        """Whether the table tells of which backfill a run is."""
        return self._has_columns or super().has_backfill_id_column()


class BesideTheBooks(DagsterPostgresStorage):
    """PostgreSQL storage in a database of its own on the server that holds the books.

    The driver is named, because SQLAlchemy 2.1 reads a plain `postgresql://` as psycopg 3, which
    dagster-postgres does not use. Connections are kept and shared: by default every statement makes a new
    one, about two hundred a run. Events are written as `dagster_events` does.
    """

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        """No settings: the address is the books' own."""
        return {}

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData | None,
        config_value: Mapping[str, Any],  # noqa: ARG003 - there are none
    ) -> Self:
        """Connect, or say how to start the server that does not answer."""
        pooled = settings.pooled_dagster_database_url()
        address = make_url(pooled or database.dagster_url()).set(drivername="postgresql+psycopg2")
        url = address.render_as_string(hide_password=False)
        engine = _engine(url, behind_pooler=pooled is not None)
        storage = cls(postgres_url=url, should_autocreate_tables=not _has_tables(engine), inst_data=inst_data)
        storage._event_log_storage = Events(url)
        storage._run_storage = Runs(url, should_autocreate_tables=False)
        storage._schedule_storage = Schedules(url, should_autocreate_tables=False)
        os.environ.update(BATCHES)
        for part in (storage.run_storage, storage.event_log_storage, storage.schedule_storage):
            part._engine = engine  # type: ignore[union-attr]  # noqa: SLF001 - Dagster makes one for each
        return storage


def _engine(url: str, *, behind_pooler: bool) -> Engine:
    """Connections for all three parts: what one of them used last serves the next of the others.

    A pooler sets the time-out: set here, it would be that of others too.
    """
    engine = create_pg_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=KEPT_CONNECTIONS,
        max_overflow=MOST_CONNECTIONS - KEPT_CONNECTIONS,
        pool_recycle=POOL_RECYCLE_SECONDS,
        connect_args={"connect_timeout": database.CONNECT_SECONDS},
    )
    if behind_pooler:
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _ask_the_idle)
    else:
        event.listen(engine, "connect", _limit_statements)
    return engine


def _note_use(_: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _ask_the_idle(connection: Any, record: ConnectionPoolEntry, _: object) -> None:  # noqa: ANN401 - the driver's own
    """Whether a connection that was not used for a while still is one; else the pool makes another.

    SQLAlchemy's own way asks before each statement, which doubles what passes through the pooler.
    """
    if time.monotonic() - record.info.get("used", time.monotonic()) < BELIEVED_SECONDS:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except psycopg2.Error as problem:
        raise DisconnectionError("the pooler has ended it") from problem


def _limit_statements(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own
    set_pg_statement_timeout(connection, STATEMENT_MILLISECONDS)


def _has_tables(engine: Engine) -> bool:
    """Whether Dagster's tables are there: it looks three times, by reading what all tables are called."""
    try:
        with engine.connect() as connection:
            return bool(connection.execute(text(TABLES), {"names": NAMES}).scalar_one())
    except OperationalError as error:
        raise ServerNotRunning(
            "Dagster's PostgreSQL does not answer. Start it with `monitr up`, "
            f"or set MONITR_DATABASE_URL. The server said: {str(error.orig).strip()}"
        ) from None
