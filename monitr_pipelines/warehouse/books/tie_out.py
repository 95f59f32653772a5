"""The books beside the software's own trial balance, in the transaction that commits their lines."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from psycopg.types.json import Jsonb

from monitr_pipelines.ledger import tie_out
from monitr_pipelines.ledger.tie_out import TieOut, TrialBalance
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.messages import as_json
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


def tie(connection: Connection, claimed: Claim, told: TrialBalance | ImportProblem) -> TieOut:
    """Compare what was told with the books as they are now, and keep what came of it with the import.

    `told` is a problem where the software did not tell. Differences end no import: the lines are what the
    software gave.
    """
    if isinstance(told, ImportProblem):
        found = TieOut()
        _save(connection, claimed, found, told)
        return found
    found = _compared(connection, claimed.entity_id, told)
    _save(connection, claimed, found, None)
    return found


def _compared(connection: Connection, entity_id: int, told: TrialBalance) -> TieOut:
    """By month balances where these can tell; lines are read where these differ, or cannot."""
    found = None
    if _of_whole_months(told):
        found = tie_out.compared(told, _ours(connection, "balances_by_month", entity_id, told))
    if found is None or (found.differing and told.periods):
        found = tie_out.compared(told, _ours(connection, "balances_by_line", entity_id, told))
    return found


def _of_whole_months(told: TrialBalance) -> bool:
    since = told.since or told.year_start
    return since.day == told.year_start.day == (told.day + timedelta(days=1)).day == 1


def _ours(connection: Connection, query: str, entity_id: int, told: TrialBalance) -> Mapping[str, Decimal]:
    rows = database.run(
        connection,
        f"books/{query}",
        entity_id=entity_id,
        day=told.day,
        year_start=told.year_start,
        since=told.since,
        since_period=told.periods.since if told.periods else None,
        first_period=told.periods.first if told.periods else None,
        last_period=told.periods.last if told.periods else None,
    )
    return {row["account_code"]: row["balance"] for row in rows}


def _save(connection: Connection, claimed: Claim, found: TieOut, untold: ImportProblem | None) -> None:
    fields = as_json(untold.messages) if untold else None
    connection.execute(
        """
        insert into raw.tie_out (entity_id, import_id, day, compared, differing, untold, untold_fields)
        values (%s, %s, %s, %s, %s, %s, %s)
        """,
        [
            claimed.entity_id,
            claimed.import_id,
            found.day,
            found.compared,
            found.differing,
            str(untold) if untold else None,
            Jsonb(fields) if fields else None,
        ],
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into raw.tie_out_difference (entity_id, import_id, account_code, theirs, ours)
            values (%s, %s, %s, %s, %s)
            """,
            [
                (claimed.entity_id, claimed.import_id, each.account_code, each.theirs, each.ours)
                for each in found.differences
            ],
        )
