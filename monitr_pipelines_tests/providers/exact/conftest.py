"""An Exact Online with empty books for each test."""

from collections.abc import Iterator

import pytest
from exact_kit import Exact, running


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> Iterator[Exact]:
    monkeypatch.setenv("MONITR_CONNECT_LOOPBACK", "1")
    with running() as started:
        yield started
