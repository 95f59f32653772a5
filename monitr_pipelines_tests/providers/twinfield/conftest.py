"""A Twinfield with empty books for each test."""

from collections.abc import Iterator

import pytest
from twinfield_kit import Twinfield, running


@pytest.fixture
def twinfield() -> Iterator[Twinfield]:
    with running() as started:
        yield started
