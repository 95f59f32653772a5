"""The credentials of a connection while many processes use them: read anew, and renewed by one at a time.

Tokens that may be used once must not be lost: that a renewal began is committed before the software is
asked, and no transaction is open meanwhile. Where its outcome is never stored, nobody can know which
token is valid: that connection needs a person.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

from monitr_pipelines.lifecycle.errors import OurFault, ProviderDown, ReconnectNeeded
from monitr_pipelines.warehouse.registry import connections
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# Longer than any exchange takes, time-outs included; then the process that began it is dead.
LONGEST_RENEWAL = timedelta(seconds=90)
LOOK_AGAIN_SECONDS = 1


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
            raise ReconnectNeeded("No credentials are stored. Connect under Organisations > Integrations.")
        return connections.unseal(self._connection_id, row["credentials"])

    def renew(
        self, stale: Mapping[str, str], exchange: Callable[[dict[str, str]], Mapping[str, str]]
    ) -> dict[str, str]:
        """New credentials in the place of stale ones: those that someone else stored, or `exchange`'s.

        Raises:
            ProviderDown: The exchange says so of a software that it could not ask: the token is unspent.
            ReconnectNeeded: The exchange was refused, or its outcome is unknown.
        """
        while True:
            current, ours = self._begin(dict(stale))
            if current != dict(stale):
                return current
            if ours:
                return self._exchange(current, exchange)
            threading.Event().wait(LOOK_AGAIN_SECONDS)

    def _begin(self, stale: dict[str, str]) -> tuple[dict[str, str], bool]:
        """The credentials of now, and whether it is on this process to renew them."""
        with database.connect() as connection, connection.transaction():
            row = database.run(
                connection,
                "registry/lock_connection",
                connection_id=self._connection_id,
                longest=LONGEST_RENEWAL,
            ).fetchone()
            if row is None or row["credentials"] is None:
                raise OurFault("A connection without credentials cannot renew them.")
            current = connections.unseal(self._connection_id, row["credentials"])
            if row["given_up"]:
                raise ReconnectNeeded(
                    "The connection was being renewed when its process ended. "
                    "Connect again under Organisations > Integrations."
                )
            ours = current == stale and row["renewing_since"] is None
            if ours:
                self._note(connection, renewing=True)
        return current, ours

    def _exchange(
        self, current: dict[str, str], exchange: Callable[[dict[str, str]], Mapping[str, str]]
    ) -> dict[str, str]:
        try:
            renewed = dict(exchange(current))
        except ProviderDown:
            with database.connect(autocommit=True) as connection:
                self._note(connection, renewing=False)
            raise
        with database.connect(autocommit=True) as connection:
            database.run(
                connection,
                "registry/store_renewed",
                connection_id=self._connection_id,
                credentials=connections.seal(self._connection_id, renewed),
            )
        return renewed

    def _note(self, connection: Connection, *, renewing: bool) -> None:
        connection.execute(
            """
            update app.integration set renewing_since = case when %s then clock_timestamp() end where id = %s
            """,
            [renewing, self._connection_id],
        )
