"""The structures that an entity can be read by, and who changed them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitr_pipelines.warehouse.mapping.reading import EntityMapping
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@dataclass(frozen=True)
class Option:
    """A structure as an entity sees it; `own`: its organisation's, no template.

    `entities`: how many of the organisation are on it. `is_default`: that of the entity's country. `is_used`:
    the next import reads the entity by it. `is_shown`: its figures are by it.
    """

    id: int
    name: str
    own: bool
    lines: int
    entities: int
    is_default: bool
    is_used: bool
    is_shown: bool


def options(connection: Connection, mapping: EntityMapping) -> list[Option]:
    """The organisation's own structures by name, then the templates."""
    rows = database.run(connection, "mapping/structures", entity_id=mapping.entity_id)
    return [Option(**row) for row in rows]


def history(connection: Connection, organisation_id: int, most: int) -> list[Mapping[str, Any]]:
    """The last changes of an organisation's structures, the latest first."""
    rows = database.run(connection, "mapping/structure_changes", organisation_id=organisation_id, most=most)
    return list(rows.fetchall())
