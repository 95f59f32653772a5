"""How often the credentials of a connection are used, counted over all processes and machines.

Whoever asks without a pause counts several calls at once, so that not every question costs a session of
the database. What was counted and not used within moments is given up, never used later.
"""

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from monitr_pipelines.lifecycle.errors import ProviderDown
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.server import database, turns
from monitr_pipelines.warehouse.server.database import Connection

RATE_TURN = "calls"
# An import may wait for the next minute of a limit, not for the next day.
PATIENCE = timedelta(minutes=5)
# A call is counted for a slot of the period, and reaches the software somewhat later than another.
SLOTS = 20
LONGEST_DELAY = timedelta(seconds=2)
# Of a limit, at most this part is counted at once.
LARGEST_PART = 20
MOST_AT_ONCE = 50
# Shorter waits are nothing that anyone looks for.
TOLD_FROM = timedelta(seconds=5)

log = logging.getLogger(__name__)


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
        self._names: tuple[str, ...] = ()
        self._in_hand = 0
        self._good_until = datetime.now(UTC)
        self._at_once = 1
        self._turn = threading.Lock()

    def acquire(self, limits: Sequence[Limit]) -> None:
        """Wait until every limit allows one more call, and count it; ProviderDown where that takes long."""
        if not limits:
            return
        with self._turn:
            if not self._has_in_hand(limits):
                self._wait_for(limits)
            self._in_hand -= 1

    def foresee(self, limits: Sequence[Limit]) -> None:
        """Count calls that are about to be made, where they follow one another fast; never waits."""
        if not limits or not self._turn.acquire(blocking=False):
            return
        try:
            if self._at_once > 1 and not self._has_in_hand(limits):
                self._take(limits)
        finally:
            self._turn.release()

    def _wait_for(self, limits: Sequence[Limit]) -> None:
        deadline = datetime.now(UTC) + PATIENCE
        while wait := self._take(limits):
            until = datetime.now(UTC) + wait
            if until > deadline:
                raise ProviderDown(Message("allowance_used"), retry_at=until)
            if wait >= TOLD_FROM:
                seconds = round(wait.total_seconds())
                log.info("connection %d has used its calls, and waits %d s", self._connection_id, seconds)
            threading.Event().wait(wait.total_seconds())

    def _has_in_hand(self, limits: Sequence[Limit]) -> bool:
        """Whether a call is left of those that were counted a moment ago."""
        names = tuple(limit.name for limit in limits)
        in_time = names == self._names and datetime.now(UTC) < self._good_until
        self._names = names
        if in_time and self._in_hand:
            return True
        self._at_once = 2 * self._at_once if in_time else 1
        return False

    def _take(self, limits: Sequence[Limit]) -> timedelta:
        """How long a call has to wait; where not at all, it is counted, with some that may follow."""
        with database.connect() as connection, connection.transaction():
            turns.wait(connection, RATE_TURN, self._connection_id)
            found = [self._room(connection, limit) for limit in limits]
            room, wait = min(room for room, _ in found), max(wait for _, wait in found)
            if room > 0:
                part = min(limit.calls for limit in limits) // LARGEST_PART
                calls = max(1, min(room, part, self._at_once, MOST_AT_ONCE))
                for limit in limits:
                    self._run(connection, "count_calls", limit, calls=calls)
                self._in_hand = self._at_once = calls
                self._good_until = datetime.now(UTC) + min(map(_held, limits))
        return wait

    def _room(self, connection: Connection, limit: Limit) -> tuple[int, timedelta]:
        """How many calls a limit allows now, and how long one has to wait."""
        row = self._run(connection, "rate_used", limit).fetchone()
        room = limit.calls - int(row["calls"] if row else 0)
        wait: timedelta = row["wait"] if row and room <= 0 else timedelta()
        return room, max(timedelta(milliseconds=1), wait) if room <= 0 else timedelta()

    def _run(self, connection: Connection, name: str, limit: Limit, **parameters: object) -> database.Cursor:
        slot = limit.period / SLOTS
        return database.run(
            connection,
            f"registry/{name}",
            connection_id=self._connection_id,
            limit_name=limit.name,
            slot_length=slot,
            counts_for=slot + limit.period + min(slot, LONGEST_DELAY),
            **parameters,
        )


def _held(limit: Limit) -> timedelta:
    """How long a call that was counted may be held: the other half is for its way."""
    return min(limit.period / SLOTS, LONGEST_DELAY) / 2
