"""`monitr backup` and `monitr restore`: the books as a file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from monitr_pipelines.cli.output import say
from monitr_pipelines.cli.services import write_environment
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.upkeep import backup as books

File = Annotated[Path, typer.Argument(metavar="FILE", help="The back-up.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(backup)
    app.command()(restore)


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
