"""Reading again what connections see: when someone asks for it, and where an entity was not found.

The web process cannot read credentials, so it asks (`administrations_asked_at`); this runs in the process of
the reconciler. An entity that was not found and is there again is active from then on.
"""

import logging
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import psycopg

from monitr_pipelines import providers
from monitr_pipelines.importing import connecting
from monitr_pipelines.lifecycle.errors import ImportProblem, ReconnectNeeded
from monitr_pipelines.warehouse.registry import administrations
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

PAUSE_SECONDS = 2
# How often an administration that was not found is looked for, and what failed is tried again.
LOOK_EVERY = timedelta(hours=1)

log = logging.getLogger(__name__)


def look(connection: Connection) -> list[str]:
    """Read the lists of administrations that are due, one connection after another.

    Returns:
        The keys of entities that were not found and are active again.
    """
    due = database.run(
        connection,
        "registry/lists_to_read",
        every=LOOK_EVERY,
        connectors=list(providers.connectors()),
    ).fetchall()
    return [key for row in due for key in _look_at(connection, row)]


def start(ended: threading.Event) -> threading.Thread:
    """Look every two seconds until the event is set; what goes wrong is logged, not raised."""
    thread = threading.Thread(target=_run, args=[ended], name="administrations", daemon=True)
    thread.start()
    return thread


def _look_at(connection: Connection, due: Mapping[str, Any]) -> list[str]:
    number, refused = due["id"], False
    try:
        found = administrations.keep(connection, number, connecting.administrations(due["provider"], number))
    except ImportProblem as problem:
        log.warning("administrations of connection %s: %s", number, problem.code)
        refused = isinstance(problem, ReconnectNeeded)
    except psycopg.OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - of a connector; its text may quote what was sent
        log.warning("administrations of connection %s: %s", number, type(error).__name__)
    else:
        for key in found:
            log.info("the administration of %s was found again", key)
        return found
    database.run(
        connection,
        "registry/list_unread",
        connection_id=number,
        connected_at=due["connected_at"],
        reconnect=refused,
    )
    return []


def _run(ended: threading.Event) -> None:
    while not ended.wait(PAUSE_SECONDS):
        try:
            with database.connect(autocommit=True) as connection:
                look(connection)
        except (psycopg.OperationalError, ServerNotRunning) as problem:
            log.warning("administrations: the database does not answer: %s", str(problem).splitlines()[0])
        except Exception:
            log.exception("administrations: a look failed")
