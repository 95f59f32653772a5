"""The life of an import in `app.import`: requested, claimed by a run, finished.

Mutual exclusion is the database's: at most one waiting and one started import per entity, and a
lease that the owner renews. Every dataset commits behind `fence`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from monitr_pipelines.ledger.eligibility import Facts, refusal
from monitr_pipelines.ledger.errors import EntityGone, ImportProblem, LeaseLost, OurFault, Refused
from monitr_pipelines.ledger.findings import SHOWN_FINDINGS, Finding
from monitr_pipelines.warehouse import database

LEASE = timedelta(seconds=10)
# Where PostgreSQL tells of every visible change of an import, and of whatever else a card shows.
CHANNEL = "monitr_import"
# As Dagster orders its queue: people and programs that ask go before the night.
PRIORITIES = {"scheduled": -10, "first": -5, "reactivated": -5}
ASKED = 10

Connection = psycopg.Connection[DictRow]


@dataclass(frozen=True)
class Claim:
    """An import that this process owns until its lease runs out."""

    import_id: int
    entity_id: int
    entity_key: str
    run_id: str
    mode: str
    options: Mapping[str, Any]


def request(
    connection: Connection,
    entity_key: str,
    *,
    trigger: str,
    requested_by: str,
    mode: str = "incremental",
    options: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> int:
    """Ask for an import; returns its id. Raises the gate's refusal, and then nothing is written.

    Works with the rights of the web role too: an entity of another tenant is an unknown one.
    """
    with connection.transaction():
        entity = _lock_entity(connection, entity_key)
        _pass_gate(entity, trigger, now)
        row = connection.execute(
            database.statement("imports/request.sql"),
            {
                "entity_id": entity["id"],
                "trigger": trigger,
                "requested_by": requested_by,
                "mode": mode,
                "options": Jsonb(dict(options or {})),
                "priority": PRIORITIES.get(trigger, ASKED),
            },
        ).fetchone()
    if row is None:
        raise OurFault("The import could not be requested.", detail="imports/request.sql returned no row")
    return int(row["id"])


def launch_here(connection: Connection, import_id: int) -> None:
    """Say that this process will run a request itself, so that the reconciler need not launch it."""
    connection.execute(
        "update app.import set launched_at = clock_timestamp() where id = %s and launched_at is null",
        [import_id],
    )


def claim(
    connection: Connection,
    entity_key: str,
    *,
    run_id: str,
    import_id: int | None,
    trigger: str,
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
        entity = _lock_entity(connection, entity_key)
        expire_lost(connection, entity["id"])
        if once:
            _refuse_settled(connection, entity["id"], import_id)
        try:
            _pass_gate(entity, _judged_as(connection, entity["id"], import_id) or trigger, now)
        except ImportProblem as refused:
            problem = refused
            _cancel(connection, entity["id"], import_id, refused)
        else:
            row = _claim(connection, entity, run_id, import_id, trigger)
    if problem:
        raise problem
    # So that whoever finds this worker lost can end the session that it left behind.
    connection.execute("select set_config('application_name', %s, false)", [f"monitr {run_id}"])
    return Claim(row["id"], entity["id"], entity_key, run_id, row["mode"], row["options"])


def finish(connection: Connection, claimed: Claim, problem: ImportProblem | None) -> bool:
    """Write the outcome; False when the import is no longer this worker's to finish."""
    row = connection.execute(
        database.statement("imports/finish.sql"),
        {
            "import_id": claimed.import_id,
            "run_id": claimed.run_id,
            "outcome": "failed" if problem else "succeeded",
            "error_code": problem.code if problem else None,
            "error_message": problem.message if problem else None,
            "error_detail": (problem.detail or None) if problem else None,
        },
    ).fetchone()
    return row is not None


def renew(connection: Connection, claimed: Claim, *, step: str | None = None, lines_read: int = 0) -> bool:
    """The heartbeat, and how far the import is; False when another took over or the lease ran out.

    `step` is given where another one begins; what is read never becomes less.
    """
    row = connection.execute(
        database.statement("imports/renew_lease.sql"),
        {
            "import_id": claimed.import_id,
            "run_id": claimed.run_id,
            "lease": LEASE,
            "step": step,
            "lines_read": lines_read,
        },
    ).fetchone()
    return row is not None


@contextmanager
def owned_transaction(connection: Connection, claimed: Claim) -> Iterator[None]:
    """A transaction of a worker; LeaseLost where the server ends its session, as it does to the lost."""
    try:
        with connection.transaction():
            yield
    except (psycopg.OperationalError, psycopg.errors.IdleInTransactionSessionTimeout) as error:
        if not connection.closed:
            raise
        raise LeaseLost(
            "The database ended this import, and nothing of it was kept. The next one carries on.",
            code="session_ended",
            detail=f"import {claimed.import_id}: {str(error).splitlines()[0]}",
        ) from None


