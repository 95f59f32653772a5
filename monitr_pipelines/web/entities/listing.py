"""What a page of cards shows of all that an organisation has: searched, filtered, fifty at a time.

PostgreSQL searches, counts and cuts the page; only its fifty cards are made. A page begins behind the last
card of the one before, whatever was added or removed meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitr_pipelines.lifecycle.eligibility import AFTER_FAILURE, BILLING_HOLDS, PAYING
from monitr_pipelines.lifecycle.status import Status
from monitr_pipelines.providers import connectors
from monitr_pipelines.warehouse.queue.requests import PRIORITIES
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.entities.cards import Card, read_cards

PAGE_SIZE = 50
STATES = tuple(status.name.lower() for status in Status)
MOST_WORDS = 20


@dataclass(frozen=True)
class Wanted:
    """What someone searches and filters for, and the page: behind one entity's key, or before another's."""

    search: str = ""
    state: str = ""
    after: str = ""
    before: str = ""

    @property
    def conditions(self) -> dict[str, Any]:
        """The parameters of the statements of a listing."""
        words = self.search.replace("\0", "").lower().split()[:MOST_WORDS]
        return {"patterns": [f"%{_literal(word)}%" for word in words], "state": self.state or None}


@dataclass(frozen=True)
class Counts:
    """How many there are: by status, of all that match the search.

    Of those that match the filter too: `matching` all of them, `syncable` those for which an import can be
    asked now, `before` those that come before the page.
    """

    by_state: Mapping[str, int]
    matching: int
    syncable: int
    before: int

    @property
    def found(self) -> int:
        """How many match the search, whatever their status."""
        return sum(self.by_state.values())


@dataclass(frozen=True)
class Listing:
    """One page of the cards that match."""

    cards: Sequence[Card]
    counts: Counts

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before."""
        return self.counts.before > 0

    @property
    def has_next(self) -> bool:
        """Whether there is a page behind."""
        return self.counts.before + len(self.cards) < self.counts.matching

    @property
    def first(self) -> str:
        """The key of the first card; empty where there is none."""
        return self.cards[0].facts["key"] if self.cards else ""

    @property
    def last(self) -> str:
        """The key of the last card; empty where there is none."""
        return self.cards[-1].facts["key"] if self.cards else ""


def read_listing(connection: Connection, wanted: Wanted, now: datetime) -> Listing:
    """The page that is asked for; the last one where nothing is behind that."""
    cards = read_cards(connection, _page(connection, wanted), now)
    first = cards[0].facts["key"] if cards else ""
    return Listing(cards, read_counts(connection, wanted, first, now))


def read_removed(connection: Connection) -> list[dict[str, Any]]:
    """What was removed lately, which has no card: that it is, since when and by whom."""
    return database.run(connection, "web/entities/removed", most=PAGE_SIZE).fetchall()


def read_counts(connection: Connection, wanted: Wanted, first: str, now: datetime) -> Counts:
    """What is counted of a listing, with how many come before the one of the key `first`."""
    row = _counted(connection, wanted, now, first=first or None)
    by_state = {state: row[state] for state in STATES}
    return Counts(by_state, row["matching"], row["syncable"], row["before"])


def syncable_keys(connection: Connection, wanted: Wanted, now: datetime) -> list[str]:
    """The entities that match and for which an import can be asked now, by name."""
    return list(_counted(connection, wanted, now, with_keys=True)["keys"])


def _page(connection: Connection, wanted: Wanted) -> list[int]:
    if wanted.before:
        return _ids(connection, "page_before", wanted, wanted.before) or _ids(
            connection, "page_after", wanted
        )
    return _ids(connection, "page_after", wanted, wanted.after) or _ids(connection, "page_before", wanted)


def _ids(connection: Connection, statement: str, wanted: Wanted, key: str = "") -> list[int]:
    rows = database.run(
        connection, f"web/entities/{statement}", **wanted.conditions, key=key or None, most=PAGE_SIZE
    )
    return [row["entity_id"] for row in rows]


def _counted(
    connection: Connection,
    wanted: Wanted,
    now: datetime,
    *,
    first: str | None = None,
    with_keys: bool = False,
) -> dict[str, Any]:
    row = database.run(
        connection,
        "web/entities/listing",
        **wanted.conditions,
        first=first,
        with_keys=with_keys,
        connectors=list(connectors()),
        paying=sorted(PAYING),
        verified_since=now - BILLING_HOLDS,
        failed_until=now - AFTER_FAILURE,
        moved_up=sorted(PRIORITIES),
    ).fetchone()
    return row or {}


def _literal(word: str) -> str:
    """A word as `like` finds it, whatever it holds."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
