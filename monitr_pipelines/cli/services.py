"""`monitr up`, `monitr worker` and `monitr migrate`: the server, the schema, the processes."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from monitr_pipelines import logs, settings, shipped
from monitr_pipelines.cli.output import say
from monitr_pipelines.cli.running import leftovers, ports, turn
from monitr_pipelines.cli.running.supervisor import Service, soon, supervise
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.warehouse.server import database, embedded
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning
from monitr_pipelines.warehouse.upkeep import migrations

# What a command may end with, told in a sentence.
FORESEEN = (ImportProblem, ServerNotRunning, migrations.NotMigrated, settings.BadSetting, psycopg.Error)
SESSION_SECONDS = 5
WITHOUT_WORKERS = "workers need the extra `distributed`: pip install 'monitr_pipelines[distributed]'"
# Dagster waits for the start of a run as for any answer of its code server, a minute; a slow machine takes
# longer. As long as dagster.yaml gives a start; the other answers as before.
PATIENCE = {
    "DAGSTER_GRPC_TIMEOUT_SECONDS": "600",
    "DAGSTER_SCHEDULE_GRPC_TIMEOUT_SECONDS": "60",
    "DAGSTER_SENSOR_GRPC_TIMEOUT_SECONDS": "60",
    "DAGSTER_GRPC_SHUTDOWN_GRACE_PERIOD": "60",
}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(up)
    app.command()(worker)
    app.command()(migrate)


def migrate() -> None:
    """Start PostgreSQL if need be, and bring the database up to date."""
    database.start_server()
    applied = migrations.migrate()
    write_environment()
    say(f"applied {', '.join(applied)}" if applied else "the database is up to date")


def up(
    *,
    end_leftovers: Annotated[
        bool,
        typer.Option("--end-leftovers", help="End what a killed `monitr up` left behind, without asking."),
    ] = False,
    workers: Annotated[
        int,
        typer.Option(
            min=0, help="Run imports in so many workers, with a Redis and a PgBouncer of their own."
        ),
    ] = 0,
    slots: Annotated[int, typer.Option(min=1, help="Imports that each of them runs at once.")] = 2,
) -> None:
    """Start PostgreSQL, Dagster, the reconciler and the Entities page; Ctrl-C ends them."""
    logs.set_up()
    settings.check()
    with whole_home(end_leftovers=end_leftovers):
        _warn_of_another_home()
        serve(workers, slots)


def worker(
    *,
    slots: Annotated[int, typer.Option(min=1, help="Imports at once; unless given, one a processor.")] = (
        os.cpu_count() or 1
    ),
) -> None:
    """Execute imports that Dagster gives out through Redis; Ctrl-C ends it after those that run."""
    logs.set_up()
    settings.check()
    settings.home().mkdir(parents=True, exist_ok=True, mode=0o700)
    write_environment()
    try:
        from monitr_pipelines.workers.program import work  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise ServerNotRunning(f"{WITHOUT_WORKERS} ({missing})") from None
    work(slots)


@contextmanager
def whole_home(*, end_leftovers: bool = False) -> Iterator[None]:
    """The home for this process alone: nothing of an earlier one runs, ports are free, the database is ready.

    PostgreSQL is stopped afterwards where it was started here, or by a `monitr up` that was killed.
    """
    if not settings.home().exists():
        ports.refuse_taken()  # nothing is made in vain
    with turn.taken(settings.home()) as ours:
        leftovers.clear(settings.home(), end=end_leftovers)
        ports.refuse_taken()
        if not (settings.database_url() or embedded.cluster_of(settings.home()).answers()):
            ours.start_server()
        try:
            prepare()
            yield
        finally:
            stop_server(started=ours.stops_server)


def prepare() -> bool:
    """A server that answers, its schema up to date; tells whether it was started here.

    A database of someone else's (`MONITR_DATABASE_URL`) is migrated by `monitr migrate` alone.
    """
    started = database.start_server()
    if settings.database_url():
        migrations.require_current()
    else:
        migrations.migrate()
    write_environment()
    return started


def stop_server(*, started: bool) -> None:
    """Stop the embedded server if this process started it and nobody else uses it.

    The sessions of processes that just ended are given a moment to be noticed by the server.
    """
    database.close_pool()
    if not started:
        return
    cluster = embedded.cluster_of(settings.home())
    if not cluster.answers():
        return
    if soon(lambda: embedded.other_sessions(cluster) == 0, SESSION_SECONDS):
        embedded.stop(settings.home())
    else:
        say("PostgreSQL goes on: someone else is connected to it")


def write_environment() -> None:
    """Set what Dagster needs, here and in the `.env` of a checkout, so that its own commands work there.

    Where workers run the imports it has a folder of its own: commands beside them know nothing of workers.
    """
    distributed = settings.broker_url() is not None
    dagster_home = settings.home() / ("dagster-workers" if distributed else "dagster")
    instance = shipped.CLUSTER / "dagster.yaml" if distributed else shipped.DAGSTER_YAML
    dagster_home.mkdir(parents=True, exist_ok=True, mode=0o700)
    link = dagster_home / "dagster.yaml"
    if not link.exists() or link.resolve() != instance:
        draft = link.with_suffix(f".{os.getpid()}")
        draft.symlink_to(instance)
        draft.replace(link)
    values = {"MONITR_HOME": str(settings.home()), "DAGSTER_HOME": str(dagster_home), **PATIENCE}
    os.environ.update(values)
    if distributed:
        return
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    if settings.home().parent == shipped.CHECKOUT:
        _write(shipped.CHECKOUT / ".env", text)


def _write(file: Path, text: str) -> None:
    if not file.exists() or file.read_text() != text:
        file.write_text(text)


def _warn_of_another_home() -> None:
    """Dagster's own commands believe `.env` where they run, whatever is exported."""
    if shipped.CHECKOUT is None:
        return
    file = shipped.CHECKOUT / ".env"
    lines = file.read_text().splitlines() if file.exists() else []
    homes = [line for line in lines if line.startswith("MONITR_HOME=")]
    if homes and homes[-1] != f"MONITR_HOME={settings.home()}":
        say(
            f"{file} says {homes[-1]}, and MONITR_HOME is {settings.home()}: Dagster's own commands in "
            f"{file.parent} work with the former. Delete the file, or run them elsewhere."
        )


