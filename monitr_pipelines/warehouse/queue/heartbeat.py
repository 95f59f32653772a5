"""The heartbeat of a running import: a thread that renews the lease on a connection of its own."""

import threading
from types import TracebackType
from typing import Self

import psycopg

from monitr_pipelines.lifecycle.errors import LeaseLost
from monitr_pipelines.warehouse.queue import lease
from monitr_pipelines.warehouse.queue.claims import Claim
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning


def renew(connection: Connection, claimed: Claim, *, step: str | None = None, lines_read: int = 0) -> bool:
    """The heartbeat, and how far the import is; False when another took over or the lease ran out.

    `step` is given where another one begins; what is read never becomes less.
    """
    row = database.run(
        connection,
        "queue/renew_lease",
        import_id=claimed.import_id,
        entity_id=claimed.entity_id,
        run_id=claimed.run_id,
        lease=lease.LEASE,
        step=step,
        lines_read=lines_read,
    ).fetchone()
    return row is not None


class Heartbeat:
    """Renews the lease of a claim every two seconds while the block runs, and tells how much was read.

    It stops by itself once the import is no longer this worker's: `count` raises then, so that a fetch
    of hours ends. What a worker without a lease tries to commit is refused by the fence anyway.
    """

    def __init__(self, claimed: Claim) -> None:
        self._claim = claimed
        self._lines_read = 0
        self._step: str | None = None
        self._lost = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="import-heartbeat", daemon=True)

    def count(self, lines: int) -> None:
        """Add lines that were read; the next beat tells. LeaseLost once the import is another's."""
        self._lines_read += lines
        if self._lost:
            raise LeaseLost("Another import of this entity took over; this one changed nothing.")

    def enter(self, step: str) -> None:
        """Say that another step begins, from within a transaction; the next beat tells."""
        self._step = step

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(timeout=database.CONNECT_SECONDS)

    def _beat(self) -> None:
        while not self._ended.wait(lease.HEARTBEAT_SECONDS):
            try:
                with database.connect(autocommit=True) as connection:
                    while self._renew(connection):
                        if self._ended.wait(lease.HEARTBEAT_SECONDS):
                            return
                    self._lost = True
                    return
            except (psycopg.OperationalError, ServerNotRunning, MemoryError):
                continue  # what takes too much memory is about to end, and says why itself

    def _renew(self, connection: Connection) -> bool:
        step, self._step = self._step, None
        return renew(connection, self._claim, step=step, lines_read=self._lines_read)
