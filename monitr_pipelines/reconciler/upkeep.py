"""What grows is kept small, a little every minute: old runs of Dagster, and the history of imports.

In a thread of its own, so that no import waits for it.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg
import psycopg
import sqlalchemy.exc

from monitr_pipelines import settings
from monitr_pipelines.dagster_storage import delete_runs, end_connections
from monitr_pipelines.warehouse.queue import history
from monitr_pipelines.warehouse.server import database, turns
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

# 144,000 runs a day: seven times those of two nights of ten thousand entities.
PAUSE_SECONDS = 60
RUNS_A_LOOK = 100
UPKEEP_TURN = "upkeep"
FINISHED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
UNREACHABLE = (psycopg.OperationalError, sqlalchemy.exc.OperationalError, ServerNotRunning)

log = logging.getLogger(__name__)


@dataclass
class Upkeep:
    """Where the turn of the entities stands, whose history is looked through."""

    after: int = 0

    def look(self, connection: Connection, instance: dg.DagsterInstance, now: datetime | None = None) -> int:
        """Delete a bounded number of runs and imports; returns how many. One process at a time does."""
        now = now or datetime.now(UTC)
        with connection.transaction():
            if not turns.is_free(connection, UPKEEP_TURN):
                return 0
            runs = delete_old_runs(instance, now - settings.run_time())
            imports, self.after = history.thin(
                connection, before=now - settings.history_time(), after=self.after
            )
        if runs or imports:
            log.info("deleted %d old runs of Dagster and %d old imports", runs, imports)
        return runs + imports


def delete_old_runs(instance: dg.DagsterInstance, before: datetime) -> int:
    """Delete the runs that ended longest ago, with their events; returns how many.

    Each status is asked for by itself: an index leads to its oldest runs, however many there are.

    Args:
        instance: Dagster's.
        before: Aware; runs that changed later stay, and so do those that have not ended.
    """
    deleted = 0
    for status in FINISHED:
        old = instance.get_run_records(
            dg.RunsFilter(statuses=[status], updated_before=before),
            limit=RUNS_A_LOOK - deleted,
            order_by="update_timestamp",
            ascending=True,
        )
        delete_runs(instance, [record.dagster_run.run_id for record in old])
        deleted += len(old)
        if deleted == RUNS_A_LOOK:
            break
    return deleted


def start(ended: threading.Event) -> threading.Thread:
    """Look every minute until the event is set; what goes wrong is logged, not raised."""
    thread = threading.Thread(target=_run, args=[ended], name="upkeep", daemon=True)
    thread.start()
    return thread


def _run(ended: threading.Event) -> None:
    upkeep = Upkeep()
    while not ended.wait(PAUSE_SECONDS):
        try:
            with database.connect(autocommit=True) as connection, dg.DagsterInstance.get() as instance:
                try:
                    upkeep.look(connection, instance)
                finally:
                    end_connections(instance)
        except UNREACHABLE as problem:
            log.warning("upkeep: the database does not answer: %s", str(problem).splitlines()[0])
        except Exception:
            log.exception("upkeep: a look failed")
