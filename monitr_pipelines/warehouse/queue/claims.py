"""A run takes its import: at most one is started per entity, under a lease that its owner renews."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import DictRow

from monitr_pipelines.lifecycle.errors import ImportProblem, OurFault, Refused
from monitr_pipelines.lifecycle.imports import ImportMode, Outcome, Trigger
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.queue import lease
from monitr_pipelines.warehouse.queue.error_columns import error_columns
from monitr_pipelines.warehouse.queue.gate import lock_entity, pass_gate
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class Claim:
    """An import that this process owns until its lease runs out."""

    import_id: int
    entity_id: int
    entity_key: str
    run_id: str
    mode: ImportMode
    options: Mapping[str, Any]


def claim(
    connection: Connection,
    entity_key: str,
    *,
    run_id: str,
    import_id: int | None,
    trigger: Trigger,
    once: bool = False,
    now: datetime | None = None,
) -> Claim:
    """Take the requested import for a run, or write a new one where there is none to take.

    A request that has ended or was taken before makes no new one with `once`: Refused then, as it is
    for a run that was queued for an import that was canceled meanwhile. Raises the gate's refusal; an
    import that waited for this run is canceled then.
    """
    problem: ImportProblem | None = None
    with connection.transaction():
        entity = lock_entity(connection, entity_key)
        expire_lost(connection, entity["id"])
        if once:
            _refuse_settled(connection, entity["id"], import_id)
        try:
            pass_gate(entity, _judged_as(connection, entity["id"], import_id) or trigger, now)
        except ImportProblem as refused:
            problem = refused
            _cancel(connection, entity["id"], import_id, refused)
        else:
            row = _claim(connection, entity, run_id, import_id, trigger)
    if problem:
        raise problem
    name_session(connection, run_id)
    mode = ImportMode(row["mode"])
    return Claim(row["id"], entity["id"], entity_key, run_id, mode, row["options"])


def name_session(connection: Connection, run_id: str) -> None:
    """Say whose session it is, so that whoever finds the worker lost can end what it left behind."""
    connection.execute("select set_config('application_name', %s, false)", [f"monitr {run_id}"])


def is_leased(connection: Connection, run_id: str) -> bool:
    """Whether a run has an import, and renews its lease."""
    return database.run(connection, "queue/is_leased", run_id=run_id).fetchone() is not None


def expire_lost(connection: Connection, entity_id: int | None = None) -> None:
    """Fail the imports, of one entity or of all, whose worker no longer renews its lease."""
    lost = OurFault(Message("worker_lost"), code="worker_lost")
    database.run(
        connection,
        "queue/expire_lost",
        entity_id=entity_id,
        outcome=Outcome.FAILED,
        **error_columns(lost),
    )


def _refuse_settled(connection: Connection, entity_id: int, import_id: int | None) -> None:
    settled = connection.execute(
        """
        select from app.import
        where id = %s and entity_id = %s and (run_id is not null or finished_at is not null)
        """,
        [import_id, entity_id],
    ).fetchone()
    if settled is not None:
        raise Refused(
            "This run was queued for an import that has been run or canceled already.", code="request_settled"
        )


def _judged_as(connection: Connection, entity_id: int, import_id: int | None) -> Trigger | None:
    """The trigger of a request; one of the night stays the night's, though a person moved it to the front."""
    row = connection.execute(
        """
        select case when tick is null then trigger else %s end as judged_as
        from app.import where id = %s and entity_id = %s and started_at is null
        """,
        [Trigger.SCHEDULED, import_id, entity_id],
    ).fetchone()
    return Trigger(row["judged_as"]) if row else None


def _claim(
    connection: Connection, entity: DictRow, run_id: str, import_id: int | None, trigger: Trigger
) -> DictRow:
    parameters = {
        "entity_id": entity["id"],
        "run_id": run_id,
        "lease": lease.LEASE,
        "trigger": trigger,
        "mode": ImportMode.INCREMENTAL if entity["fetched_since_reset"] else ImportMode.FULL,
    }
    try:
        row = database.run(
            connection, "queue/claim_waiting", **(parameters | {"import_id": import_id})
        ).fetchone()
        if row is None:
            row = database.run(connection, "queue/claim_new", **parameters).fetchone()
    except psycopg.errors.UniqueViolation:
        raise Refused("This run has had its import already.", code="run_spent") from None
    if row is None:
        raise OurFault(detail="claim_new returned no row")
    return row


def _cancel(connection: Connection, entity_id: int, import_id: int | None, refused: ImportProblem) -> None:
    if import_id is not None and refused.code != "already_running":
        database.run(
            connection,
            "queue/cancel_waiting",
            import_id=import_id,
            entity_id=entity_id,
            outcome=Outcome.CANCELED,
            **error_columns(refused),
        )
