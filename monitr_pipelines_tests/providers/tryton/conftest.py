"""A Tryton with books for all tests here: each finds them as the one before left them."""

from collections.abc import Iterator

import pytest
from tryton_kit import Tryton, running


@pytest.fixture(scope="package")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    with running(tmp_path_factory.mktemp("tryton")) as started:
        yield started
