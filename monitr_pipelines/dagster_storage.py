"""Dagster's own storage: dagster-postgres, beside the books, told where without any variable set."""

from collections.abc import Mapping
from typing import Any, Self

import psycopg
from dagster import DagsterInstance, Field
from dagster._serdes import ConfigurableClassData
from dagster_postgres.storage import DagsterPostgresStorage
from dagster_postgres.utils import create_pg_engine
from sqlalchemy.engine import Engine, make_url

from monitr_pipelines import settings
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

STATEMENT_MILLISECONDS = 60_000
POOL_RECYCLE_SECONDS = 600
MOST_CONNECTIONS = 20


def end_connections(instance: DagsterInstance) -> None:
    """End the connections that the storage of an instance keeps, which outlive the instance's own end."""
    for part in (instance.run_storage, instance.event_log_storage, instance.schedule_storage):
        part._engine.dispose()  # type: ignore[union-attr]  # noqa: SLF001 - Dagster offers no other way


def _engine(address: str) -> Engine:
    """Connections to a pooler, kept. The pooler sets the time-out: set here, it would be that of others."""
    return create_pg_engine(
        address,
        None,
        isolation_level="AUTOCOMMIT",
        pool_size=3,
        pool_recycle=POOL_RECYCLE_SECONDS,
        max_overflow=MOST_CONNECTIONS,
        pool_pre_ping=True,
    )


class BesideTheBooks(DagsterPostgresStorage):
    """PostgreSQL storage in a database of its own on the server that holds the books.

    The driver is named, because SQLAlchemy 2.1 reads a plain `postgresql://` as psycopg 3, which
    dagster-postgres does not use. Connections are kept, as the webserver keeps its own: by default every
    statement makes a new one, about two hundred a run.
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
        address = pooled or database.dagster_url()
        try:
            psycopg.connect(address, connect_timeout=database.CONNECT_SECONDS).close()
        except psycopg.OperationalError as error:
            raise ServerNotRunning(
                "Dagster's PostgreSQL does not answer. Start it with `monitr up`, "
                f"or set MONITR_DATABASE_URL. The server said: {str(error).strip()}"
            ) from None
        with_driver = make_url(address).set(drivername="postgresql+psycopg2")
        storage = cls(
            postgres_url=with_driver.render_as_string(hide_password=False),
            should_autocreate_tables=True,
            inst_data=inst_data,
        )
        engine = _engine(storage.postgres_url) if pooled else None
        for part in (storage.run_storage, storage.event_log_storage, storage.schedule_storage):
            if pooled:
                part._engine = engine  # type: ignore[union-attr]  # noqa: SLF001 - Dagster offers no other way
            else:
                part.optimize_for_webserver(STATEMENT_MILLISECONDS, POOL_RECYCLE_SECONDS, MOST_CONNECTIONS)
        return storage
