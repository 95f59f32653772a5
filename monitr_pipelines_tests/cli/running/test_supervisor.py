"""Processes that end are started again, but not for ever."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from process_kit import LONGEST_WAIT, alive

from monitr_pipelines.cli.running import supervisor
from monitr_pipelines.cli.running.supervisor import MOST_ENDS, SERVER_STARTS, TO_STOP, Server, Service
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service that ends as soon as it has started."""
    monkeypatch.setenv("MONITR_HOME", str(tmp_path))
    service = Service("broken", [sys.executable, "-c", "print('here is why')"])
    service.start()
    yield service
    service.ask_to_end()
    service.stop()


@pytest.fixture
def lost(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A PostgreSQL that ended a session, and refuses to be started for now."""

    def refuse() -> None:
        raise ServerNotRunning("it recovers")

    server = Server()
    with database.connect_as_owner(autocommit=True) as owner:
        owner.execute("select pg_terminate_backend(%s, 10000)", [server._connection.info.backend_pid])
    monkeypatch.setattr(database, "start_server", refuse)
    yield server
    server.stop()


def end(service: Service) -> None:
    assert service.process is not None
    service.process.wait(LONGEST_WAIT)
    service.look_after()


def begin(service: Service) -> None:
    """The pause is over."""
    service.due = time.monotonic()
    service.look_after()


def test_a_service_that_ends_is_started_again_at_once_and_then_ever_later(broken: Service) -> None:
    first = broken.process
    end(broken)
    assert broken.process is not first
    assert broken.due is None
    pauses = []
    for _ in range(3):
        end(broken)
        assert broken.due is not None
        pauses.append(round(broken.due - broken.ends[-1]))
        begin(broken)
    assert pauses == [1, 3, 7]


def test_a_service_that_never_stays_up_is_an_error_that_names_its_log(
    broken: Service, tmp_path: Path
) -> None:
    for _ in range(MOST_ENDS):
        end(broken)
        if broken.due is not None:
            begin(broken)
    with pytest.raises(ServerNotRunning, match=str(tmp_path / "broken.log")):
        end(broken)
    assert "here is why" in (tmp_path / "broken.log").read_text()


def test_ends_of_long_ago_do_not_count(broken: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "WINDOW_SECONDS", 0)
    for _ in range(2 * MOST_ENDS):
        end(broken)
        assert broken.due is None


def test_what_an_ended_process_left_behind_ends_with_its_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITR_HOME", str(tmp_path))
    service = Service("parent", ["sh", "-c", "sleep 600 & echo $!"])
    service.start()
    end(service)
    assert service.process is not None
    service.process.wait(LONGEST_WAIT)
    left = [int(line) for line in (tmp_path / "parent.log").read_text().split()]
    assert len(left) == 2
    assert all(map(alive, left))
    service.stop()
    assert not any(map(alive, left))


def test_a_signal_is_heard_while_postgresql_is_started_again(lost: Server) -> None:
    signals, tell = os.pipe()
    assert supervisor._wait(signals, [], [lost]) == b""
    assert lost.due is not None
    os.write(tell, bytes([signal.SIGTERM]))
    assert TO_STOP & set(supervisor._wait(signals, [], [lost]))
    os.close(signals)
    os.close(tell)


def test_a_server_that_can_be_started_again_is_watched_again(
    lost: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost.look_after()
    monkeypatch.setattr(database, "start_server", lambda: False)
    lost.due = time.monotonic()
    lost.look_after()
    assert lost.due is None
    assert lost.fileno() >= 0


def test_a_server_that_never_starts_is_an_error(lost: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SERVER_PAUSE", 0)
    for _ in range(SERVER_STARTS - 1):
        lost.look_after()
    with pytest.raises(ServerNotRunning, match="it recovers"):
        lost.look_after()


SUPERVISE = """
from monitr_pipelines.cli.running.supervisor import Service, supervise
supervise([Service("sleeper", ["sleep", "600"])], "started")
"""


@pytest.fixture
def supervising(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A process that supervises one service, begun by a command of the caller's."""
    begun: list[subprocess.Popen[str]] = []

    def begin_with(*prefix: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-c", SUPERVISE],
            env={**os.environ, "MONITR_HOME": str(tmp_path), "MONITR_DATABASE_URL": "postgresql:///nowhere"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        assert process.stderr is not None
        assert any("started" in line for line in process.stderr)
        return process

    yield begin_with
    for process in begun:
        process.terminate()
        process.communicate(timeout=LONGEST_WAIT)


def service_of(process: subprocess.Popen[str]) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    (pid,) = map(int, children.split())
    return pid


def test_a_terminal_that_is_closed_ends_the_services(supervising: Callable) -> None:
    process = supervising("env", "--default-signal=HUP")  # the tests themselves may run under nohup
    service = service_of(process)
    process.send_signal(signal.SIGHUP)
    assert process.wait(LONGEST_WAIT) == 0
    assert not Path(f"/proc/{service}").exists()


def test_under_nohup_a_terminal_that_is_closed_ends_nothing(supervising: Callable) -> None:
    process = supervising("nohup")
    process.send_signal(signal.SIGHUP)
    os.kill(service_of(process), signal.SIGKILL)
    assert process.stderr is not None
    assert any("starting it again" in line for line in process.stderr), "it looks after its service"
    process.terminate()
    assert process.wait(LONGEST_WAIT) == 0


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("MONITR_HOME=/elsewhere\nDAGSTER_HOME=/elsewhere/dagster\n", True),
        ("MONITR_HOME={home}\n", False),
        ("OTHER=1\n", False),
        (None, False),
    ],
)
def test_an_env_file_that_names_another_home_is_told(
    *,
    monitr: Callable,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str | None,
    warned: bool,
) -> None:
    for name in ("prepare", "serve", "stop_server"):
        monkeypatch.setattr(f"monitr_pipelines.cli.services.{name}", lambda *_, **__: False)
    monkeypatch.setattr("monitr_pipelines.shipped.CHECKOUT", tmp_path)
    if text is not None:
        (tmp_path / ".env").write_text(text.format(home=home))
    said = monitr("up")
    assert said.code == 0
    assert ("says MONITR_HOME=/elsewhere" in " ".join(said.err.split())) == warned
