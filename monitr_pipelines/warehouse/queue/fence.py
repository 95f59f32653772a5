"""Transactions of a worker: each ends with `fence`, so that one without its lease commits nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from monitr_pipelines.lifecycle.errors import LeaseLost
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# What an entity holds is news to the planner when its first import publishes it: statistics are of the
# entities before it. A join that reads one side again for each row of the other, one that merges by half
# of its keys, or a scan of all entities' rows would follow from a wrong guess; hash joins by all keys cost
# what the rows of the entity cost, whatever the guess. Where few keys are looked up among many rows, the
# statement itself says so (`cross join lateral ... offset 0`). How many rows a stage has matters, not
# which: a tenth of the usual sample tells as much.
PLANS = """
select
    set_config('enable_nestloop', 'off', true),
    set_config('enable_mergejoin', 'off', true),
    set_config('enable_seqscan', 'off', true),
    set_config('default_statistics_target', '10', true)
"""


@contextmanager
def owned_transaction(connection: Connection, claimed: Claim) -> Iterator[None]:
    """A transaction of a worker; LeaseLost where the server ends its session, as it does to the lost."""
    try:
        with connection.transaction():
            connection.execute(PLANS)
            yield
    except (psycopg.OperationalError, psycopg.errors.IdleInTransactionSessionTimeout) as error:
        if not connection.closed:
            raise
        raise LeaseLost(
            Message("session_ended"),
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
    row = database.run(
        connection,
        "queue/commit_dataset",
        import_id=claimed.import_id,
        entity_id=claimed.entity_id,
        run_id=claimed.run_id,
        counts=Jsonb(dict(committed.counts)),
        debit=committed.debit,
        credit=committed.credit,
        raw=committed.raw,
        marts=committed.marts,
    ).fetchone()
    if row is None:
        raise LeaseLost(
            Message("lease_lost"),
            detail=f"import {claimed.import_id}, run {claimed.run_id}",
        )
