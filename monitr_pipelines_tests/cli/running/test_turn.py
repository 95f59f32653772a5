"""One `monitr up` a home, and what a killed one left behind is named and ended, never anything else."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from process_kit import LONGEST_WAIT, alive, free_ports, taken_port, wait_for

from monitr_pipelines import lifeline, settings
from monitr_pipelines.cli.running import leftovers, ports, turn
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(1, flush=True)
time.sleep(600)
"""
WATCHING = """
import time
from monitr_pipelines import lifeline
print(1, flush=True)
lifeline.watch()
time.sleep(600)
"""
HOLDING = """
import sys
from pathlib import Path
from monitr_pipelines.cli.running import turn
with turn.taken(Path(sys.argv[1])) as ours:
    ours.start_server()
    print(1, flush=True)
    sys.stdin.read()
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a program in a session of its own, and waits until it says that it is ready."""
    begun: list[subprocess.Popen[str]] = []

    def begin(code: str, *arguments: object, pipe: Path | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            env={**os.environ, **({settings.LIFELINE: str(pipe)} if pipe else {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        begun.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def test_a_second_one_is_told_who_runs_and_since_when(tmp_path: Path, start: Start) -> None:
    first = start(HOLDING, tmp_path)
    with pytest.raises(ServerNotRunning) as told, turn.taken(tmp_path):
        pass
    assert re.search(rf"pid {first.pid}, since \d+ \w+ \d{{4}} \d\d:\d\d:\d\d", str(told.value))
    with turn.taken(tmp_path / "another"):
        pass


def test_the_turn_passes_on_however_it_ended(tmp_path: Path, start: Start) -> None:
    killed = start(HOLDING, tmp_path)
    killed.kill()
    killed.wait()
    with turn.taken(tmp_path) as ours:
        assert ours.stops_server, "the killed one had started PostgreSQL and cannot stop it any more"
    with turn.taken(tmp_path) as ours:
        assert not ours.stops_server


def test_processes_that_are_started_do_not_keep_the_turn(tmp_path: Path, start: Start) -> None:
    with turn.taken(tmp_path):
        child = start(STUBBORN)
    with turn.taken(tmp_path):
        assert child.poll() is None


@pytest.mark.parametrize("text", ["{", "[]", '{"pid": 1', "\0" * 20])
def test_what_a_killed_one_wrote_in_part_is_no_obstacle(tmp_path: Path, text: str) -> None:
    (tmp_path / turn.LOCK).write_text(text)
    with turn.taken(tmp_path) as ours:
        assert not ours.stops_server


def test_a_process_ends_when_its_holder_does(tmp_path: Path, start: Start) -> None:
    with lifeline.held(tmp_path) as pipe:
        watching = start(WATCHING, pipe=pipe)
        assert watching.poll() is None
    assert watching.wait(LONGEST_WAIT) == -signal.SIGTERM


def test_a_process_that_started_after_the_end_ends(tmp_path: Path, start: Start) -> None:
    with lifeline.held(tmp_path) as gone:
        pass
    watching = start(WATCHING, pipe=gone)
    assert watching.wait(LONGEST_WAIT) == -signal.SIGTERM


def test_a_pipe_of_before_that_nobody_holds_is_an_end_too(tmp_path: Path, start: Start) -> None:
    left = tmp_path / "up.1-1.lifeline"
    os.mkfifo(left)
    assert start(WATCHING, pipe=left).wait(LONGEST_WAIT) == -signal.SIGTERM
    with lifeline.held(tmp_path) as pipe:
        assert list(tmp_path.glob(lifeline.PATTERN)) == [pipe]


def test_who_leads_a_group_takes_it_along(tmp_path: Path, start: Start) -> None:
    code = f"import subprocess; subprocess.Popen(['sleep', '600'])\n{WATCHING}"
    with lifeline.held(tmp_path) as pipe:
        leader = start(code, pipe=pipe)
        (child,) = psutil.Process(leader.pid).children()
    assert leader.wait(LONGEST_WAIT) == -signal.SIGTERM
    wait_for(lambda: not alive(child.pid), "the end of its child")


def test_what_is_left_is_found_by_its_lifeline_alone(tmp_path: Path, start: Start) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    home.mkdir()
    other.mkdir()
    (tmp_path / "link").symlink_to(home)
    left = start(STUBBORN, pipe=home / "up.1-1.lifeline")
    start(STUBBORN, pipe=other / "up.1-1.lifeline")
    start(STUBBORN)
    ended = start("print(1, flush=True)", pipe=home / "up.1-1.lifeline")
    wait_for(lambda: psutil.Process(ended.pid).status() == psutil.STATUS_ZOMBIE, "its end")
    for name in (home, tmp_path / "link"):
        assert [process.pid for process in leftovers.find(name)] == [left.pid]


def test_what_does_not_end_is_named(tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "PATIENCE_SECONDS", 0)
    left = start(STUBBORN, pipe=tmp_path / "up.1-1.lifeline")
    with pytest.raises(ServerNotRunning) as told:
        leftovers.clear(tmp_path, end=False)
    assert re.search(rf"pid {left.pid}, since [^:]+:\d\d:\d\d: \S*python\S* -c", str(told.value))
    assert f"`monitr up --end-leftovers`, or `kill -9 {left.pid}`" in str(told.value)
    assert left.poll() is None


def test_what_ends_by_itself_is_waited_for(tmp_path: Path, start: Start) -> None:
    slowly = (
        "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: (time.sleep(2), sys.exit()))\n"
    )
    with lifeline.held(tmp_path) as pipe:
        watching = start(slowly + WATCHING, pipe=pipe)
    leftovers.clear(tmp_path, end=False)
    assert not alive(watching.pid)


def test_what_is_left_is_ended_on_request(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "END_SECONDS", 1)
    left = [start(STUBBORN, pipe=tmp_path / "up.1-1.lifeline") for _ in range(2)]
    bystander = start(STUBBORN)
    os.kill(left[0].pid, signal.SIGSTOP)
    leftovers.clear(tmp_path, end=True)
    assert not any(alive(process.pid) for process in left)
    assert bystander.poll() is None


@pytest.mark.parametrize("answer", [True, False])
def test_a_person_is_asked(
    *, tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    monkeypatch.setattr(leftovers, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr(leftovers, "END_SECONDS", 1)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    asked: list[str] = []
    monkeypatch.setattr("typer.confirm", lambda text, **_: asked.append(text) or answer)
    left = start(STUBBORN, pipe=tmp_path / "up.1-1.lifeline")
    if answer:
        leftovers.clear(tmp_path, end=False)
    else:
        with pytest.raises(ServerNotRunning):
            leftovers.clear(tmp_path, end=False)
    assert asked == ["End them?"]
    assert alive(left.pid) is not answer


def test_a_taken_port_is_told_with_who_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    (free,) = free_ports(1)
    with taken_port() as port:
        monkeypatch.setenv("MONITR_DAGSTER_PORT", str(port))
        monkeypatch.setenv("MONITR_HOOK_PORT", str(free))
        with pytest.raises(ServerNotRunning, match=f"port {port} .* by pid {os.getpid()}: .*DAGSTER_PORT"):
            ports.refuse_taken()
