"""Imports from a software that tests play, each test with a spool folder of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from source_kit import NAME, Played, connect, pages, register

from monitr_pipelines import providers
from monitr_pipelines.warehouse.server.database import Connection


@pytest.fixture
def spools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "spools"
    monkeypatch.setenv("MONITR_SPOOL_DIR", str(folder))
    return folder


@pytest.fixture
def played(tmp_path: Path, spools: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    """The software, with three pages of a whole ledger."""
    register(tmp_path, monkeypatch)
    software = Played(pages(3))
    monkeypatch.setattr("monitr_pipelines_tests.importing.source_kit.Played.current", software)
    monkeypatch.setattr(Played, "current", software)
    yield software
    monkeypatch.undo()
    providers.connectors.cache_clear()


@pytest.fixture
def entity(connection: Connection, make_entity: Callable[..., str], played: Played) -> str:
    key = make_entity(provider=NAME)
    connect(connection, key)
    return key
