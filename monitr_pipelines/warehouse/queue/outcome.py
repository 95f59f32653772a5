"""How an import ended, and what was found in it."""

from collections.abc import Sequence

from psycopg.types.json import Jsonb

from monitr_pipelines.ledger.findings import SHOWN_FINDINGS, Finding
from monitr_pipelines.ledger.sentences import as_json
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.imports import Outcome
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.queue.error_columns import error_columns
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


def finish(
    connection: Connection, claimed: Claim, problem: ImportProblem | None, *, canceled: bool = False
) -> bool:
    """Write the outcome; False when the import is no longer this worker's to finish.

    Args:
        connection: Of the worker.
        claimed: The import that it owns.
        problem: What ended it; None where all went well.
        canceled: That was a person's wish.
    """
    ended = Outcome.CANCELED if canceled else Outcome.FAILED
    row = database.run(
        connection,
        "queue/finish",
        import_id=claimed.import_id,
        entity_id=claimed.entity_id,
        run_id=claimed.run_id,
        outcome=ended if problem else Outcome.SUCCEEDED,
        **error_columns(problem),
    ).fetchone()
    return row is not None


def is_failed(connection: Connection, entity_key: str) -> bool:
    """Whether the last end of an entity that counts is a failure."""
    row = connection.execute(
        """
        select last_end.outcome = 'failed' as failed
        from app.entity as entities cross join lateral app.last_end(entities.id) as last_end
        where entities.key = %s
        """,
        [entity_key],
    ).fetchone()
    return bool(row and row["failed"])


def save_findings(
    connection: Connection, claimed: Claim, findings: Sequence[Finding], *, upload_id: int | None = None
) -> None:
    """Add findings to the import's record, of one file where that is told; the first hundred of a call."""
    row = connection.execute(
        "select coalesce(max(ordinal), 0) as last from app.finding where import_id = %s", [claimed.import_id]
    ).fetchone()
    last = row["last"] if row else 0
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into app.finding
                (import_id, ordinal, severity, code, message, sentence, line, source_column, upload_id)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (
                    claimed.import_id,
                    last + nth,
                    found.severity,
                    found.code,
                    found.message,
                    Jsonb(as_json(found.sentence)) if found.sentence is not None else None,
                    found.line,
                    found.column,
                    upload_id,
                )
                for nth, found in enumerate(findings[:SHOWN_FINDINGS], start=1)
            ],
        )
