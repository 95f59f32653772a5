"""Servers of their own for tests that need an empty one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitr_pipelines.warehouse.server import embedded


@pytest.fixture
def empty_home(home: Path, tmp_path: Path) -> Iterator[Path]:
    """A home folder of a server of its own, on which nothing was made yet; gone with the test."""
    folder = tmp_path / "empty_home"
    embedded.ensure_running(folder)
    yield folder
    embedded.remove(folder)
    shutil.rmtree(embedded.cluster_of(folder).sockets, ignore_errors=True)
