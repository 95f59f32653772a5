"""Books of the tests, empty for each, and the emulator with those of two small companies."""

from collections.abc import Iterator

import pytest
from moneybird_kit import Books, Emulated, emulated


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def moneybird() -> Iterator[Emulated]:
    with emulated() as running:
        yield running
