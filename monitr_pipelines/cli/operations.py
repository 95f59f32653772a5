"""`monitr errors`, `monitr alerts`, `monitr rekey`: what can go wrong, what is wrong now, keys."""

from typing import Annotated

import typer

from monitr_pipelines.cli.output import Format, print_json, print_rows, say
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.lifecycle.codes import REMEDIES
from monitr_pipelines.warehouse.registry import rekeying
from monitr_pipelines.warehouse.server import database

HEADER = (
    "code",
    "meaning",
    "acts",
    "message",
    "for the finance user",
    "with ledger files",
    "for operations",
    "after a command",
)
LISTED = ("key", "organisation", "cause", "opened_at", "waiting", "sent", "given_up", "error")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(errors)
    app.command()(alerts)
    app.command()(rekey)


def errors() -> None:
    """Print every error code with its remedy, as a table in Markdown."""
    rows = [
        (
            f"`{code}`",
            remedy.title,
            remedy.actor,
            remedy.alert,
            remedy.finance,
            remedy.files or "",
            remedy.operations,
            remedy.command or "",
        )
        for code, remedy in REMEDIES.items()
    ]
    for row in (HEADER, ["---"] * len(HEADER), *rows):
        typer.echo(f"| {' | '.join(row)} |")


def alerts(*, json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show the alerts that are open, and what became of their messages."""
    prepare()
    rows = database.read("open_alerts")
    print_json(rows) if json else print_rows(rows, LISTED, Format.TABLE, "Open alerts")


def rekey() -> None:
    """Encrypt every stored secret with the newest key; the older ones are not needed any more."""
    prepare()
    with database.connect(autocommit=True) as connection:
        count = rekeying.rekey(connection)
    say(f"{count} secrets are encrypted with the newest key.")
