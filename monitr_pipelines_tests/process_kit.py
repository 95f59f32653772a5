"""`monitr` as processes of the machine: free ports, who started whom, and waiting for what they do."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from monitr_pipelines.warehouse.server import embedded

MONITR = Path(sys.executable).parent / "monitr"
# In seconds, of whatever is waited for: a machine may be as slow as it likes, so this is no promise of the
# product, and nothing but a fault takes as long. Promises are sums of constants, which tests add up.
LONGEST_WAIT = 300
# In seconds, of one look among many: whoever does not answer in time is asked again.
LONGEST_LOOK = 5
LOOK_EVERY = 0.2


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on, each another one."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@contextmanager
def taken_port() -> Iterator[int]:
    """A port that someone listens on until the block ends."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def start_up(ports: list[int], log: Path, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """`monitr up` with Dagster and the web hook on two ports; what it says goes to the log."""
    dagster, hook = map(str, ports)
    with log.open("wb") as output:
        return subprocess.Popen(
            [MONITR, "up", *arguments],
            env={**os.environ, "MONITR_DAGSTER_PORT": dagster, "MONITR_HOOK_PORT": hook, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def descendants(pid: int) -> list[int]:
    """Processes started by a process, and theirs, as long as it lives."""
    found = children(pid)
    return found + [pid for child in found for pid in descendants(child)]


def children(pid: int) -> list[int]:
    """Processes started by a process itself; none of one that is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def command_of(pid: int) -> str:
    """The words that a process was started with; empty of one that is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def alive(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


def server_of(home: Path) -> int:
    """The first process of the PostgreSQL of a home folder."""
    return int((embedded.cluster_of(home).data / "postmaster.pid").read_text().split("\n", 1)[0])


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask `monitr up` to end; what remains of it afterwards is killed, each process by its id."""
    started = descendants(process.pid)
    process.terminate()
    try:
        process.wait(LONGEST_WAIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def wait_for(seen: Callable[[], Any], what: str) -> Any:  # noqa: ANN401
    """Look until something is there that sends no event to us; its value."""
    deadline = time.monotonic() + LONGEST_WAIT
    while not (found := seen()):
        assert time.monotonic() < deadline, f"{what} did not come within {LONGEST_WAIT} s"
        time.sleep(LOOK_EVERY)
    return found
