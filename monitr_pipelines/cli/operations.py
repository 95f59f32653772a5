"""`monitr errors`, `alerts`, `check`, `rekey`: what can go wrong, what is wrong now, keys."""

from typing import Annotated

import typer

from monitr_pipelines.cli.output import Format, print_json, print_rows, say
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.lifecycle.codes import REMEDIES
from monitr_pipelines.warehouse.registry import rekeying
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.upkeep import check as installation

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
    app.command()(check)
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


def check(*, json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Look at server, migrations, roles and rights. Exit code 0: all is well, 1: someone must act."""
    database.start_server()
    found = installation.check()
    if json:
        print_json([{"code": each.code, "problem": each.is_problem, "text": each.text} for each in found])
    else:
        for each in found:
            typer.echo(f"{'problem' if each.is_problem else 'note'}: {each.text}")
        say("Someone must act." if any(each.is_problem for each in found) else "Nothing is wrong.")
    if any(each.is_problem for each in found):
        raise typer.Exit(1)


def rekey() -> None:
    """Encrypt every stored secret with the newest key; the older ones are not needed any more."""
    prepare()
    with database.connect(autocommit=True) as connection:
        count = rekeying.rekey(connection)
    say(f"{count} secrets are encrypted with the newest key.")
