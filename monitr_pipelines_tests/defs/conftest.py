"""The Dagster webserver and daemon, as `monitr up` runs them, for all tests of this folder."""

import json
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests
from common_kit import cancel_waiting
from dagster_kit import Dagster, applications
from process_kit import end, free_ports, start_up, wait_for

from monitr_pipelines.emulators.stripe import Account, serve
from monitr_pipelines.warehouse.server import database

HERE = Path(__file__).parent
RUNNING = ExitStack()
LOADED = """
query { repositoriesOrError { __typename ... on RepositoryConnection { nodes { name } } } }
"""
DAEMONS = """
query { instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }
"""


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
    with database.connect(autocommit=True) as connection:
        cancel_waiting(connection)
    ports = free_ports(2)
    log = home / "up.log"
    process = start_up(
        ports,
        log,
        MONITR_BILLING="stripe",
        MONITR_STRIPE_KEY=billing.key,
        MONITR_STRIPE_ADDRESS=billing.address,
        MONITR_BILLING_SECONDS="2",
        MONITR_OAUTH_APPLICATIONS=json.dumps(applications()),
    )
    RUNNING.callback(end, process)
    started = Dagster(f"http://127.0.0.1:{ports[0]}", process.pid, f"http://127.0.0.1:{ports[1]}")

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        with suppress(requests.RequestException):
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
