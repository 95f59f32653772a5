"""`monitr up --workers 2` for all tests of this folder; what they share about Dagster is that of its runs."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import network_kit
import pytest
import requests
from common_kit import cancel_waiting
from process_kit import end, free_ports, start_up, wait_for

sys.path.append(str(Path(__file__).parents[1] / "defs"))
from worker_kit import LOOPBACK, Cluster, missing

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

HERE = Path(__file__).parent
RUNNING = ExitStack()
LOADED = """
query { repositoriesOrError { __typename ... on RepositoryConnection { nodes { name } } } }
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    lacking = missing()
    if lacking and os.environ.get("MONITR_REQUIRE_CLUSTER") != "1":
        for item in items:
            if HERE in item.path.parents and "cluster" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason=f"{lacking} is not installed"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """It ends before the server that it uses does, and before tests of other folders begin."""
    if nextitem is None or HERE not in nextitem.path.parents:
        RUNNING.close()


@pytest.fixture(scope="session")
def cluster(home: Path) -> Cluster:
    """Redis, PgBouncer, two workers and a Dagster whose code is loaded."""
    with database.connect(autocommit=True) as connection:
        cancel_waiting(connection)
    ports = free_ports(4)
    log = home / "up.log"
    bind = RUNNING.enter_context(network_kit.bridge()) if network_kit.possible() else LOOPBACK
    process = start_up(
        ports[:2],
        log,
        "--workers",
        "2",
        MONITR_BROKER_PORT=str(ports[2]),
        MONITR_POOLER_PORT=str(ports[3]),
        MONITR_CLUSTER_BIND=bind,
    )
    RUNNING.callback(end, process)
    started = Cluster(
        f"http://127.0.0.1:{ports[0]}", process.pid, home=home, bind=bind, broker=ports[2], pooler=ports[3]
    )

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        with suppress(requests.RequestException):
            loaded = started.ask(LOADED)["__typename"] == "RepositoryConnection"
            return loaded and len(started.workers()) == 2
        return False

    wait_for(answers, "the Dagster and the workers of monitr up")
    return started


@pytest.fixture
def make_known(make_entity: Callable[..., str], cluster: Cluster) -> Callable[..., str]:
    """Makes an entity that Dagster knows as a partition."""
    return lambda **options: cluster.know(make_entity(**options))


@pytest.fixture
def entity(make_known: Callable[..., str]) -> str:
    return make_known()


@pytest.fixture
def pooled(cluster: Cluster) -> Iterator[Connection]:
    """A client of PgBouncer, as an import is one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MONITR_POOLED_DATABASE_URL", cluster.pooled("monitr"))
        with database.connect(autocommit=True) as opened:
            yield opened
