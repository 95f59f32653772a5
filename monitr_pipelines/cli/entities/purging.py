"""`monitr entity purge`: everything that there is of an entity is deleted."""

from typing import Annotated

import typer

from monitr_pipelines.cli.entities.asking import confirm_by_key
from monitr_pipelines.cli.entities.naming import Key
from monitr_pipelines.cli.output import say
from monitr_pipelines.cli.person import noted, person
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.importing.spool import folder
from monitr_pipelines.warehouse.registry import purging
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.registry.purging import Extent
from monitr_pipelines.warehouse.server import database


def purge(
    entity: Key,
    key: Annotated[str | None, typer.Option("--key", help="The key once more, instead of typing it.")] = None,
    keep_connection: Annotated[
        bool, typer.Option("--keep-connection", help="Keep credentials that no other entity uses.")
    ] = False,
) -> None:
    """Delete all data of an entity for ever: ledger, reports, files, imports, alerts, its runs in Dagster.

    What remains is who did it, when, and the key. An import that runs refuses it. Whatever ends it midway,
    call it again.
    """
    from monitr_pipelines.cli.dagster_run import forget_entity  # noqa: PLC0415 - Dagster takes a second to load

    prepare()
    with database.connect(autocommit=True) as connection:
        found = purging.extent(connection, entity)
        say(_what_goes(found, keep_connection=keep_connection))
        confirm_by_key("To delete all of it for ever, type the key", entity, key)
        with connection.transaction():
            purging.begin(connection, entity, person())
            # By its key: nothing else of it is to remain.
            noted(connection, found.organisation_id, Action.ENTITY_DELETED, entity)
        forget_entity(entity)
        folder.forget(folder.prepare(), found.id)
        dropped = purging.finish(connection, entity, keep_connection=keep_connection)
    credentials = f", connection {found.connection_id} and its credentials too" if dropped else ""
    say(f"{entity} is deleted{credentials}; back-ups that were made before still hold it")


def _what_goes(found: Extent, *, keep_connection: bool) -> str:
    goes = (
        f"{found.name} of {found.organisation}: {found.lines} ledger lines, {found.imports} imports, "
        f"{found.files} files, and its runs in Dagster"
    )
    if found.connection_id is None:
        return goes
    which = f"connection {found.connection_id} ({found.provider})"
    if not found.alone:
        return f"{goes}; other entities use {which}, which stays"
    if keep_connection:
        return f"{goes}; {which} stays, though no other entity uses it"
    return f"{goes}; no other entity uses {which}: its credentials go too, unless you say --keep-connection"
