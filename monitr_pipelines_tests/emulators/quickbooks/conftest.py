"""Books that tests change have an emulator of their own; those that only read share one."""

from collections.abc import Iterator

import pytest
from quickbooks_server_kit import Client, quickbooks_server

from monitr_pipelines.emulators.quickbooks import KIND
from monitr_pipelines.emulators.shared.invented import Size, invented_books


@pytest.fixture(scope="module")
def reader() -> Iterator[Client]:
    with quickbooks_server(invented_books(KIND.size)) as client:
        yield client


@pytest.fixture
def client() -> Iterator[Client]:
    with quickbooks_server(invented_books(Size(entries_per_month=2, remarks=True))) as client:
        yield client
