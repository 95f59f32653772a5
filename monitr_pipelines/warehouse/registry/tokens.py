"""The credentials of a connection while many processes use them: read anew, and renewed by one at a time.

Tokens that may be used once must not be lost: that a renewal began is committed before the software is
asked, and no transaction is open meanwhile. Where its outcome is never stored, nobody can know which
token is valid: that connection needs a person.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg

from monitr_pipelines.lifecycle.errors import ApplicationRefused, OurFault, ProviderDown, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.registry import connections
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

# Longer than any exchange takes, time-outs included; then the process that began it is dead.
LONGEST_RENEWAL = timedelta(seconds=90)
LOOK_AGAIN_SECONDS = 1
UNREACHABLE = (psycopg.OperationalError, ServerNotRunning)

Exchange = Callable[[dict[str, str]], Mapping[str, str]]


class StoredTokens:
    """The credentials of one connection; each call uses the database for a moment, and then lets go."""

    def __init__(self, connection_id: int) -> None:
        self._connection_id = connection_id

    def read(self) -> dict[str, str]:
        """The newest credentials."""
        with database.connect(autocommit=True) as connection:
            row = connection.execute(
                "select credentials from app.integration where id = %s", [self._connection_id]
            ).fetchone()
        if row is None or row["credentials"] is None:
            raise ReconnectNeeded(Message("no_credentials"))
        return connections.unseal(self._connection_id, row["credentials"])

    def renew(self, stale: Mapping[str, str], exchange: Exchange) -> dict[str, str]:
        """New credentials in the place of stale ones: those that someone else stored, or `exchange`'s.

        It happens on a thread of its own: a signal that stops this process lets a renewal that began end
        and be stored first.

        Raises:
            ProviderDown, ApplicationRefused: The exchange says that the token is unspent.
            ReconnectNeeded: The exchange was refused, or its outcome is unknown.
        """
        while True:
            with ThreadPoolExecutor(max_workers=1) as not_interrupted:
                newest = not_interrupted.submit(self._attempt, dict(stale), exchange).result()
            if newest is not None:
                return newest
            threading.Event().wait(LOOK_AGAIN_SECONDS)

    def _attempt(self, stale: dict[str, str], exchange: Exchange) -> dict[str, str] | None:
        """Credentials that are not stale; None while another process is renewing them."""
        current, began = self._begin(stale)
        if current != stale:
            return current
        return self._renew(current, began, exchange) if began else None

    def _begin(self, stale: dict[str, str]) -> tuple[dict[str, str], datetime | None]:
        """The credentials of now, and since when it is on this process to renew them, if it is."""
        with database.connect() as connection, connection.transaction():
            row = database.run(
                connection,
                "registry/lock_connection",
                connection_id=self._connection_id,
                longest=LONGEST_RENEWAL,
            ).fetchone()
            if row is None or row["credentials"] is None:
                raise OurFault(detail="a connection without credentials cannot renew them")
            current = connections.unseal(self._connection_id, row["credentials"])
            if current != stale:
                return current, None
            if row["given_up"]:
                raise _outcome_unknown("an earlier renewal was never finished")
            if row["renewing"]:
                return current, None
            began = database.run(
                connection, "registry/begin_renewal", connection_id=self._connection_id
            ).fetchone()
        return current, began["renewing_since"] if began else None

    def _renew(self, current: dict[str, str], began: datetime, exchange: Exchange) -> dict[str, str] | None:
        """What the exchange gave, once it is stored; None where others stored something meanwhile."""
        try:
            renewed = dict(exchange(dict(current)))
        except (ProviderDown, ApplicationRefused):
            self._write("end_renewal", began, unspent=True)
            raise
        except Exception as error:
            self._write("end_renewal", began, unspent=False)
            if isinstance(error, ReconnectNeeded):
                raise
            # What was raised may quote what was sent, so it is not passed on.
            raise _outcome_unknown(type(error).__name__) from None
        sealed = connections.seal(self._connection_id, renewed)
        return renewed if self._write("store_renewed", began, credentials=sealed) else None

    def _write(self, name: str, began: datetime, **values: object) -> bool:
        """Write how a renewal ended; tells whether it was still this process's to end.

        Nobody else knows it: a database that is away is tried for as long as others wait.
        """
        give_up_at = time.monotonic() + LONGEST_RENEWAL.total_seconds()
        while True:
            try:
                with database.connect(autocommit=True) as connection:
                    ended = database.run(
                        connection,
                        f"registry/{name}",
                        connection_id=self._connection_id,
                        began=began,
                        **values,
                    )
                    return ended.rowcount == 1
            except UNREACHABLE:
                if time.monotonic() > give_up_at:
                    raise
                threading.Event().wait(LOOK_AGAIN_SECONDS)


def _outcome_unknown(detail: str) -> ReconnectNeeded:
    return ReconnectNeeded(Message("renewal_unknown"), detail=detail)
