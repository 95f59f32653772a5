"""How an import ended, and what was found in it."""

from collections.abc import Sequence

from monitr_pipelines.ledger.findings import SHOWN_FINDINGS, Finding
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.imports import Outcome
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.queue.error_columns import error_columns
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


def finish(connection: Connection, claimed: Claim, problem: ImportProblem | None) -> bool:
    """Write the outcome; False when the import is no longer this worker's to finish."""
    row = database.run(
        connection,
        "queue/finish",
        import_id=claimed.import_id,
        run_id=claimed.run_id,
        outcome=Outcome.FAILED if problem else Outcome.SUCCEEDED,
        **error_columns(problem),
    ).fetchone()
    return row is not None


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
                (import_id, ordinal, severity, code, message, line, source_column, upload_id)
            values (%s, %s, %s, %s, %s, %s, %s, %s)
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
                    upload_id,
                )
                for nth, found in enumerate(findings[:SHOWN_FINDINGS], start=1)
            ],
        )
