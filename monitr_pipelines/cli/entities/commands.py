"""`monitr entity`, `monitr entities` and `monitr reset`, put together."""

import typer

from monitr_pipelines.cli.entities import changing, listing, purging, removing

commands = typer.Typer(no_args_is_help=True, help="Entities: one company's administration each.")
commands.command("add")(changing.add)
commands.command("set")(changing.change)
commands.command("found")(changing.mark_found)
commands.command("list")(listing.list_some)
commands.command("remove")(removing.remove)
commands.command("restore")(removing.restore)
commands.command("purge")(purging.purge)


def register(app: typer.Typer) -> None:
    """Add the commands of this folder."""
    app.add_typer(commands, name="entity")
    app.command("entities")(listing.list_entities)
    app.command("reset")(changing.reset)
