"""Tests of whole imports share what the tests of runs know about Dagster."""

import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from common_kit import cancel_waiting
from dagster import DagsterInstance
from reconciler_kit import FakeWebserver

from monitr_pipelines.cli.services import write_environment
from monitr_pipelines.reconciler.launching import Launching
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server.database import Connection

sys.path.append(str(Path(__file__).parents[1] / "defs"))


@pytest.fixture(scope="module")
def instance(home: Path) -> Iterator[DagsterInstance]:
    write_environment()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Dagster's own, as for any program
        with DagsterInstance.get() as opened:
            yield opened


@pytest.fixture
def webserver(instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWebserver]:
    with FakeWebserver(instance).serving() as fake:
        monkeypatch.setenv("MONITR_DAGSTER_URL", fake.url)
        yield fake


@pytest.fixture
def launching(connection: Connection, instance: DagsterInstance, webserver: FakeWebserver) -> Launching:
    """A reconciler's launches; what other tests left waiting is out of its way."""
    cancel_waiting(connection)
    return Launching(connection, instance)


@pytest.fixture
def ask(connection: Connection, make_entity: Callable[..., str]) -> Callable[..., int]:
    def request(entity: str | None = None, trigger: str = "manual") -> int:
        return requests.request(
            connection, entity or make_entity(provider="tryton"), trigger=trigger, requested_by="jan"
        )

    return request
