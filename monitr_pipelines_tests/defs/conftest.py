"""The Dagster webserver and daemon, as `monitr up` runs them, for all tests of this folder."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests
from dagster_kit import Dagster, wait_for

from monitr_pipelines.emulators.stripe import Account, serve

HERE = Path(__file__).parent
RUNNING = ExitStack()
MONITR = Path(sys.executable).parent / "monitr"
LOADED = """
query { repositoriesOrError { __typename ... on RepositoryConnection { nodes { name } } } }
"""
DAEMONS = """
query { instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def descendants(pid: int) -> list[int]:
    """Processes started by a process, and theirs, as long as it lives."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in children.read_text().split()] if children.exists() else []
    return found + [pid for child in found for pid in descendants(child)]


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask `monitr up` to end; what remains of it afterwards is killed, each process by its id."""
    started = descendants(process.pid)
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """The reconciler of `monitr up` acts on whatever waits: it ends before tests of other folders begin."""
    if nextitem is None or HERE not in nextitem.path.parents:
        RUNNING.close()


@pytest.fixture(scope="session")
def billing() -> Account:
    """The Stripe account of that Dagster; organisations that are no customers keep the table's state."""
    return RUNNING.enter_context(serve(Account("sk_test_of_the_daemon")))


@pytest.fixture(scope="session")
def dagster(home: Path, billing: Account) -> Dagster:
    """A webserver that answers, its code loaded, and a daemon that works."""
    port = free_port()
    log = home / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [MONITR, "up"],
            env={
                **os.environ,
                "MONITR_BILLING": "stripe",
                "MONITR_STRIPE_KEY": billing.key,
                "MONITR_STRIPE_ADDRESS": billing.address,
                "MONITR_BILLING_SECONDS": "5",
                "MONITR_DAGSTER_PORT": str(port),
                "MONITR_HOOK_PORT": str(free_port()),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    RUNNING.callback(end, process)
    started = Dagster(f"http://127.0.0.1:{port}", process.pid)

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        with suppress(requests.ConnectionError):
            return started.ask(LOADED)["__typename"] == "RepositoryConnection" and works(started)
        return False

    wait_for(answers, "the Dagster of monitr up")
    return started


def works(started: Dagster) -> bool:
    daemons = started.ask(DAEMONS)["daemonHealth"]["allDaemonStatuses"]
    return all(daemon["healthy"] for daemon in daemons if daemon["required"])


@pytest.fixture
def make_known(make_entity: Callable[..., str], dagster: Dagster) -> Callable[..., str]:
    """Makes an entity that Dagster knows as a partition."""
    return lambda **options: dagster.know(make_entity(**options))


@pytest.fixture
def entity(make_known: Callable[..., str]) -> str:
    return make_known()
