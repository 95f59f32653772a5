"""`monitr up` and `monitr migrate`: the server, the schema, the Dagster processes."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass

import typer

from monitr_pipelines import settings
from monitr_pipelines.cli.output import say
from monitr_pipelines.warehouse import database, embedded, migrations
from monitr_pipelines.warehouse.embedded import ServerNotRunning

STOP_SECONDS = 20
RESTARTS = 5


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(up)
    app.command()(migrate)


def migrate() -> None:
    """Start PostgreSQL if need be, and bring the database up to date."""
    database.start_server()
    applied = migrations.migrate()
    write_environment()
    say(f"applied {', '.join(applied)}" if applied else "the database is up to date")


def up() -> None:
    """Start PostgreSQL, the Dagster UI and the Dagster daemon; Ctrl-C ends them."""
    started = prepare()
    try:
        serve()
    finally:
        stop_server(started=started)


def prepare() -> bool:
    """A server that answers, its schema up to date; tells whether it was started here.

    A database of someone else's (`MONITR_DATABASE_URL`) is migrated by `monitr migrate` alone.
    """
    started = database.start_server()
    if os.environ.get(settings.DATABASE_URL):
        migrations.require_current()
    else:
        migrations.migrate()
    write_environment()
    return started


def stop_server(*, started: bool) -> None:
    """Stop the embedded server if this process started it and nobody else uses it."""
    database.close_pool()
    if started and embedded.other_sessions(embedded.cluster_of(settings.home())) == 0:
        embedded.stop(settings.home())


def write_environment() -> None:
    """Set what Dagster needs, here and in `.env`, so that its own commands work in the project root."""
    dagster_home = settings.home() / "dagster"
    dagster_home.mkdir(parents=True, exist_ok=True, mode=0o700)
    link = dagster_home / "dagster.yaml"
    target = settings.PROJECT_ROOT / "dagster.yaml"
    if not link.exists() or link.resolve() != target:
        draft = link.with_suffix(f".{os.getpid()}")
        draft.symlink_to(target)
        draft.replace(link)
    values = {"MONITR_HOME": str(settings.home()), "DAGSTER_HOME": str(dagster_home)}
    os.environ.update(values)
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    file = settings.PROJECT_ROOT / ".env"
    if settings.home().parent == settings.PROJECT_ROOT and (not file.exists() or file.read_text() != text):
        file.write_text(text)


@dataclass
class Service:
    """A process that `monitr up` keeps running."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches it only through us."""
        log = (settings.home() / f"{self.name}.log").open("ab")
        with log:
            self.process = subprocess.Popen(  # noqa: S603 - our own programs
                self.command,
                cwd=settings.home(),  # in the project, its .env would overrule our environment
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Ask it to end, then insist."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def serve() -> None:
    """Run the Dagster UI and daemon until a signal; a process that dies is started again."""
    port = settings.dagster_port()
    _refuse_taken_port(port)
    workspace = str(settings.PROJECT_ROOT / "workspace.yaml")
    services = [
        Service(
            "webserver", _python("dagster_webserver", "-w", workspace, "-h", "127.0.0.1", "-p", str(port))
        ),
        Service("daemon", _python("dagster._daemon", "run", "-w", workspace)),
    ]
    signals = _listen_for_signals()
    try:
        for service in services:
            service.start()
        say(f"Dagster UI on http://127.0.0.1:{port} (Ctrl-C ends it; logs in {settings.home()})")
        while not {signal.SIGINT, signal.SIGTERM} & set(os.read(signals, 64)):
            _restart_dead(services)
    finally:
        for service in reversed(services):
            service.stop()


def _listen_for_signals() -> int:
    """A file that gives the number of each signal as it comes: to stop, or that a child ended."""
    listen, tell = os.pipe()
    os.set_blocking(tell, False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, lambda _number, _frame: None)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    return listen


def _restart_dead(services: list[Service]) -> None:
    for service in services:
        if service.process is not None and service.process.poll() is not None:
            service.restarts += 1
            if service.restarts > RESTARTS:
                log = settings.home() / f"{service.name}.log"
                raise ServerNotRunning(f"the {service.name} ended {service.restarts} times; see {log}")
            say(f"the {service.name} ended; starting it again")
            service.start()


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise ServerNotRunning(
                f"port {port} is taken; end what uses it or set MONITR_DAGSTER_PORT"
            ) from None
