"""`monitr org`: who pays, and who is told when something is wrong."""

from typing import Annotated

import typer

from monitr_pipelines.cli.output import Format, print_json, print_rows, say
from monitr_pipelines.cli.person import noted
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.warehouse.registry import organisations
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server import database

LISTED = ("id", "name", "subscription", "subscription_read_at", "billing_customer", "entities", "alert_email")

commands = typer.Typer(no_args_is_help=True, help="Organisations: who pays, who is told.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(commands, name="org")


@commands.command("add")
def add(name: str, subscription: Annotated[str, typer.Option(help="As Stripe names it.")] = "active") -> None:
    """Register an organisation and print its id."""
    prepare()
    with database.connect(autocommit=True) as connection, connection.transaction():
        made = organisations.add(connection, name, subscription)
        noted(connection, made, Action.ORGANISATION_ADDED, name)
    typer.echo(made)


@commands.command("set")
def change(
    organisation: Annotated[str, typer.Argument(metavar="ORG", help="Its name or id.")],
    subscription: Annotated[
        str | None, typer.Option(help="As Stripe names it; overruled by Stripe where it knows the customer.")
    ] = None,
    billing_customer: Annotated[str | None, typer.Option(help="Its id in the billing system.")] = None,
    alert_email: Annotated[str | None, typer.Option(help="Who is told of failures.")] = None,
    alert_url: Annotated[
        str | None, typer.Option(help="Where failures are posted, signed; prints the new secret.")
    ] = None,
) -> None:
    """Change an organisation; an empty text clears. Imports follow its subscription within a minute."""
    prepare()
    values = {
        "subscription": subscription,
        "billing_customer": billing_customer,
        "alert_email": alert_email,
        "alert_url": alert_url,
    }
    with database.connect(autocommit=True) as connection, connection.transaction():
        secret = organisations.change(connection, organisation, values)
        changed = ", ".join(name for name, value in values.items() if value is not None)
        noted(connection, organisations.find(connection, organisation), Action.ORGANISATION_CHANGED, changed)
    if secret:
        say("The secret that signs messages to this address, shown once:")
        typer.echo(secret)


@commands.command("list")
def show(*, json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Every organisation with its subscription and when that was read."""
    prepare()
    with database.connect(autocommit=True) as connection:
        rows = organisations.listed(connection)
    if json:
        print_json(rows)
    else:
        print_rows(rows, LISTED, Format.TABLE, "Organisations")
