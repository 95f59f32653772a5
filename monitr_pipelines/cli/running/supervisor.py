"""Keeping processes running, and the embedded PostgreSQL under them, until a signal ends all."""

import logging
import os
import select
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from monitr_pipelines import lifeline, logs, settings
from monitr_pipelines.cli.running.pages import Announcement
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

STOP_SECONDS = 20
LOOK_EVERY = 0.1
MOST_ENDS = 6
WINDOW_SECONDS = 120
SERVER_STARTS = 20
SERVER_PAUSE = 1
TO_STOP = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

log = logging.getLogger(__name__)


@dataclass
class Service:
    """A process that is started again when it ends: at once the first time, then ever later.

    `answers`: the others need it; they start once it answers, and end before it.
    """

    name: str
    command: list[str]
    answers: Callable[[], bool] | None = None
    lifeline: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    groups: list[int] = field(default_factory=list)
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
                env={**os.environ, **({settings.LIFELINE: str(self.lifeline)} if self.lifeline else {})},
                cwd=settings.home(),  # in the project, its .env would overrule our environment
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.groups = [*filter(_lives, self.groups), self.process.pid]

    def look_after(self) -> None:
        """Start it again when it has ended; ServerNotRunning where that has no end."""
        now = time.monotonic()
        if self.due is None and self.process is not None and self.process.poll() is not None:
            self.due = now + self._pause(now)
            log.warning("the %s ended; starting it again", self.name)
        if self.due is not None and self.due <= now:
            self.start()

    def ask_to_end(self) -> None:
        """Ask, and do not wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Wait for the end that was asked for, of what the process started too, then insist.

        Dagster's code servers, and the runs within, outlive the process that they serve.
        """
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self._signal(signal.SIGTERM)
        if not soon(lambda: not self._left(), STOP_SECONDS):
            self._signal(signal.SIGKILL)
        self.process.wait()

    def _left(self) -> list[int]:
        if self.process is not None:
            self.process.poll()
        return [group for group in self.groups if _lives(group)]

    def _signal(self, number: signal.Signals) -> None:
        for group in self._left():
            with suppress(ProcessLookupError):
                os.killpg(group, number)

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


def soon(seen: Callable[[], bool], seconds: float) -> bool:
    """Look until something is so, of which no event tells; False where it took too long."""
    deadline = time.monotonic() + seconds
    while not (found := seen()) and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY)
    return found


def _lives(group: int) -> bool:
    with suppress(ChildProcessError):
        os.waitpid(-group, os.WNOHANG)  # as the first process of a container, orphans are ours
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):  # the latter: the number was given to someone else
        return False
    return True


class Server:
    """The embedded PostgreSQL, watched by a connection: it can be read from when the server is gone."""

    def __init__(self) -> None:
        self._connection = database.connect_directly(autocommit=True)
        self._starts = 0
        self.due: float | None = None

    def fileno(self) -> int:
        """The socket of the connection; there is none while a start is due."""
        return self._connection.fileno()

    def look_after(self) -> None:
        """Start the server again when it is gone; ServerNotRunning where it does not start.

        One that lost a process restarts by itself, and refuses to be started meanwhile.
        """
        if self.due is None and self._is_gone():
            self._connection.close()
            log.warning("PostgreSQL ended; starting it again")
            self._starts, self.due = 0, time.monotonic()
        if self.due is not None and self.due <= time.monotonic():
            self._start()

    def stop(self) -> None:
        """Watch no longer; the server goes on."""
        self._connection.close()

    def _is_gone(self) -> bool:
        try:
            self._connection.execute("select 1")
        except psycopg.Error:
            return True
        return False

    def _start(self) -> None:
        self._starts += 1
        try:
            database.start_server()
            self._connection = database.connect_directly(autocommit=True)
            self.due = None
        except (ServerNotRunning, psycopg.OperationalError):
            if self._starts == SERVER_STARTS:
                raise
            self.due = time.monotonic() + SERVER_PAUSE


def supervise(services: list[Service], address: str, pages: Sequence[str] = ()) -> None:
    """Run services until a signal or the end of the terminal; `address` is logged when all pages answer."""
    logs.set_up()
    signals = _listen_for_signals()
    servers = [] if settings.database_url() else [Server()]
    with lifeline.held(settings.home()) as pipe:
        try:
            for service in services:
                service.lifeline = pipe
                service.start()
                _await(service)
            announcement = Announcement(address, pages)
            watched: list[Service | Announcement] = [*services, announcement]
            while not TO_STOP & set(_wait(signals, watched, servers)):
                for each in watched:
                    each.look_after()
        finally:
            _end(services, servers)


def _await(service: Service) -> None:
    if service.answers and not soon(service.answers, STOP_SECONDS):
        raise ServerNotRunning(f"the {service.name} does not answer; see {service.log}")


def _end(services: list[Service], servers: list[Server]) -> None:
    needed = [service for service in services if service.answers]
    for some in ([service for service in services if not service.answers], needed):
        for service in some:
            service.ask_to_end()
        for service in some:
            service.stop()
    for server in servers:
        server.stop()


def _wait(signals: int, looked_after: Sequence[Service | Announcement], servers: list[Server]) -> bytes:
    """Until a signal comes, something is due or the server is gone, which is seen to here; the signals."""
    due = [each.due for each in (*looked_after, *servers) if each.due is not None]
    seconds = max(0, min(due) - time.monotonic()) if due else None
    watched = [server.fileno() for server in servers if server.due is None]
    ready, _, _ = select.select([signals, *watched], [], [], seconds)
    for server in servers:
        if server.due is not None or server.fileno() in ready:
            server.look_after()
    return os.read(signals, 64) if signals in ready else b""


def _listen_for_signals() -> int:
    """A file that gives the number of each signal as it comes: to stop, or that a child ended."""
    listen, tell = os.pipe()
    os.set_blocking(tell, False)
    # Under nohup a closed terminal ends nothing.
    ignored = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else set()
    for number in {*TO_STOP, signal.SIGCHLD} - ignored:
        signal.signal(number, lambda _number, _frame: None)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    return listen
