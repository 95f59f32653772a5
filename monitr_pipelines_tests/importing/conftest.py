"""Imports from a software that tests play, each test with a spool folder of its own, and of ledger files."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from source_kit import NAME, Played, connect, pages, register
from upload_kit import Give, Meet

from monitr_pipelines import providers
from monitr_pipelines.importing.uploads import load as uploads_load
from monitr_pipelines.warehouse.queue import uploads
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import id_of


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


@pytest.fixture
def key(make_entity: Callable[..., str]) -> str:
    return make_entity()


@pytest.fixture
def give(connection: Connection, key: str) -> Give:
    """Stores a file that waits; returns its id."""

    def store(content: str, mode: str = "years", **settings: object) -> int:
        return uploads.store(
            connection,
            id_of(connection, key),
            BytesIO(content.encode()),
            file_name="books.csv",
            mode=mode,
            settings=settings,
        )

    return store


@pytest.fixture
def trouble(monkeypatch: pytest.MonkeyPatch) -> Iterator[Meet]:
    """Sets what every file that is opened meets."""
    opened = uploads_load.open_ledger_file
    met: list[BaseException | None] = [None]

    def meet(*given: Any) -> Any:  # noqa: ANN401
        if met[0] is not None:
            raise met[0]
        return opened(*given)

    with monkeypatch.context() as patched:
        patched.setattr(uploads_load, "open_ledger_file", meet)
        yield lambda error: met.__setitem__(0, error)
