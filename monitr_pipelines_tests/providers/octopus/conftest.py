"""An Octopus with empty books for each test."""

from collections.abc import Iterator

import pytest
from octopus_kit import Octopus, running


@pytest.fixture
def octopus() -> Iterator[Octopus]:
    with running() as started:
        yield started
