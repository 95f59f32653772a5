"""Imports whose worker was lost are asked for once more, where there are many workers to lose."""

import logging
from datetime import timedelta

from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.imports import ImportMode, Trigger
from monitr_pipelines.logs import about_import
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

RECENT = timedelta(minutes=15)
A_ROUND = 20
ASKED_BY = "reconciler"

log = logging.getLogger(__name__)


def ask_again(connection: Connection) -> None:
    """Request an import for each entity whose last one lost its worker, unless that was such a request."""
    lost = database.run(connection, "reconciler/lost", again=Trigger.AGAIN, recent=RECENT, most=A_ROUND)
    for row in lost.fetchall():
        with about_import(row["import_id"]):
            try:
                made = requests.request(
                    connection,
                    row["entity_key"],
                    trigger=Trigger.AGAIN,
                    requested_by=ASKED_BY,
                    mode=ImportMode(row["mode"]),
                    options=row["options"],
                )
            except ImportProblem as refused:
                log.debug("%s is not asked for again: %s", row["entity_key"], refused.code)
            else:
                log.warning("%s lost its worker; import %d is asked for", row["entity_key"], made)
