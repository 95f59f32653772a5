"""`monitr token`: who may sign in to the Entities page."""

from typing import Annotated

import typer

from monitr_pipelines import settings
from monitr_pipelines.cli.output import Format, print_json, print_rows, say
from monitr_pipelines.cli.person import noted, person
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.lifecycle.roles import Role
from monitr_pipelines.warehouse.registry import access_tokens, organisations
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server import database

LISTED = ("id", "organisation", "kind", "person", "role", "created_at", "expires_at", "used_at", "revoked_at")

commands = typer.Typer(
    no_args_is_help=True,
    help="Tokens and links to sign in to the Entities page; programs read reports with a token.",
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(commands, name="token")


@commands.command("create")
def create(
    org: Annotated[str, typer.Option(help="Name or id of the organisation.")],
    given: Annotated[str | None, typer.Option("--person", help="Who signs in with it; default: you.")] = None,
    role: Annotated[
        Role, typer.Option(help="What they may do; each role may what those before it may.")
    ] = Role.ADMINISTRATOR,
    *,
    link: Annotated[bool, typer.Option("--link", help="A link that works once, within a day.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Print a token, or a one-time link, for a person of an organisation."""
    address = sign_in_address()
    prepare()
    kind = access_tokens.LINK if link else access_tokens.TOKEN
    with database.connect(autocommit=True) as connection, connection.transaction():
        who = given or person()
        token_id, secret = access_tokens.create(connection, org, who, kind, role)
        noted(connection, organisations.find(connection, org), Action.TOKEN_CREATED, f"{who} ({role})")
    told = f"{address}/{secret}" if link else secret
    if json:
        print_json({"id": token_id, kind: told})
    else:
        typer.echo(told)


@commands.command("list")
def list_tokens(*, json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show who can sign in; never the tokens themselves."""
    prepare()
    with database.connect(autocommit=True) as connection:
        rows = access_tokens.listed(connection)
    print_json(rows) if json else print_rows(rows, LISTED, Format.TABLE, "Tokens")


@commands.command("revoke")
def revoke(token_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """End a token and the sessions that began with it."""
    prepare()
    with database.connect(autocommit=True) as connection, connection.transaction():
        revoked = access_tokens.revoke(connection, token_id)
        noted(connection, revoked.organisation_id, Action.TOKEN_REVOKED, revoked.person)
    say(f"Token {token_id} is revoked. Who signed in with it is signed out.")


def sign_in_address() -> str:
    """The address that signs in, once a link's secret follows it."""
    return f"{settings.public_url()}/sign-in"
