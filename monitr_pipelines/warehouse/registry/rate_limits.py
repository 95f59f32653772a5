"""How often the credentials of a connection are used, counted over all processes and machines."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from monitr_pipelines.lifecycle.errors import ProviderDown
from monitr_pipelines.warehouse.server import database, turns
from monitr_pipelines.warehouse.server.database import Connection

RATE_TURN = "calls"
# An import may wait for the next minute of a limit, not for the next day.
PATIENCE = timedelta(minutes=5)
# A call is counted for a slot of the period, and reaches the software somewhat later than another.
SLOTS = 20
LONGEST_DELAY = timedelta(seconds=2)


class Limit(Protocol):
    """At most `calls` in any `period`; `name` tells limits of one connection apart."""

    @property
    def name(self) -> str:
        """Such as `minute`."""

    @property
    def calls(self) -> int:
        """How many."""

    @property
    def period(self) -> timedelta:
        """In how long."""


class StoredRateLimits:
    """The limits of one connection; nothing is held while it waits."""

    def __init__(self, connection_id: int) -> None:
        self._connection_id = connection_id

    def acquire(self, limits: Sequence[Limit]) -> None:
        """Wait until every limit allows one more call, and count it; ProviderDown where that takes long."""
        if not limits:
            return
        deadline = datetime.now(UTC) + PATIENCE
        while wait := self._take(limits):
            until = datetime.now(UTC) + wait
            if until > deadline:
                raise ProviderDown(
                    "The accounting software allows no more requests for now. "
                    "You need not do anything: imports go on by themselves.",
                    retry_at=until,
                )
            threading.Event().wait(wait.total_seconds())

    def _take(self, limits: Sequence[Limit]) -> timedelta:
        """How long a call has to wait; where not at all, it is counted."""
        with database.connect() as connection, connection.transaction():
            turns.wait(connection, RATE_TURN, self._connection_id)
            wait = max(self._wait(connection, limit) for limit in limits)
            if not wait:
                for limit in limits:
                    self._run(connection, "count_call", limit)
        return wait

    def _wait(self, connection: Connection, limit: Limit) -> timedelta:
        row = self._run(connection, "rate_used", limit).fetchone()
        if row is None or row["calls"] < limit.calls:
            return timedelta()
        wait: timedelta = row["wait"]
        return max(timedelta(milliseconds=1), wait)

    def _run(self, connection: Connection, name: str, limit: Limit) -> database.Cursor:
        slot = limit.period / SLOTS
        return database.run(
            connection,
            f"registry/{name}",
            connection_id=self._connection_id,
            limit_name=limit.name,
            slot_length=slot,
            counts_for=slot + limit.period + min(slot, LONGEST_DELAY),
        )
