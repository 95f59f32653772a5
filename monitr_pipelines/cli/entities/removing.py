"""`monitr entity remove` and `monitr entity restore`: out of sight with everything that it has, and back."""

from typing import Annotated

import typer

from monitr_pipelines.cli.entities import partition
from monitr_pipelines.cli.entities.asking import confirm
from monitr_pipelines.cli.entities.naming import Key
from monitr_pipelines.cli.output import say
from monitr_pipelines.cli.person import noted_of, person
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.warehouse.registry import entities, purging, removal
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server import database


def remove(
    entity: Key,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take an entity out of sight: no page, schedule, hook or alert knows it; its data stay.

    What waits for it is canceled; an import that runs goes on to its end.
    """
    prepare()
    with database.connect(autocommit=True) as connection:
        found = purging.extent(connection, entity)
        if found.status == entities.REMOVED:
            say(f"{entity} was removed before")
            return
        has = f"{found.lines} ledger lines, {found.imports} imports"
        say(f"{found.name} of {found.organisation}: {has}; they stay")
        confirm(f"Take {entity} out of sight?", yes=yes)
        with connection.transaction():
            canceled = removal.remove(connection, entity, person())
            noted_of(connection, entity, Action.ENTITY_REMOVED)
    partition.drop(entity)
    also = ", and the import that waited is canceled" if canceled else ""
    also += "; the import that runs goes on to its end" if found.running else ""
    say(f"{entity} is out of sight{also}; `monitr entity restore {entity}` brings it back")


def restore(entity: Key) -> None:
    """Bring an entity back that was removed: with its data, its history, and its imports from now on."""
    prepare()
    with database.connect(autocommit=True) as connection, connection.transaction():
        removal.restore(connection, entity)
        noted_of(connection, entity, Action.ENTITY_RESTORED)
    partition.add(entity)
    say(f"{entity} is back, and imported again")
