"""`monitr serve` and `monitr hook-key`: the web hook, and the keys that programs sign with."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer

from monitr_pipelines import logs, settings
from monitr_pipelines.cli.output import Format, print_json, print_rows, say
from monitr_pipelines.cli.person import noted
from monitr_pipelines.cli.services import prepare, stop_server
from monitr_pipelines.warehouse.registry import hook_keys, organisations
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server import database

LISTED = ("id", "public_id", "organisation", "created_at", "revoked_at")

commands = typer.Typer(no_args_is_help=True, help="Keys with which programs sign requests of the web hook.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(serve)
    app.add_typer(commands, name="hook-key")


def serve() -> None:
    """Serve the web hook and the Entities page; Ctrl-C ends it."""
    from monitr_pipelines.web import server  # noqa: PLC0415 - FastAPI takes half a second to load

    logs.set_up()
    settings.check()
    started = prepare()
    try:
        say(f"the web hook and the Entities page: {settings.public_url()} (Ctrl-C ends them)")
        server.serve(settings.hook_port())
    finally:
        stop_server(started=started)


@commands.command("create")
def create(
    org: Annotated[str, typer.Option(help="Name or id of the organisation.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="As JSON: id and key.")] = False,
) -> None:
    """Make a key and print it, this once. An organisation has two valid keys at most: to change them."""
    prepare()
    with database.connect(autocommit=True) as connection, connection.transaction():
        made = hook_keys.create(connection, org)
        noted(connection, organisations.find(connection, org), Action.KEY_CREATED, str(made.id))
    if json:
        print_json({"id": made.id, "key": made.key})
    else:
        typer.echo(made.key)


@commands.command("list")
def list_keys(*, json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show which keys there are; never the keys themselves."""
    prepare()
    with database.connect(autocommit=True) as connection:
        rows = hook_keys.listed(connection)
    print_json(rows) if json else print_rows(rows, LISTED, Format.TABLE, "Keys of the web hook")


@commands.command("revoke")
def revoke(key_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Make a key invalid at once."""
    prepare()
    with database.connect(autocommit=True) as connection, connection.transaction():
        noted(connection, hook_keys.revoke(connection, key_id), Action.KEY_REVOKED, str(key_id))
    say(f"Key {key_id} is revoked.")


@commands.command("sign")
def sign(
    file: Annotated[
        typer.FileBinaryRead, typer.Option(help="The body, exactly as it will be sent; - for stdin.")
    ],
    key: Annotated[
        str | None, typer.Option(help="The key, as it was printed; default: MONITR_HOOK_KEY.")
    ] = None,
    message_id: Annotated[
        str | None, typer.Option("--id", help="Of the message; the same for each repeat of it.")
    ] = None,
) -> None:
    """Print the headers of a request, one `name: value` a line; valid for five minutes."""
    from monitr_pipelines.web.hook import signatures  # noqa: PLC0415 - other commands need no signatures

    key = key or settings.hook_key()
    if not key:
        raise typer.BadParameter("give it, or set MONITR_HOOK_KEY", param_hint="--key")
    headers = signatures.sign(
        key, message_id or f"msg_{secrets.token_hex(12)}", file.read(), datetime.now(UTC)
    )
    for name, value in headers.items():
        typer.echo(f"{name}: {value}")
