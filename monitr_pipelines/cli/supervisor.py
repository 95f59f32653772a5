"""Keeping processes running, and the embedded PostgreSQL under them, until a signal ends all."""

import os
import select
import signal
import subprocess
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.rows import DictRow

from monitr_pipelines import settings
from monitr_pipelines.cli.output import say
from monitr_pipelines.warehouse import database
from monitr_pipelines.warehouse.embedded import ServerNotRunning

STOP_SECONDS = 20
MOST_ENDS = 6
WINDOW_SECONDS = 120
SERVER_STARTS = 20
TO_STOP = {signal.SIGINT, signal.SIGTERM}


@dataclass
class Service:
    """A process that is started again when it ends: at once the first time, then ever later."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    ends: deque[float] = field(default_factory=deque)
    due: float | None = None

    @property
    def log(self) -> Path:
        """The file that holds what the process prints."""
        return settings.home() / f"{self.name}.log"

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches it only through us."""
        self.due = None
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own programs
                self.command,
                cwd=settings.home(),  # in the project, its .env would overrule our environment
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def look_after(self) -> None:
        """Start it again when it has ended; ServerNotRunning where that has no end."""
        now = time.monotonic()
        if self.due is None and self.process is not None and self.process.poll() is not None:
            self.due = now + self._pause(now)
            say(f"the {self.name} ended; starting it again")
        if self.due is not None and self.due <= now:
            self.start()

    def ask_to_end(self) -> None:
        """Ask, and do not wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Wait for the end that was asked for, then insist."""
        if self.process is None:
            return
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _pause(self, now: float) -> int:
        """Seconds until the next start; the end is counted, and those of long ago no more."""
        self.ends.append(now)
        while self.ends[0] < now - WINDOW_SECONDS:
            self.ends.popleft()
        if len(self.ends) > MOST_ENDS:
            raise ServerNotRunning(
                f"the {self.name} ended {len(self.ends)} times in {WINDOW_SECONDS} seconds; see {self.log}"
            )
        return (1 << len(self.ends) - 1) - 1


class Server:
    """The embedded PostgreSQL, watched by a connection: it can be read from when the server is gone."""

    def __init__(self) -> None:
        self._connection = database.connect(autocommit=True)

    def fileno(self) -> int:
        """The socket of the connection."""
        return self._connection.fileno()

    def look_after(self) -> None:
        """Start the server again when it is gone; ServerNotRunning where it does not start."""
        try:
            self._connection.execute("select 1")
        except psycopg.Error:
            self._connection.close()
            say("PostgreSQL ended; starting it again")
            self._connection = _connection_to_next_server()

    def stop(self) -> None:
        """Watch no longer; the server goes on."""
        self._connection.close()


def _connection_to_next_server() -> psycopg.Connection[DictRow]:
    """A server that lost one of its processes restarts by itself, and refuses to be started meanwhile."""
    for _ in range(SERVER_STARTS - 1):
        with suppress(ServerNotRunning):
            database.start_server()
            return database.connect(autocommit=True)
        time.sleep(1)
    database.start_server()
    return database.connect(autocommit=True)


def supervise(services: list[Service], address: str) -> None:
    """Run services until SIGINT or SIGTERM; `address` is said when all are started."""
    signals = _listen_for_signals()
    servers = [] if os.environ.get(settings.DATABASE_URL) else [Server()]
    try:
        for service in services:
            service.start()
        say(address)
        while not TO_STOP & set(_wait(signals, services, servers)):
            for service in services:
                service.look_after()
    finally:
        for service in services:
            service.ask_to_end()
        for service in services:
            service.stop()
        for server in servers:
            server.stop()


def _wait(signals: int, services: list[Service], servers: list[Server]) -> bytes:
    """Until a signal comes, a start is due or the server is gone, which is seen to here; the signals."""
    starts = [service.due for service in services if service.due is not None]
    seconds = max(0, min(starts) - time.monotonic()) if starts else None
    ready, _, _ = select.select([signals, *(server.fileno() for server in servers)], [], [], seconds)
    for server in servers:
        if server.fileno() in ready:
            server.look_after()
    return os.read(signals, 64) if signals in ready else b""


def _listen_for_signals() -> int:
    """A file that gives the number of each signal as it comes: to stop, or that a child ended."""
    listen, tell = os.pipe()
    os.set_blocking(tell, False)
    for number in (*TO_STOP, signal.SIGCHLD):
        signal.signal(number, lambda _number, _frame: None)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    return listen
