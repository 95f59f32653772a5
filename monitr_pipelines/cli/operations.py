"""What keeps the whole alive: errors and alerts, a check of the installation, back-up and restore, keys."""

from pathlib import Path
from typing import Annotated

import typer

from monitr_pipelines.cli.output import Format, print_json, print_rows, say
from monitr_pipelines.cli.services import prepare, write_environment
from monitr_pipelines.lifecycle.codes import REMEDIES
from monitr_pipelines.warehouse.registry import rekeying
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.upkeep import backup as books
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
File = Annotated[Path, typer.Argument(metavar="FILE", help="The back-up.")]
LISTED = ("key", "organisation", "cause", "opened_at", "waiting", "sent", "given_up", "error")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(errors)
    app.command()(alerts)
    app.command()(check)
    app.command()(rekey)
    app.command()(backup)
    app.command()(restore)


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


def backup(file: File) -> None:
    """Write the books to a new file, while everything runs; what it leaves out is said."""
    database.start_server()
    books.save(file)
    say(
        f"The books are in {file} ({file.stat().st_size:,} bytes). Secrets in it are encrypted: keep the "
        "keys (MONITR_SECRET_KEYS, or secret.key in MONITR_HOME) in another place. Dagster's history of "
        "runs is not in it."
    )


def restore(file: File) -> None:
    """Read a back-up into an empty database; one that has tables is refused."""
    database.start_server()
    applied = books.restore(file)
    write_environment()
    newer = f", and brought up to date by {', '.join(applied)}" if applied else ""
    say(
        f"The books of {file} are back{newer}. Put the secret keys in their place before `monitr up`; "
        "Dagster starts with an empty history."
    )
