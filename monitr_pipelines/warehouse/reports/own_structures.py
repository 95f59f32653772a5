"""Structures of organisations, beside the templates: kept, listed, given to entities, deleted.

Whoever calls names the organisation; a name is looked for among its own structures, then among the templates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from monitr_pipelines.ledger.structures.lines import Structure
from monitr_pipelines.ledger.structures.writing import write
from monitr_pipelines.lifecycle.errors import NameTaken, Refused
from monitr_pipelines.warehouse.reports import structures
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

LONGEST_NAME = 60


@dataclass(frozen=True)
class Uses:
    """Who is on a structure, by key, whose figures are still by it, and how many places people chose.

    Args:
        assigned: Entities that are on it.
        shown: Entities whose figures were made by it, and not made anew since.
        removed: Entities of either kind that were removed: nobody reads them, and restoring brings them back.
        placed: How many accounts people placed on its lines.
    """

    assigned: Sequence[str]
    shown: Sequence[str]
    removed: Sequence[str]
    placed: int

    @property
    def entities(self) -> list[str]:
        """Everybody whose reports it concerns; of removed ones nobody reads any."""
        return sorted({*self.assigned, *self.shown})


class Overtaken(Refused):
    """Somebody changed the structure since it was looked at; nothing was changed."""


@dataclass(frozen=True)
class Found:
    """A structure; `own` is False for a template."""

    id: int
    name: str
    own: bool


def listed(connection: Connection, organisation_id: int | None) -> list[dict[str, Any]]:
    """The templates, and the structures of an organisation or, where None is given, of all of them."""
    rows = database.run(connection, "reports/structures_listed", organisation_id=organisation_id).fetchall()
    return [{**row, "country": "others" if row["otherwise"] else row["country"]} for row in rows]


def find(connection: Connection, organisation_id: int | None, name: str) -> Found:
    """The structure that a name means for an organisation; Refused where there is none."""
    row = connection.execute(
        """
        select id, organisation_id is not null as own from app.reporting_structure
        where name = %s and (organisation_id = %s or organisation_id is null)
        order by organisation_id nulls last
        """,
        [name, organisation_id],
    ).fetchone()
    if row is None:
        raise Refused(f"There is no structure {name!r}.", code="bad_value")
    return Found(row["id"], name, row["own"])


def own(connection: Connection, organisation_id: int, name: str) -> Found | None:
    """The structure of an organisation that has a name; None where it is a template's, or nobody's."""
    row = connection.execute(
        "select id from app.reporting_structure where name = %s and organisation_id = %s",
        [name, organisation_id],
    ).fetchone()
    return None if row is None else Found(row["id"], name, own=True)


def export(connection: Connection, structure_id: int) -> Structure:
    """The lines of a stored structure, as a file tells them."""
    return structures.structure_of(structures.stored(connection, structure_id))


def state_of(connection: Connection, structure_id: int) -> str:
    """What tells a structure from what it was before or is later; the same again means the same lines."""
    return sha256(write(export(connection, structure_id)).encode()).hexdigest()


def is_name(name: str) -> bool:
    """Whether a structure can be called so."""
    return bool(name) and name == name.strip() and len(name) <= LONGEST_NAME and name.isprintable()


def keep(
    connection: Connection,
    organisation_id: int,
    name: str,
    structure: Structure,
    *,
    replace: bool,
    seen: str | None = None,
) -> Uses:
    """Store a structure of an organisation; of one that is replaced, tell who is on it.

    `seen`: the state of the one to be replaced when it was looked at; None replaces whatever is there.

    Raises:
        NameTaken: There is one of this name and `replace` does not say to replace it, or a template has it.
        Overtaken: The one to be replaced is another than the one that was looked at.
        Refused: The name is none.
    """
    if not is_name(name):
        raise Refused(f"{name!r} is not a name; it has 1 to {LONGEST_NAME} characters.", code="bad_value")
    if name in structures.TEMPLATES:
        raise NameTaken(f"A template is called {name!r}; choose another name.")
    with connection.transaction():
        made = connection.execute(
            "insert into app.reporting_structure (name, country, organisation_id) values (%s, %s, %s) "
            "on conflict on constraint structure_of_an_organisation do nothing returning id",
            [name, structures.CHOSEN, organisation_id],
        ).fetchone()
        if made is None and not replace:
            raise NameTaken(f"There is a structure {name!r} already; replace it, or choose another name.")
        row = connection.execute(
            "select id from app.reporting_structure where name = %s and organisation_id = %s for update",
            [name, organisation_id],
        ).fetchone()
        if row is None:
            raise Refused(f"The structure {name!r} was deleted meanwhile.", code="bad_value")
        if seen is not None and (made is not None or state_of(connection, row["id"]) != seen):
            raise Overtaken(f"The structure {name!r} was changed meanwhile.", code="bad_value")
        structures.write(connection, row["id"], structures.rows_of(structure))
        return uses(connection, row["id"])


def assign(connection: Connection, entity_key: str, name: str | None) -> None:
    """Read an entity by a structure from its next import on; None: by that of its country again."""
    row = connection.execute(
        "select id, organisation_id from app.entity where key = %s and status <> 'Deleted' for no key update",
        [entity_key],
    ).fetchone()
    if row is None:
        raise Refused(f"There is no entity {entity_key!r}.", code="unknown_entity")
    structure_id = None if name is None else find(connection, row["organisation_id"], name).id
    connection.execute("update app.entity set structure_id = %s where id = %s", [structure_id, row["id"]])


def uses(connection: Connection, structure_id: int) -> Uses:
    """Who is on a structure of an organisation, and what goes with it."""
    row = database.run(connection, "reports/structure_uses", structure_id=structure_id).fetchone()
    return Uses(**row) if row else Uses((), (), (), 0)


def delete(connection: Connection, structure_id: int) -> None:
    """Delete a structure of an organisation with its lines and all that people placed on them.

    Raises:
        Refused: An entity is on it, or its figures are still by it; also one that was removed, which would be
            restored without its structure.
    """
    with connection.transaction():
        connection.execute("select from app.reporting_structure where id = %s for update", [structure_id])
        found = uses(connection, structure_id)
        if found.assigned:
            raise Refused(
                f"These are on it: {', '.join(found.assigned)}. Give them another first.", code="bad_value"
            )
        if found.shown:
            raise Refused(
                f"The figures of these are by it until their next import: {', '.join(found.shown)}. Import "
                "them first.",
                code="bad_value",
            )
        if found.removed:
            raise Refused(
                f"These were removed, and would be restored without it: {', '.join(found.removed)}. Restore "
                "or purge them first.",
                code="bad_value",
            )
        for table in ("chosen_line_change", "chosen_line"):
            connection.execute(f"delete from app.{table} where structure_id = %s", [structure_id])  # noqa: S608
        connection.execute("delete from app.reporting_structure where id = %s", [structure_id])
