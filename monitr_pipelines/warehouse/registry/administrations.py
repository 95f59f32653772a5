"""The companies that connections see, and which of them are imported, in which order."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from monitr_pipelines.lifecycle.errors import ImportProblem, OtherAccount, Refused
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.registry import changes, connections, entities
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

MOST_NAMES = 10


class Seen(Protocol):
    """A company as an accounting software tells it: `providers.contract.Administration`."""

    @property
    def id(self) -> str:
        """The software's own identity of it."""

    @property
    def name(self) -> str:
        """As the software shows it."""

    @property
    def currency(self) -> str:
        """ISO 4217 code."""

    @property
    def fiscal_year_start(self) -> int | None:
        """First month of its regular fiscal year, 1 to 12; None where lists do not tell."""


class Choice(StrEnum):
    """What someone wants of an administration: to import it, and how early in the night; or not."""

    FIRST = "first"
    NORMAL = "normal"
    LAST = "last"
    NOT_IMPORTING = "not importing"


PRIORITIES: Mapping[Choice, int] = {Choice.FIRST: 1, Choice.NORMAL: 0, Choice.LAST: -1}


@dataclass(frozen=True)
class Chosen:
    """What became of choices: how many entities were added, chosen again, and are not imported any more."""

    added: int = 0
    resumed: int = 0
    stopped: int = 0


def keep(connection: Connection, connection_id: int, seen: Sequence[Seen]) -> list[str]:
    """Keep what a connection sees now; the keys of entities that were not found and are there again."""
    found = database.run(
        connection,
        "registry/store_administrations",
        connection_id=connection_id,
        ids=[each.id for each in seen],
        names=[each.name for each in seen],
        currencies=[each.currency for each in seen],
        months=[each.fiscal_year_start for each in seen],
    )
    return [row["key"] for row in found]


def listed(connection: Connection, connection_id: int) -> list[dict[str, Any]]:
    """What can be imported through a connection, as it was last read, and what is."""
    return database.run(connection, "registry/administrations", connection_id=connection_id).fetchall()


def ask_to_read(connection: Connection, connection_id: int) -> None:
    """Have the list of administrations read again by who may use the credentials."""
    connection.execute(
        "update app.integration set administrations_asked_at = clock_timestamp() where id = %s",
        [connection_id],
    )


def refuse_other_account(connection: Connection, connection_id: int, seen: Sequence[Seen]) -> None:
    """Refuse credentials that do not see everything which the connection imports.

    Raises:
        OtherAccount: With the names of what they do not see.
    """
    rows = database.run(
        connection, "registry/unseen_entities", connection_id=connection_id, ids=[each.id for each in seen]
    )
    names = [row["name"] for row in rows]
    if names:
        more = ["…"] if len(names) > MOST_NAMES else []
        raise OtherAccount(Message("other_account", {"entities": ", ".join(names[:MOST_NAMES] + more)}))


def choose(connection: Connection, connection_id: int, choices: Mapping[str, Choice], person: str) -> Chosen:
    """Do what someone chose for administrations, by their id; what is chosen as it was is left alone.

    A new one becomes an entity, and its first import is asked for, as of one that was not importing: where
    the gate refuses that, its card says why.

    Raises:
        Refused: There is no such connection, or it sees no such administration; nothing is changed then.
    """
    with connection.transaction():
        connection.execute("select from app.integration where id = %s for no key update", [connection_id])
        connected = connections.find(connection, connection_id)
        known = {row["id"]: row for row in listed(connection, connection_id)}
        missing = [each for each in choices if each not in known]
        if missing:
            raise Refused(f"Connection {connection_id} sees no administration {missing[0]!r}.")
        done = [
            _choose_one(connection, connected, known[number], choice, person)
            for number, choice in choices.items()
        ]
    return Chosen(done.count("added"), done.count("resumed"), done.count("stopped"))


def _choose_one(
    connection: Connection,
    connected: Mapping[str, Any],
    known: Mapping[str, Any],
    choice: Choice,
    person: str,
) -> str:
    owner, importing = connected["organisation_id"], known["entity_status"] in ("Active", "Not found")
    if choice is Choice.NOT_IMPORTING:
        if not importing:
            return ""
        _set_status(connection, known["entity_id"], "Not importing")
        changes.record(connection, owner, person, Action.IMPORT_STOPPED, known["name"])
        return "stopped"
    if known["entity_key"] is None:
        entities.add_entity(
            connection,
            str(owner),
            connected["provider"],
            {
                "administration": known["id"],
                "name": known["name"],
                "currency": known["currency"],
                "fiscal_year_start": known["fiscal_year_start"],
                "priority": PRIORITIES[choice],
            },
            connection_id=connected["id"],
            asked_by=person,
        )
        changes.record(connection, owner, person, Action.ENTITY_ADDED, known["name"])
        return "added"
    if known["priority"] != PRIORITIES[choice]:
        connection.execute(
            "update app.entity set priority = %s where id = %s", [PRIORITIES[choice], known["entity_id"]]
        )
        changes.record(connection, owner, person, Action.PRIORITY_SET, known["name"])
    if importing:
        return ""
    _set_status(connection, known["entity_id"], "Active")
    changes.record(connection, owner, person, Action.IMPORT_CHOSEN, known["name"])
    with suppress(ImportProblem):
        requests.request(connection, known["entity_key"], trigger=Trigger.FIRST, requested_by=person)
    return "resumed"


def _set_status(connection: Connection, entity_id: int, status: str) -> None:
    connection.execute("update app.entity set status = %s where id = %s", [status, entity_id])
