"""Alerts in a thread of their own, beside whatever must not wait for a mail server."""

import logging
import threading

import psycopg

from monitr_pipelines.alerts.delivery import deliver
from monitr_pipelines.alerts.watching import watch
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

ROUND_SECONDS = 10

log = logging.getLogger(__name__)


def start(ended: threading.Event) -> threading.Thread:
    """Watch and deliver every ten seconds until the event is set; what goes wrong is logged, not raised."""
    thread = threading.Thread(target=_run, args=[ended], name="alerts", daemon=True)
    thread.start()
    return thread


def _run(ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            with database.connect(autocommit=True) as connection:
                while not ended.is_set():
                    watch(connection)
                    deliver(connection)
                    ended.wait(ROUND_SECONDS)
        except (psycopg.OperationalError, ServerNotRunning) as problem:
            log.warning("alerts: the database does not answer: %s", str(problem).splitlines()[0])
        except Exception:
            log.exception("alerts: a round failed")
        ended.wait(ROUND_SECONDS)
