"""The server of the test run, faster; and servers of their own for tests that need an empty one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitr_pipelines.warehouse.server import database, embedded


@pytest.fixture(scope="session", autouse=True)
def _commits_without_waiting(home: Path) -> None:
    """Thousands of small commits need not wait for the disk at each of them."""
    with database.connect_as_owner(autocommit=True) as connection:
        connection.execute(f"alter database {database.BOOKS} set synchronous_commit = off")


@pytest.fixture
def empty_home(home: Path, tmp_path: Path) -> Iterator[Path]:
    """A home folder of a server of its own, on which nothing was made yet; gone with the test."""
    folder = tmp_path / "empty_home"
    embedded.ensure_running(folder)
    yield folder
    embedded.remove(folder)
    shutil.rmtree(embedded.cluster_of(folder).sockets, ignore_errors=True)