def serve(workers: int = 0, slots: int = 1) -> None:
    """Run the Dagster UI and daemon, reconciler, web hook and page, and so many workers, until a signal."""
    dagster, _ = ports.refuse_taken()
    working = _workers(workers, slots) if workers else []
    write_environment()
    workspace = str(shipped.WORKSPACE_YAML)
    bind = settings.dagster_bind()
    web = ("-w", workspace, "-h", bind, "-p", str(dagster), "--code-server-log-level", "warning")
    supervise(
        [
            *working,
            Service("webserver", _dagster("dagster_webserver", *web)),
            Service("daemon", _dagster("dagster._daemon", "run", "-w", workspace)),
            Service("reconciler", _python("monitr_pipelines.reconciler")),
            Service("hook", _python("monitr_pipelines.web.server")),
        ],
        f"Entities page on {settings.hook_at()}, Dagster UI on {settings.dagster_at()} "
        f"(Ctrl-C ends them; data and logs in {settings.home()})",
        [f"{settings.hook_at()}/health/live", f"{settings.dagster_at()}/server_info"],
    )


def _workers(count: int, slots: int) -> list[Service]:
    from monitr_pipelines.cli.running import cluster  # noqa: PLC0415 - loads Dagster's storage

    return cluster.prepared(count, slots)


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _dagster(module: str, *arguments: str) -> list[str]:
    return _python("monitr_pipelines.dagster_process", module, *arguments)
