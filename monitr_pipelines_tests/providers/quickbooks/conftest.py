"""A QuickBooks of the tests for each test."""

from collections.abc import Iterator

import pytest
from http_kit import serve
from quickbooks_kit import QuickBooks


@pytest.fixture
def quickbooks() -> Iterator[QuickBooks]:
    with serve() as server:
        opened = QuickBooks(server)
        yield opened
        for source in opened.sources:
            source.close()
