"""A company with reports, and someone signed in who asks for its pages."""

from collections.abc import Iterator

import httpx2
import pytest

from monitr_pipelines.warehouse.server import database
from monitr_pipelines_tests.web.page_kit import Company, sign_in
from monitr_pipelines_tests.web.reports.reports_kit import Ask, make_reported


@pytest.fixture(scope="module")
def company(home: object) -> Iterator[Company]:
    with database.connect(autocommit=True) as connection:
        yield make_reported(connection)


@pytest.fixture
def signed(client: httpx2.Client, company: Company) -> httpx2.Client:
    sign_in(client, company.token)
    return client


@pytest.fixture
def ask(signed: httpx2.Client, company: Company) -> Ask:
    """Asks for an address, or for a path beneath the reports of the company."""
    return lambda path: signed.get(path if path.startswith("/") else f"/reports/{company.key}/{path}")
