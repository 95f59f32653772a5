"""A Yuki with empty books for each test."""

from collections.abc import Iterator

import pytest
import requests
from yuki_kit import Yuki

from monitr_pipelines.providers.transport import Reply, Transport


@pytest.fixture
def yuki(monkeypatch: pytest.MonkeyPatch) -> Iterator[Yuki]:
    found = Yuki()

    def send(transport: Transport, prepared: requests.PreparedRequest) -> Reply:
        return found.send(transport, prepared)

    monkeypatch.setattr(Transport, "send", send)
    monkeypatch.setattr("monitr_pipelines.providers.retries.sleep", lambda seconds: None)
    yield found
    for source in found.opened:
        source.close()
