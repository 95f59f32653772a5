"""Change data capture: what changed of some kinds of entities since a moment, thirty days back at most."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from monitr_pipelines.emulators.quickbooks.entities import Entity, moment_of
from monitr_pipelines.emulators.quickbooks.forms import ZONE, Document, Refused, fault, since_1970
from monitr_pipelines.emulators.quickbooks.transactions import Transactions
from monitr_pipelines.emulators.shared.records import Company

FURTHEST = timedelta(days=30)
# In one answer, over all kinds of entities; nothing says that there are more.
MOST = 1000


class Changes:
    """Tells changes.

    `broken` names kinds of entities whose part of an answer is a fault, with status 200: tests turn it.
    """

    def __init__(self, entities: Mapping[str, Entity], transactions: Transactions) -> None:
        self._entities = entities
        self._transactions = transactions
        self.broken: set[str] = set()

    def answer(self, company: Company, asked: Mapping[str, str], now: datetime) -> Document:
        """The `CDCResponse` of an answer.

        Raises:
            Refused: A kind of entities is unknown, the moment is no moment or too long ago.
        """
        kinds = [self._entity(name) for name in asked.get("entities", "").split(",")]
        since = _moment(asked.get("changedSince", ""))
        if since < now - FURTHEST:
            detail = (
                f"Operation cdc with changedSince date {asked['changedSince']} which is older than fixed"
                " days is not supported."
            )
            raise Refused("Unsupported Operation", detail, "500")
        left, told = MOST, []
        for kind in kinds:
            if kind.name in self.broken:
                return {"CDCResponse": [fault("An application error has occurred", kind.name, "10000")]}
            rows = list(self._changed(company, kind, since))[:left]
            left -= len(rows)
            told.append(_response(kind.name, rows))
        return {"CDCResponse": [{"QueryResponse": told}]}

    def _entity(self, name: str) -> Entity:
        entity = self._entities.get(name.strip())
        if entity is None:
            detail = f"Operation cdc on entity {name.strip()!r} is not supported."
            raise Refused("Unsupported Operation", detail, "500")
        return entity

    def _changed(self, company: Company, entity: Entity, since: datetime) -> Iterable[Document]:
        """Those that are there in the order of their changes, then those that are gone."""
        floor = since_1970(since.replace(microsecond=0))
        rows = [row for row in entity.rows(company, floor) if moment_of(row) >= since]
        gone = [self._transactions.deleted(each) for each in entity.gone(company) if each.time >= floor]
        return [*sorted(rows, key=moment_of), *sorted(_since(gone, since), key=moment_of)]


def _since(rows: Iterable[Document], since: datetime) -> Iterable[Document]:
    return (row for row in rows if moment_of(row) >= since)


def _response(name: str, rows: list[Document]) -> Document:
    if not rows:
        return {}
    return {name: rows, "startPosition": 1, "maxResults": len(rows), "totalCount": len(rows)}


def _moment(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("Invalid value", f"changedSince {text!r} is no date or time.", "2170") from None
    return when if when.tzinfo else when.replace(tzinfo=ZONE)