@dataclass(frozen=True)
class Committed:
    """What a dataset's transaction adds to the import's record."""

    counts: Mapping[str, Any]
    debit: Decimal | None = None
    credit: Decimal | None = None
    raw: bool = False
    marts: bool = False


def fence(connection: Connection, claimed: Claim, committed: Committed) -> None:
    """The last statement of a transaction: LeaseLost unless this worker still owns the import."""
    row = connection.execute(
        database.statement("imports/commit_dataset.sql"),
        {
            "import_id": claimed.import_id,
            "run_id": claimed.run_id,
            "counts": Jsonb(dict(committed.counts)),
            "debit": committed.debit,
            "credit": committed.credit,
            "raw": committed.raw,
            "marts": committed.marts,
        },
    ).fetchone()
    if row is None:
        raise LeaseLost(
            "Another import of this entity took over; this one changed nothing.",
            detail=f"import {claimed.import_id}, run {claimed.run_id}",
        )


def expire_lost(connection: Connection, entity_id: int | None = None) -> None:
    """Fail the imports, of one entity or of all, whose worker no longer renews its lease."""
    connection.execute(database.statement("imports/expire_lost.sql"), {"entity_id": entity_id})


def save_findings(connection: Connection, claimed: Claim, findings: list[Finding]) -> None:
    """Add findings to the import's record; the first hundred of a call."""
    row = connection.execute(
        "select coalesce(max(ordinal), 0) as last from app.finding where import_id = %s", [claimed.import_id]
    ).fetchone()
    last = row["last"] if row else 0
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into app.finding (import_id, ordinal, severity, code, message, line, source_column)
            values (%s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (
                    claimed.import_id,
                    last + nth,
                    found.severity,
                    found.code,
                    found.message,
                    found.line,
                    found.column,
                )
                for nth, found in enumerate(findings[:SHOWN_FINDINGS], start=1)
            ],
        )


def _lock_entity(connection: Connection, entity_key: str) -> DictRow:
    locked = connection.execute(database.statement("imports/lock_entity.sql"), {"key": entity_key}).fetchone()
    facts = (
        locked
        and connection.execute(
            database.statement("imports/entity_facts.sql"), {"entity_id": locked["id"]}
        ).fetchone()
    )
    if not facts:
        raise EntityGone(f"There is no entity {entity_key!r}.", code="unknown_entity")
    return facts


def _pass_gate(entity: DictRow, trigger: str, now: datetime | None) -> None:
    facts = Facts(
        status=entity["status"],
        subscription=entity["subscription"],
        connection=entity["connection"],
        running=entity["running"],
        subscription_read_at=entity["subscription_read_at"],
        failed_at=entity["failed_at"],
    )
    problem = refusal(facts, trigger=trigger, now=now or datetime.now(UTC))
    if problem:
        raise problem


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


def _judged_as(connection: Connection, entity_id: int, import_id: int | None) -> str | None:
    """The trigger of a request; one of the night stays the night's, though a person moved it to the front."""
    row = connection.execute(
        """
        select case when tick is null then trigger else 'scheduled' end as judged_as
        from app.import where id = %s and entity_id = %s and run_id is null
        """,
        [import_id, entity_id],
    ).fetchone()
    return row["judged_as"] if row else None


def _claim(
    connection: Connection, entity: DictRow, run_id: str, import_id: int | None, trigger: str
) -> DictRow:
    parameters = {
        "entity_id": entity["id"],
        "run_id": run_id,
        "lease": LEASE,
        "trigger": trigger,
        "mode": "incremental" if entity["fetched_since_reset"] else "full",
    }
    try:
        row = connection.execute(
            database.statement("imports/claim_waiting.sql"), parameters | {"import_id": import_id}
        ).fetchone()
        if row is None:
            row = connection.execute(database.statement("imports/claim_new.sql"), parameters).fetchone()
    except psycopg.errors.UniqueViolation:
        raise Refused("This run has had its import already.", code="run_spent") from None
    if row is None:
        raise OurFault("The import could not be started.", detail="claim_new returned no row")
    return row


def _cancel(connection: Connection, entity_id: int, import_id: int | None, refused: ImportProblem) -> None:
    if import_id is not None and refused.code != "already_running":
        connection.execute(
            database.statement("imports/cancel_waiting.sql"),
            {
                "import_id": import_id,
                "entity_id": entity_id,
                "error_code": refused.code,
                "error_message": refused.message,
            },
        )
