"""`monitr connection`, `monitr administrations`: the accounting software, what it sees, what is imported."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from monitr_pipelines import providers
from monitr_pipelines.cli.entities import partition
from monitr_pipelines.cli.entities.asking import confirm
from monitr_pipelines.cli.output import Format, print_json, print_rows, say
from monitr_pipelines.cli.person import person
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.importing import connecting
from monitr_pipelines.lifecycle.errors import ProviderDown, Refused
from monitr_pipelines.providers.oauth import ACCESS_TOKEN, REFRESH_TOKEN
from monitr_pipelines.warehouse.registry import administrations, changes, connections, organisations
from monitr_pipelines.warehouse.registry.administrations import Choice
from monitr_pipelines.warehouse.server import database

VISIBLE = ("id", "name", "currency")
LISTED = ("id", "organisation", "provider", "label", "state", "used_at", "entities")
CHANGES = ("changed_at", "person", "action", "subject")
MOST_CHANGES = 100
# The organisation of whoever connects without having any.
OWN = "My organisation"
CHOICES = ("id", "name", "currency", "visible", "entity", "status", "choice")

commands = typer.Typer(no_args_is_help=True, help="Connections to accounting software.")

Fields = Annotated[
    list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="What it connects with.")
]
Id = Annotated[int, typer.Argument(metavar="ID", help="The connection's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(commands, name="connection")
    app.command("administrations")(choose_administrations)


@commands.command("add")
def add(
    provider: Annotated[str, typer.Option(help="The accounting software.")],
    fields: Fields = None,
    org: Annotated[
        str | None, typer.Option(help="Name or id of the organisation, where there is more than one.")
    ] = None,
) -> None:
    """Try credentials out, keep them encrypted, and print the id of the connection.

    Without --org it is one of the only organisation that is active; where there is none at all, of one that
    is made for it.

    Secret fields that are not set are asked for; where nobody can be asked they are read from the
    standard input, one a line, so that they need not stand in the command.
    """
    values = _credentials(provider, fields)
    prepare()
    with _being_connected(provider), database.connect(autocommit=True) as connection:
        owner = org or organisations.only_one(connection)
        if owner is None:
            accepted = connecting.try_out(provider, values)
            organisations.add(connection, OWN, "active")
            say(f"made the organisation {OWN!r}")
            label = connecting.label_of(provider, values)
            number = connecting.keep(connection, OWN, accepted, label=label, person=person())
        else:
            number = connecting.connect(connection, owner, provider, values, person())
    typer.echo(number)


@commands.command("reconnect")
def reconnect(connection_id: Id, fields: Fields = None) -> None:
    """Try other credentials of a connection out and keep them; its entities are imported again.

    Every field is needed again; secret ones are asked for as `monitr connection add` does.
    """
    provider = _provider_of(connection_id)
    values = _credentials(provider, fields)
    with _being_connected(provider), database.connect(autocommit=True) as connection:
        connecting.reconnect(connection, connection_id, values, person())
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


@commands.command("remove")
def remove(
    connection_id: Id,
    *,
    confirmed: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget the credentials of a connection; its entities, their history and figures stay.

    `monitr connection reconnect` goes on with it later.
    """
    prepare()
    with database.connect(autocommit=True) as connection:
        found = connections.find(connection, connection_id)
        name = connecting.named(found["provider"], found["label"])
        confirm(f"Remove {name} of {found['organisation']}?", yes=confirmed)
        connecting.remove(connection, connection_id, person())
    say(f"{name} is removed: its {found['entities']} entities keep their history and figures.")


@commands.command("changes")
def list_changes(
    org: Annotated[str, typer.Option(help="Name or id of the organisation.")], *, json: AsJson = False
) -> None:
    """Who changed what in an organisation: connections, what is imported, and in which order."""
    prepare()
    with database.connect(autocommit=True) as connection:
        rows = changes.newest(connection, organisations.find(connection, org), MOST_CHANGES)
    print_rows([dict(row) for row in rows], CHANGES, Format.JSON if json else Format.TABLE, "Changes")


def choose_administrations(
    connection_id: Id,
    chosen: Annotated[
        list[str] | None, typer.Option("--import", metavar="ADMINISTRATION", help="Import it.")
    ] = None,
    first: Annotated[
        list[str] | None, typer.Option("--first", metavar="ADMINISTRATION", help="Import it before others.")
    ] = None,
    last: Annotated[
        list[str] | None, typer.Option("--last", metavar="ADMINISTRATION", help="Import it after others.")
    ] = None,
    stop: Annotated[
        list[str] | None,
        typer.Option("--stop", metavar="ADMINISTRATION", help="Not importing; history and figures stay."),
    ] = None,
    *,
    json: AsJson = False,
) -> None:
    """Read what a connection sees, choose what of it is imported, and print what is.

    The first import of a new one is requested. One that was not found and is there again is active.
    """
    provider = _provider_of(connection_id)
    visible = connecting.administrations(provider, connection_id)
    choices = {
        **dict.fromkeys(chosen or [], Choice.NORMAL),
        **dict.fromkeys(first or [], Choice.FIRST),
        **dict.fromkeys(last or [], Choice.LAST),
        **dict.fromkeys(stop or [], Choice.NOT_IMPORTING),
    }
    with database.connect(autocommit=True) as connection:
        for key in administrations.keep(connection, connection_id, visible):
            say(f"{key} was found again")
        administrations.choose(connection, connection_id, choices, person())
        rows = [_chosen(row) for row in administrations.listed(connection, connection_id)]
    for row in rows:
        if row["entity"] and row["id"] in choices:
            partition.add(row["entity"])
    print_json(rows) if json else print_rows(rows, CHOICES, Format.TABLE, "Administrations")


def _chosen(row: dict[str, Any]) -> dict[str, Any]:
    importing = row["entity_status"] in ("Active", "Not found")
    by_priority = {priority: choice for choice, priority in administrations.PRIORITIES.items()}
    return {
        "id": row["id"],
        "name": row["name"],
        "currency": row["currency"],
        "visible": row["visible"],
        "entity": row["entity_key"],
        "status": row["entity_status"],
        "choice": str(by_priority[row["priority"]] if importing else Choice.NOT_IMPORTING),
    }


@contextmanager
def _being_connected(provider: str) -> Iterator[None]:
    """Who connects may have mistyped the address: no import goes on by itself then."""
    try:
        yield
    except ProviderDown as down:
        if not any(message.kind == "software_down" for message in down.messages):
            raise
        told = f"{providers.title_of(provider)} does not answer."
        remedy = "Check the address, or try again in a few minutes. Nothing was changed."
        raise Refused(f"{told} {remedy}", code="bad_value") from None


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
    if found.sign_in is not None and ACCESS_TOKEN not in values:
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
