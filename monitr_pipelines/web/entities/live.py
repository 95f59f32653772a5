"""Tells open pages what changed: one connection that listens, and a stream to every page.

Streams carry ids alone; a page reads what it may see with the rights of its own. It hears of the entities
that it shows, and of all others that something changed, for it counts them. What it has not been told yet is
kept as a set of ids, so that a slow page costs no more than its entities.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psycopg

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import CHANNEL

# More changes than this at once, and reading the page again is cheaper than card by card.
MOST_PENDING = 10
# A browser keeps six connections to a server, and needs some for the pages themselves.
STREAMS_PER_SESSION = 4
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10
# How long a connection may be silent before it is asked whether it is still there.
SILENCE_SECONDS = 20

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Stream:
    """What one open page is to be told next; `shown`: the entities on it, None for all."""

    organisation_id: int
    session: str
    shown: frozenset[int] | None = None
    entities: set[int] = field(default_factory=set)
    all_changed: bool = False
    counts_changed: bool = False
    ended: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, entity_id: int | None) -> None:
        """An entity changed; None: whatever may have."""
        if entity_id is None:
            self.all_changed = True
        else:
            self.counts_changed = True
            if self.shown is None or entity_id in self.shown:
                self.entities.add(entity_id)
        self.changed.set()

    def end(self) -> None:
        """Nothing more will be told: the server stops."""
        self.ended = True
        self.changed.set()

    def take(self) -> list[int] | None:
        """The shown entities that changed since the last time; None: read the page again, with its counts."""
        everything = self.all_changed or len(self.entities) > MOST_PENDING
        taken = None if everything else sorted(self.entities)
        if everything:
            self.counts_changed = False
        self.entities.clear()
        self.all_changed = False
        self.changed.clear()
        return taken


class Exchange:
    """All streams of this process and the one connection that they share, open while someone looks."""

    def __init__(self) -> None:
        self._streams: set[Stream] = set()
        self._listener: asyncio.Task[None] | None = None
        self._listening = False

    def has_room(self, session: str) -> bool:
        """Whether the session may open another page that is kept up to date."""
        return sum(stream.session == session for stream in self._streams) < STREAMS_PER_SESSION

    @asynccontextmanager
    async def stream(
        self, organisation_id: int, session: str, shown: frozenset[int] | None
    ) -> AsyncIterator[Stream]:
        """A stream of an organisation's changes, which begins with `all_changed`."""
        stream = Stream(organisation_id, session, shown)
        self._streams.add(stream)
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen())
        elif self._listening:
            stream.tell(None)
        try:
            yield stream
        finally:
            self._streams.discard(stream)
            self._rest()

    def close(self) -> None:
        """End every stream, so that the server can stop; pages come back by themselves."""
        for stream in self._streams:
            stream.end()

    def _rest(self) -> None:
        """Nobody looks: the listener closes its connection by itself, for who left cannot wait for it."""
        if self._streams or self._listener is None:
            return
        self._listener.cancel()
        self._listener, self._listening = None, False

    async def _listen(self) -> None:
        pause: float = FIRST_PAUSE
        while True:
            try:
                async with await _connect() as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    pause, self._listening = FIRST_PAUSE, True
                    # Whatever happened until now went unheard.
                    self._publish(None, None)
                    await self._forward(connection)
            except psycopg.Error as error:
                logger.warning("live status: %s; next try in %s s", str(error).strip(), pause)
            except Exception:
                # Nobody starts another listener while pages are open.
                logger.exception("live status; next try in %s s", pause)
            self._listening = False
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _forward(self, connection: psycopg.AsyncConnection[object]) -> None:
        while True:
            async for notification in connection.notifies(timeout=SILENCE_SECONDS):
                self._publish(*_ids_of(notification.payload))
            await connection.execute("select 1")

    def _publish(self, organisation_id: int | None, entity_id: int | None) -> None:
        for stream in self._streams:
            if organisation_id in (None, stream.organisation_id):
                stream.tell(entity_id)


def _ids_of(payload: str) -> tuple[int | None, int | None]:
    """The organisation and the entity of a notification; no entity: any of the organisation's.

    Anybody may send one, and where nobody can read it, all look anew.
    """
    try:
        told = json.loads(payload)
        return int(told["organisation"]), int(told["entity"]) if "entity" in told else None
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None, None


async def _connect() -> psycopg.AsyncConnection[object]:
    options = " ".join(f"-c {name}={value}" for name, value in database.WEB_SESSION_OPTIONS.items())
    return await psycopg.AsyncConnection.connect(
        database.web_url(),
        autocommit=True,
        application_name="monitr web: listens",
        options=options,
        **database.PATIENCE,
    )
