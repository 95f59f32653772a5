"""The end of `monitr up`, by kill -9 at any moment or Ctrl-C: all of it ends, and the next one works on."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from common_kit import contents
from dagster_kit import held, import_rows, only_import, sale, upload, waits
from process_kit import (
    LONGEST_WAIT,
    MONITR,
    alive,
    command_of,
    descendants,
    free_ports,
    server_of,
    start_up,
    wait_for,
)
from up_kit import Up, ended, own_home

from monitr_pipelines.cli.running import leftovers, turn
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server import database, embedded
from monitr_pipelines.warehouse.server.database import Connection


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    with own_home(tmp_path) as folder:
        yield folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One for all tests of a `monitr up` that serves: each finds what the one before left behind."""
    with own_home(tmp_path_factory.mktemp("killed")) as folder:
        yield folder


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def serves(up: Up) -> Up:
    wait_for(up.serves, "both addresses")
    return up


MOMENTS: dict[str, Callable[[Path], bool]] = {
    "it took its turn": lambda home: (home / turn.LOCK).exists(),
    "the cluster is made": lambda home: any(embedded.cluster_of(home).folder.glob("data*")),
    "PostgreSQL starts": lambda home: (embedded.cluster_of(home).data / "postmaster.pid").exists(),
    "PostgreSQL answers": lambda home: embedded.cluster_of(home).answers(),
    "the first process is started": lambda home: (home / "webserver.log").exists(),
    "all are started": lambda home: "Entities page on" in (home / "up.log").read_text(),
}


def test_killed_at_each_moment_of_its_start_it_starts_again(fresh: Path) -> None:
    """One after the other on a home, each killed as soon as the next step of the start is seen."""
    dagster, hook = free_ports(2)
    for moment, reached in MOMENTS.items():
        started = start_up([dagster, hook], fresh / "up.log")
        wait_for(lambda: reached(fresh) or started.poll() is not None, moment)  # noqa: B023 - called here
        assert started.poll() is None, f"{moment}: {(fresh / 'up.log').read_text()}"
        kill(started)
    last = serves(Up(fresh))
    of_it = descendants(last.process.pid)
    server = server_of(fresh)
    assert {process.pid for process in leftovers.find(fresh)} <= set(descendants(last.process.pid))
    last.process.terminate()
    assert last.process.wait(LONGEST_WAIT) == 0
    assert not any(map(alive, of_it))
    assert not alive(server), "whoever started it was killed; it is stopped all the same"


@pytest.fixture(scope="module")
def started(home: Path) -> Iterator[list[Up]]:
    """Every `monitr up` of the module's home; what a test leaves running serves the next one."""
    ups: list[Up] = []
    yield ups
    for each in ups:
        each.end()


@pytest.fixture
def up(home: Path, started: list[Up]) -> Up:
    """A `monitr up` that serves; the test ends it."""
    if not started or started[-1].process.poll() is not None:
        started.append(Up(home))
    return serves(started[-1])


@pytest.fixture
def connection(up: Up) -> Iterator[Connection]:
    with database.connect(autocommit=True) as opened:
        yield opened


def ask(connection: Connection, entity: str) -> int:
    return requests.request(connection, entity, trigger="first", requested_by="jan")


def test_killed_during_an_import_all_ends_and_the_next_start_goes_on(
    up: Up, started: list[Up], connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity, reference = make_entity(), make_entity()
    for each in (entity, reference):
        upload(connection, each, sale(250))
    assert ended(connection, ask(connection, reference))["outcome"] == "succeeded"
    with held(connection, entity):
        disturbed = ask(connection, entity)
        wait_for(lambda: waits(connection, entity), "the import")
        of_it = descendants(up.process.pid)
        kill(up.process)
        wait_for(lambda: not any(map(alive, of_it)), "the end of all of it")
    started.append(Up(up.home))
    serves(started[-1])
    row = ended(connection, disturbed)
    assert (row["outcome"], row["error_code"]) in {("failed", "stopped"), ("failed", "worker_lost")}
    assert ended(connection, ask(connection, entity))["outcome"] == "succeeded"
    assert len(import_rows(connection, entity)) == 2
    assert contents(connection, entity) == contents(connection, reference)


def test_at_ctrl_c_nothing_goes_on_and_the_import_tells_that_it_was_stopped(
    up: Up, connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity()
    upload(connection, entity, sale(100))
    with held(connection, entity):
        ask(connection, entity)
        wait_for(lambda: waits(connection, entity), "the import")
        of_it = descendants(up.process.pid)
        assert len(of_it) >= 4
        up.process.send_signal(signal.SIGINT)
        wait_for(lambda: not any(map(alive, of_it)), "the end of its processes")
    server = server_of(up.home)
    connection.close()
    assert up.process.wait(LONGEST_WAIT) == 0, up.log.read_text()
    assert not alive(server)
    assert "Traceback" not in up.log.read_text()

    database.start_server()
    with database.connect(autocommit=True) as again:
        stopped = only_import(again, entity)
    assert (stopped["outcome"], stopped["error_code"]) == ("failed", "stopped")


def test_killed_together_with_a_process_that_led_others_all_ends(up: Up) -> None:
    of_it = descendants(up.process.pid)
    daemon = up.pid_of("daemon")
    assert daemon is not None
    os.kill(up.process.pid, signal.SIGSTOP)  # so that it does not start the daemon again
    os.kill(daemon, signal.SIGKILL)
    kill(up.process)
    wait_for(lambda: not any(map(alive, of_it)), "the end of all of it")


def test_what_hangs_is_named_and_ended_on_request(up: Up) -> None:
    hook = up.pid_of("hook")
    assert hook is not None
    os.kill(hook, signal.SIGSTOP)
    kill(up.process)
    refused = subprocess.run(
        [MONITR, "up"], check=False, capture_output=True, text=True, timeout=LONGEST_WAIT
    )
    assert refused.returncode == 1
    assert f"pid {hook}, since " in refused.stderr
    assert "monitr up --end-leftovers" in refused.stderr
    assert alive(hook)
    dagster, port = up.ports
    ports = {"MONITR_DAGSTER_PORT": str(dagster), "MONITR_HOOK_PORT": str(port)}
    again = subprocess.Popen(
        [MONITR, "up", "--end-leftovers"],
        env={**os.environ, **ports},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert again.stderr is not None
    assert any("Entities page on" in line for line in again.stderr)
    assert not alive(hook)
    again.terminate()
    again.communicate(timeout=LONGEST_WAIT)
    assert again.returncode == 0


def test_of_two_at_the_same_moment_one_runs(home: Path) -> None:
    logs = [home / "one.log", home / "two.log"]
    both = [start_up(free_ports(2), log) for log in logs]

    def lost() -> list[int]:
        return [number for number, process in enumerate(both) if process.poll() is not None]

    try:
        (loser,) = wait_for(lost, "the end of one of them")
        winner = both[1 - loser]
        told = " ".join(logs[loser].read_text().split())
        assert both[loser].returncode == 1
        assert f"runs already on {home} (pid {winner.pid}, since " in told
        wait_for(lambda: "Entities page on" in logs[1 - loser].read_text(), "the start of the other")
        assert len([pid for pid in descendants(winner.pid) if is_daemon(pid)]) == 1
    finally:
        for process in both:
            process.terminate()
            process.wait(LONGEST_WAIT)


def is_daemon(pid: int) -> bool:
    return "dagster._daemon" in command_of(pid)
