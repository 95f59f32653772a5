"""The rounds of the reconciler: at once when an import changes, and every second at the latest."""

import logging
import time

import dagster as dg
import psycopg
import sqlalchemy.exc

from monitr_pipelines import settings
from monitr_pipelines.importing.spool import folder
from monitr_pipelines.reconciler.again import ask_again
from monitr_pipelines.reconciler.launching import Launching
from monitr_pipelines.reconciler.night import write_nights
from monitr_pipelines.reconciler.orphans import end_orphans
from monitr_pipelines.warehouse.server import database, turns
from monitr_pipelines.warehouse.server.database import CHANNEL, Connection
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

SESSION_NAME = "monitr reconciler"
RECONCILER_TURN = "reconciler"
ROUND_SECONDS = 1
# What comes so soon after a round waits for what else comes: while a night runs there is always news.
REST_SECONDS = 0.25
LONGEST_PAUSE = 10
TIDYING_SECONDS = 60 * 60
UNREACHABLE = (psycopg.OperationalError, sqlalchemy.exc.OperationalError, ServerNotRunning)

log = logging.getLogger(__name__)


def run_for_ever() -> None:
    """Reconcile until the process is ended; what goes wrong is logged, and tried again a little later."""
    failures = 0
    while True:
        began = time.monotonic()
        try:
            with (
                database.connect_directly(autocommit=True) as connection,
                dg.DagsterInstance.get() as instance,
            ):
                _reconcile(connection, instance)
        except UNREACHABLE as problem:
            log.warning("the database does not answer: %s", str(problem).splitlines()[0])
        except Exception:
            log.exception("a round failed")
        failures = 0 if time.monotonic() - began > LONGEST_PAUSE else failures + 1
        time.sleep(min(failures, LONGEST_PAUSE))


def _reconcile(connection: Connection, instance: dg.DagsterInstance) -> None:
    """Wait until no other reconciler works, then make rounds for as long as the connection lives.

    Both need a session of their own: not one that a pooler shares between transactions.
    """
    connection.execute("select set_config('application_name', %s, false)", [SESSION_NAME])
    while not turns.hold(connection, RECONCILER_TURN):
        log.debug("another reconciler works")
        time.sleep(ROUND_SECONDS)
    connection.execute(f"listen {CHANNEL}")
    log.info("at work")
    launching = Launching(connection, instance)
    tidy_at = time.monotonic()
    while True:
        if time.monotonic() >= tidy_at:
            database.run(connection, "reconciler/tidy")
            folder.sweep(folder.prepare())
            tidy_at = time.monotonic() + TIDYING_SECONDS
        end_orphans(connection, instance, launching.starts)
        if settings.broker_url():
            ask_again(connection)
        write_nights(connection, instance)
        more = launching.look()
        # After the work: one that fails in every round, and connects again, must not seem alive.
        database.run(connection, "reconciler/beat")
        if not more:
            _wait_for_news(connection)


def _wait_for_news(connection: Connection) -> None:
    """Until an import changes, or a second has passed; news that came together are one."""
    rested = time.monotonic() + REST_SECONDS
    for _ in connection.notifies(timeout=ROUND_SECONDS, stop_after=1):
        pass
    for _ in connection.notifies(timeout=max(0, rested - time.monotonic())):
        pass
