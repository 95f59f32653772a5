"""From what is recorded to alerts and their messages, in one transaction."""

import logging
from datetime import UTC, datetime

from psycopg.rows import DictRow

from monitr_pipelines.alerts import outbox
from monitr_pipelines.alerts.decision import Ended, Freshness, Trouble, decide
from monitr_pipelines.lifecycle.eligibility import PAYING
from monitr_pipelines.lifecycle.freshness import ASKED_LATELY, FRESH_FOR
from monitr_pipelines.logs import about_import
from monitr_pipelines.warehouse.server import database, turns
from monitr_pipelines.warehouse.server.database import Connection

LOOKED_AT = 20
GLANCED_AT = 3
ALERTS_TURN = "alerts"

log = logging.getLogger(__name__)


def watch(connection: Connection, now: datetime | None = None) -> None:
    """Open and close alerts by the present facts; `now` is aware. One process at a time, others pass by."""
    now = now or datetime.now(UTC)
    with connection.transaction():
        if not turns.is_free(connection, ALERTS_TURN):
            return
        rows = database.run(
            connection,
            "alerts/situations",
            fresh_after=now - FRESH_FOR,
            asked_after=now - ASKED_LATELY,
            paying=sorted(PAYING),
            looked_at=LOOKED_AT,
            glanced_at=GLANCED_AT,
        ).fetchall()
        for row in rows:
            _apply(connection, row, now)


def _apply(connection: Connection, row: DictRow, now: datetime) -> None:
    told = Trouble(row["alert_cause"], "", row["alert_since"]) if row["alert_id"] else None
    decision = decide(
        [_ended(found) for found in row["ended"]],
        Freshness(late=row["late"], fresh=row["fresh"], awaited=row["awaited"]),
        told,
        deleted=row["deleted"],
    )
    if decision.closes:
        outbox.close_alert(connection, row["alert_id"], recovered=decision.recovered, now=now)
        log.info("entity %s: %s is over", row["entity_id"], row["alert_cause"])
    if decision.opens:
        outbox.open_alert(connection, row["organisation_id"], row["entity_id"], decision.opens, now=now)
        with about_import(decision.opens.import_id):
            log.info("entity %s: %s", row["entity_id"], decision.opens.cause)


def _ended(found: DictRow) -> Ended:
    return Ended(found["import_id"], datetime.fromisoformat(found["at"]), found["code"], found["message"])
