"""Where accounts stand, and which lines have others than before: sometimes they alone are made anew."""

from typing import NamedTuple

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


class Place(NamedTuple):
    """An account, or its part for a value of the primary axis, and where it stands."""

    account: str
    value: str
    type: str | None
    line: str
    credit_line: str | None


def read_places(connection: Connection, entity_id: int) -> frozenset[Place]:
    """Where the accounts of an entity stand now."""
    return frozenset(Place(**row) for row in database.run(connection, "reports/places", entity_id=entity_id))


def moved_lines(before: frozenset[Place], after: frozenset[Place]) -> list[str]:
    """The lines that an account left or came to, with all others on which such an account stands."""
    accounts = {place.account for place in before ^ after}
    moved = [place for place in before | after if place.account in accounts]
    return sorted({line for place in moved for line in (place.line, place.credit_line) if line})
