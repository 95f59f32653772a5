"""A server with a year of books, of each version whose answers differ."""

from collections.abc import Iterator

import pytest
from odoo_books_kit import year_of_books
from odoo_server_kit import Odoo, serving


@pytest.fixture(params=[16, 18, 19])
def odoo(request: pytest.FixtureRequest) -> Iterator[Odoo]:
    with serving(Odoo(year_of_books(), request.param)) as served:
        yield served


@pytest.fixture
def odoo_18() -> Iterator[Odoo]:
    with serving(Odoo(year_of_books())) as served:
        yield served
