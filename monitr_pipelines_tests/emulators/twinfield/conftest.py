"""Small books of two offices, and an emulator of them."""

from collections.abc import Iterator

import pytest
from twinfield_server_kit import Client, twinfield_server

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import MORNING, Size, invented_books


@pytest.fixture
def client() -> Iterator[Client]:
    """With books of its own."""
    with twinfield_server(_books()) as served:
        yield served


@pytest.fixture(scope="module")
def unchanging() -> Iterator[Client]:
    """For tests that change neither the books nor their clock."""
    with twinfield_server(_books()) as served:
        yield served


def _books() -> SharedBooks:
    return invented_books(Size(entries_per_month=2), Clock(MORNING))
