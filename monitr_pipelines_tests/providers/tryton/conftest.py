"""One Tryton server for all of its tests; each begins with the books that the one before left."""

from collections.abc import Iterator

import pytest
from tryton_kit import Tryton, require_tryton, serving


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    require_tryton()
    with serving(tmp_path_factory.mktemp("tryton")) as running:
        yield running


@pytest.fixture
def tryton(server: Tryton) -> Tryton:
    server.asked.clear()
    return server
