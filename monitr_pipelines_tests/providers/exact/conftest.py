"""An Exact Online with empty books for each test."""

from collections.abc import Iterator

import pytest
from exact_kit import Exact, running


@pytest.fixture
def exact() -> Iterator[Exact]:
    with running() as started:
        yield started
