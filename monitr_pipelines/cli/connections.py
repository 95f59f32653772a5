"""`monitr connection`: the accounting software of an organisation, and what it can see there."""

import sys
from typing import Annotated

import typer

from monitr_pipelines import providers
from monitr_pipelines.cli.output import Format, print_json, print_rows, say
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.importing import connecting
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.providers.oauth import REFRESH_TOKEN
from monitr_pipelines.warehouse.registry import connections
from monitr_pipelines.warehouse.server import database

VISIBLE = ("id", "name", "currency")
LISTED = ("id", "organisation", "provider", "state", "connected_at", "entities")

commands = typer.Typer(no_args_is_help=True, help="Connections to accounting software.")

Fields = Annotated[
    list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="What it connects with.")
]
Id = Annotated[int, typer.Argument(metavar="ID", help="The connection's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(commands, name="connection")


@commands.command("add")
def add(
    org: Annotated[str, typer.Option(help="Name or id of the organisation.")],
    provider: Annotated[str, typer.Option(help="The accounting software.")],
    fields: Fields = None,
) -> None:
    """Try credentials out, keep them encrypted, and print the id of the connection.

    Secret fields that are not set are asked for; where nobody can be asked they are read from the
    standard input, one a line, so that they need not stand in the command.
    """
    values = _credentials(provider, fields)
    prepare()
    with database.connect(autocommit=True) as connection:
        typer.echo(connecting.connect(connection, org, provider, values))


@commands.command("reconnect")
def reconnect(connection_id: Id, fields: Fields = None) -> None:
    """Try other credentials of a connection out and keep them; its entities are imported again.

    Every field is needed again; secret ones are asked for as `monitr connection add` does.
    """
    provider = _provider_of(connection_id)
    values = _credentials(provider, fields)
    with database.connect(autocommit=True) as connection:
        connecting.reconnect(connection, connection_id, values)
    say(f"Connection {connection_id} works: its imports go on.")


@commands.command("list")
def list_connections(*, json: AsJson = False) -> None:
    """Every connection and its state; never its credentials."""
    prepare()
    with database.connect(autocommit=True) as connection:
        rows = connections.listed(connection)
    print_json(rows) if json else print_rows(rows, LISTED, Format.TABLE, "Connections")


@commands.command("administrations")
def list_administrations(connection_id: Id, *, json: AsJson = False) -> None:
    """The companies that a connection can see; `monitr entity add --connection` imports one."""
    visible = connecting.administrations(_provider_of(connection_id), connection_id)
    rows = [{name: getattr(each, name) for name in VISIBLE} for each in visible]
    print_json(rows) if json else print_rows(rows, VISIBLE, Format.TABLE, "Administrations")


@commands.command("test")
def test(connection_id: Id) -> None:
    """Ask the accounting software whether the stored credentials work."""
    visible = connecting.administrations(_provider_of(connection_id), connection_id)
    say(f"Connection {connection_id} works: it can see {len(visible)} administrations.")


def _provider_of(connection_id: int) -> str:
    prepare()
    with database.connect(autocommit=True) as connection:
        return connections.provider_of(connection, connection_id)


def _credentials(provider: str, fields: list[str] | None) -> dict[str, str]:
    """What the options give, and the secrets that they leave out."""
    if provider not in providers.connectors():
        available = ", ".join(providers.connectors()) or "none"
        raise Refused(f"There is no connector {provider!r}; there is {available}.", code="bad_value")
    values = dict(_pair(text) for text in fields or [])
    found = providers.find(provider)
    secrets = {field.name: field.title for field in found.fields if field.secret and not field.optional}
    if found.sign_in is not None:
        secrets[REFRESH_TOKEN] = "Refresh token"
    for name, title in secrets.items():
        if name not in values:
            values[name] = _secret(title)
    return values


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise Refused("Write --set FIELD=VALUE.", code="bad_value")
    return name, value


def _secret(title: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(title, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")
