"""Databases of their own for each module: no other Dagster launches what its tests write down."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import dagster as dg
import pytest
from night_kit import CONNECTED, own_databases

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


@pytest.fixture(scope="module")
def instance(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with own_databases(home, tmp_path_factory.mktemp("instance")) as opened:
        yield opened


@pytest.fixture
def connection(instance: dg.DagsterInstance) -> Iterator[Connection]:
    with database.connect(autocommit=True) as opened:
        yield opened


@pytest.fixture
def make_entity(make_entity: Callable[..., str]) -> Callable[..., str]:
    """Makes an entity with a connector, which a night asks for."""
    return partial(make_entity, provider=CONNECTED)
