"""Connections that nobody uses for weeks: tried out in time, so that their credentials do not end of it.

An entity that is not imported, such as one of a lapsed subscription, would otherwise have to be connected
again when it comes back.
"""

import logging
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg

from monitr_pipelines import providers
from monitr_pipelines.importing.ports import ports_of
from monitr_pipelines.lifecycle.errors import ImportProblem, ReconnectNeeded
from monitr_pipelines.providers.contract import Provider
from monitr_pipelines.warehouse.registry import connections
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

LOOK_EVERY = timedelta(hours=1)
# A connection that is down when it is tried out has as many days left as there are beyond this share.
SHARE = 3
# At most: whatever happens, no connection is tried out more often.
PAUSE = timedelta(days=1)
CONNECTIONS_A_LOOK = 100

log = logging.getLogger(__name__)


def start(ended: threading.Event) -> threading.Thread:
    """Look every hour until the event is set; what goes wrong is logged, not raised."""
    thread = threading.Thread(target=_run, args=[ended], name="keep-alive", daemon=True)
    thread.start()
    return thread


def look() -> int:
    """Try out every connection that rested for a third of the time that it may; returns how many did.

    Those whose credentials ended all the same need a person, and say so.
    """
    tried = 0
    for name in providers.connectors():
        provider = providers.find(name)
        if provider.longest_rest is None:
            continue
        for connection_id in _claimed(provider, provider.longest_rest / SHARE):
            _try_out(provider, connection_id)
            tried += 1
    return tried


def _claimed(provider: Provider, rest: timedelta) -> list[int]:
    with database.connect(autocommit=True) as connection:
        return connections.claim_resting(
            connection, provider.name, rest=rest, pause=PAUSE, most=CONNECTIONS_A_LOOK
        )


def _try_out(provider: Provider, connection_id: int) -> None:
    tried_at = datetime.now(UTC)
    try:
        with closing(provider.connect(None, ports_of(connection_id, provider.name))) as source:
            source.check()
    except ReconnectNeeded as problem:
        log.warning("connection %d of %s has ended: %s", connection_id, provider.name, problem.detail)
        with database.connect(autocommit=True) as connection:
            connections.mark_reconnect_needed(connection, connection_id, tried_at=tried_at)
    except ImportProblem as problem:
        log.warning(
            "connection %d of %s could not be tried out: %s", connection_id, provider.name, problem.code
        )
    else:
        log.info("connection %d of %s was tried out after a rest", connection_id, provider.name)


def _run(ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            look()
        except (psycopg.OperationalError, ServerNotRunning) as problem:
            log.warning("the database does not answer: %s", str(problem).splitlines()[0])
        except Exception:
            log.exception("a look at resting connections failed")
        ended.wait(LOOK_EVERY.total_seconds())
