"""A client that others published reads the emulator: its requests, and that its rows are the books.

The client takes `Retry-After` for a number of seconds and would wait for decades: it is asked within limits.
"""

import os
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from moneybird_server_kit import (
    ENTRIES,
    FIRST,
    SUMS,
    Client,
    ledger_in,
    ledger_of,
    moneybird_server,
    months_of,
    sums_in,
)

from monitr_pipelines.emulators.shared.invented import Size, invented_books

PACKAGE, MODULE = "moneybird-cli", "moneybird_cli.client"


@pytest.fixture
def library() -> Any:  # noqa: ANN401 - a module
    try:
        return import_module(MODULE)
    except ModuleNotFoundError:
        if os.environ.get("MONITR_REQUIRE_LIVE") == "1":
            pytest.fail(f"{PACKAGE} is required and not installed")
        pytest.skip(f"{PACKAGE} is not installed: extra `live`")


@pytest.fixture
def client() -> Iterator[Client]:
    with moneybird_server(invented_books(Size(lines=2_400, companies=1))) as client:
        yield client


def test_the_library_pages_and_gets_the_ledger(
    library: Any,  # noqa: ANN401
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(library, "API_BASE", f"{client.server.address}/api/v2")
    (administration,) = library.MoneybirdClient.list_administrations(client.emulator.tokens.personal())
    assert administration["id"] == FIRST
    reader = library.MoneybirdClient(client.access, administration["id"])
    with reader.session:
        accounts = reader.get("ledger_accounts")
        projects = reader.get_all("projects", {"filter": "state:all"}, per_page=2)
        rows: list[dict[str, Any]] = []
        for month in months_of(client.books):
            for project in ["null", *(each["id"] for each in projects)]:
                asked = {"period": month, "project_id": project}
                rows += reader.get_all(ENTRIES, asked, per_page=10)
        report = reader.get(SUMS, {"period": "202501..202512"})
        with pytest.raises(library.MoneybirdApiError, match="Period cannot exceed 12 months"):
            reader.get(SUMS, {"period": "202401..202512"})
    assert ledger_in(rows) == ledger_of(client.books)
    codes = {each["id"]: each["account_id"] for each in accounts}
    assert set(codes.values()) == {each.code for each in client.books.accounts.values()}
    final = {codes[each]: value for each, value in sums_in(report, "final_balance").items()}
    assert final == client.books.trial_balance(1, date(2025, 12, 31))
    pages = [each.request for each in client.server.exchanges.of(ENTRIES)]
    assert {"2", "3"} <= {each.query["page"] for each in pages}
    assert {each.headers["accept"] for each in pages} == {"application/json"}
    assert {each.path for each in pages} == {f"/api/v2/{FIRST}/{ENTRIES}.json"}
