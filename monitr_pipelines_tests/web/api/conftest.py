"""A program with a token of a company that has books."""

from collections.abc import Callable

import httpx2
import pytest

from monitr_pipelines.warehouse.server import database
from monitr_pipelines_tests.web.page_kit import Company
from monitr_pipelines_tests.web.reports.reports_kit import make_reported

Read = Callable[..., httpx2.Response]


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def company(home: object) -> Company:
    with database.connect(autocommit=True) as connection:
        return make_reported(connection)


@pytest.fixture
def read(client: httpx2.Client, company: Company) -> Read:
    """Asks for a report of the company; parameters are those of the address, `from_` is `from`."""

    def ask(path: str, headers: dict[str, str] | None = None, **query: str) -> httpx2.Response:
        given = {name.rstrip("_"): value for name, value in query.items()}
        address = path if path.startswith("/") else f"/api/reports/{company.key}/{path}"
        return client.get(address, params=given or None, headers=bearer(company.token) | (headers or {}))

    return ask
