"""The gate as the database knows its facts: asked when an import is requested, and again when it starts."""

from datetime import UTC, datetime

from psycopg.rows import DictRow

from monitr_pipelines.lifecycle.eligibility import Facts, Missing, refusal
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


def lock_entity(connection: Connection, entity_key: str) -> DictRow:
    """The facts of an entity, which is locked until the transaction ends; EntityGone where it is none."""
    locked = database.run(connection, "queue/lock_entity", key=entity_key).fetchone()
    facts = locked and database.run(connection, "queue/entity_facts", entity_id=locked["id"]).fetchone()
    if not facts:
        raise EntityGone(f"There is no entity {entity_key!r}.", code="unknown_entity")
    return facts


def pass_gate(entity: DictRow, trigger: Trigger, now: datetime | None) -> None:
    """Raise the gate's refusal of an entity whose facts were locked."""
    facts = Facts(
        status=entity["status"],
        subscription=entity["subscription"],
        connection=entity["connection"],
        running=entity["running"],
        subscription_read_at=entity["subscription_read_at"],
        failed_at=entity["failed_at"],
        missing=Missing(entity["missing"]) if entity["missing"] else None,
    )
    problem = refusal(facts, trigger=trigger, now=now or datetime.now(UTC))
    if problem:
        raise problem
