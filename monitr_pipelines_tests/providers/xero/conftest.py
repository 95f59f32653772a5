"""A Xero with small books for each test."""

from collections.abc import Iterator

import pytest
from xero_kit import Xero, running


@pytest.fixture
def xero() -> Iterator[Xero]:
    with running() as started:
        yield started
