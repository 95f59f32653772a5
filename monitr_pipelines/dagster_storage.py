"""Dagster's own storage: dagster-postgres, beside the books, told where without any variable set."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import psycopg
from dagster import DagsterInstance, Field
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._serdes import ConfigurableClassData
from dagster_postgres.storage import DagsterPostgresStorage
from sqlalchemy.engine import make_url

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

STATEMENT_MILLISECONDS = 60_000
POOL_RECYCLE_SECONDS = 600
MOST_CONNECTIONS = 20


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
        address = database.dagster_url()
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
        for part in (storage.run_storage, storage.event_log_storage, storage.schedule_storage):
            part.optimize_for_webserver(STATEMENT_MILLISECONDS, POOL_RECYCLE_SECONDS, MOST_CONNECTIONS)
        return storage
