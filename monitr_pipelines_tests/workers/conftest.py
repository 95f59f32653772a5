"""`monitr up --workers 2` for all tests of this folder; what they share about Dagster is that of its runs."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import network_kit
import pytest
from common_kit import cancel_waiting

sys.path.append(str(Path(__file__).parents[1] / "defs"))
from worker_kit import LOOPBACK, Cluster, missing, started_cluster

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

HERE = Path(__file__).parent
RUNNING = ExitStack()


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
    bind = RUNNING.enter_context(network_kit.bridge()) if network_kit.possible() else LOOPBACK
    return RUNNING.enter_context(started_cluster(home, bind))


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
