"""`monitr worker`: executes imports on this machine, for a Dagster that runs elsewhere."""

import os
from typing import Annotated

import typer

from monitr_pipelines import logs, settings
from monitr_pipelines.cli.services import write_environment
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

WITHOUT = "workers need the extra `distributed`: pip install 'monitr_pipelines[distributed]'"


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("worker")(worker)


def worker(
    *,
    slots: Annotated[
        int, typer.Option(min=1, help="Imports at once; as many as processors, unless given.")
    ] = (os.cpu_count() or 1),
) -> None:
    """Execute imports that Dagster gives out through Redis; Ctrl-C ends it after those that run."""
    logs.set_up()
    settings.check()
    settings.home().mkdir(parents=True, exist_ok=True, mode=0o700)
    write_environment()
    try:
        from monitr_pipelines.workers.program import work  # noqa: PLC0415 - an extra
    except ImportError as problem:
        raise ServerNotRunning(f"{WITHOUT} ({problem})") from None
    work(slots)
