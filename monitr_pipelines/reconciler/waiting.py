"""The imports that wait, and what the reconciler notes about their launch."""

from collections.abc import Mapping
from datetime import timedelta

from psycopg.types.json import Jsonb

from monitr_pipelines import settings
from monitr_pipelines.lifecycle.errors import ImportProblem, OurFault, Refused
from monitr_pipelines.lifecycle.imports import Outcome
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.reconciler.decisions import Waiting
from monitr_pipelines.warehouse.queue.error_columns import error_columns
from monitr_pipelines.warehouse.queue.requests import BETWEEN_LEVELS
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# Longer than a launch takes, or its time-out: until then nobody else launches the import.
CLAIM_HOLDS = timedelta(seconds=30)
# Among so many that wait, in the order of their turns, those are looked for whose connection has a place.
LOOKED_AT = 500
LOWEST, ABOVE_ALL = -100, 100  # levels
NO_RUN = "Dagster made no run for it; reconciler.log tells what it answered."


def pressing(
    connection: Connection, most: int, ahead: Mapping[str, int], *, from_level: int = LOWEST
) -> list[Waiting]:
    """Imports to launch or to move to the front, in the order of their turns.

    Args:
        connection: Of the reconciler.
        most: How many at most.
        ahead: `Shares.ahead`.
        from_level: Of lower levels (`requests.level_of`) none is to be launched.
    """
    rows = database.run(
        connection,
        "reconciler/pressing",
        claim_holds=CLAIM_HOLDS,
        level=BETWEEN_LEVELS,
        ahead=Jsonb(dict(ahead)),
        from_level=from_level,
        looked_at=LOOKED_AT,
        per_connection=settings.connection_imports(),
        per_provider=settings.provider_imports(),
        most=most,
    )
    return [Waiting(**row) for row in rows]


def others(connection: Connection, most: int, after: int) -> list[Waiting]:
    """Imports whose run is on its way, in turn: those that follow an id, then from the first again."""
    rows = database.run(connection, "reconciler/waiting", claim_holds=CLAIM_HOLDS, after=after, most=most)
    return [Waiting(**row) for row in rows]


def starting(connection: Connection) -> int:
    """How many imports have been launched and not claimed yet, and could be."""
    row = database.run(connection, "reconciler/starting", claim_holds=CLAIM_HOLDS).fetchone()
    return int(row["starting"]) if row else 0


def claim(connection: Connection, waiting: Waiting) -> bool:
    """Say that a launch begins; False where someone else did, or the import no longer waits."""
    row = database.run(
        connection,
        "reconciler/claim_launch",
        import_id=waiting.id,
        entity_id=waiting.entity_id,
        launches=waiting.launches,
        priority=waiting.priority,
    ).fetchone()
    return row is not None


def release(connection: Connection, waiting: Waiting, *, at_once: bool) -> None:
    """Take back a claim whose launch failed: at once, or where a run may still come of it, later."""
    database.run(
        connection,
        "reconciler/release_launch",
        import_id=waiting.id,
        entity_id=waiting.entity_id,
        at_once=at_once,
    )


def follow(connection: Connection, waiting: Waiting, run_id: str) -> None:
    """Note which run is on its way to claim the import, and with which priority."""
    database.run(
        connection,
        "reconciler/note_launch",
        import_id=waiting.id,
        entity_id=waiting.entity_id,
        run_id=run_id,
        priority=waiting.priority,
    )


def cancel(connection: Connection, waiting: Waiting) -> None:
    """End an import whose run a person canceled before it began."""
    detail = "Its run in Dagster was canceled."
    _settle(
        connection, waiting, Outcome.CANCELED, Refused(Message("canceled"), code="canceled", detail=detail)
    )


def give_up(connection: Connection, waiting: Waiting) -> None:
    """Fail an import whose runs all ended before they began with it, or that Dagster makes no run for."""
    last = waiting.launched_run_id
    detail = f"No run began with it; the last was {last}." if last else NO_RUN
    problem = OurFault(Message("launch_failed"), code="launch_failed", detail=detail)
    _settle(connection, waiting, Outcome.FAILED, problem)


def _settle(connection: Connection, waiting: Waiting, outcome: Outcome, problem: ImportProblem) -> None:
    database.run(
        connection,
        "reconciler/settle_waiting",
        import_id=waiting.id,
        entity_id=waiting.entity_id,
        outcome=outcome,
        **error_columns(problem),
    )
