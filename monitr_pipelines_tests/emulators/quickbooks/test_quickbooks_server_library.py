"""Clients that others published read the emulator: their requests, and that what they get is the books."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from process_kit import LONGEST_WAIT
from quickbooks_server_kit import FIRST, Client, ledger_of, quickbooks_server, sale

from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.invented import Size, invented_books

PACKAGES = ("qbo-cli", "python-quickbooks")
SCRIPT = Path(__file__).parent / "quickbooks_library_kit.py"
SINCE = "2026-01-15T00:00:00-08:00"
# `qbo-cli` looks for amounts in the seventh column: so it is where nothing is tracked.
PLAIN = {"tracking": "off", "currencies": "one"}


@pytest.fixture(autouse=True)
def _installed() -> None:
    for package in PACKAGES:
        try:
            version(package)
        except PackageNotFoundError:
            if os.environ.get("MONITR_REQUIRE_LIVE") == "1":
                pytest.fail(f"{package} is required and not installed")
            pytest.skip(f"{package} is not installed: extra `live`")


def read(client: Client, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), client.server.address, str(folder), FIRST, client.refresh, SINCE],
        capture_output=True,
        text=True,
        timeout=LONGEST_WAIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout))


def credit_accounts(client: Client) -> set[str]:
    rows = client.query("SELECT * FROM Account MAXRESULTS 1000")["Account"]
    return {row["Id"] for row in rows if row["Classification"] in ("Liability", "Equity", "Revenue")}


def test_the_clients_renew_their_tokens_and_find_the_ledger(tmp_path: Path) -> None:
    books = invented_books(Size(entries_per_month=2, remarks=True))
    keeper = Bookkeeper(books)
    gone, kept = (keeper.add(sale(books)) for _ in range(2))
    with quickbooks_server(books, **PLAIN) as client:
        credit = credit_accounts(client)
        keeper.delete(gone.id)
        client.server.exchanges.clear()
        told = read(client, tmp_path)
        asked = [each.request for each in client.server.exchanges.of()]
        assert {each.status for each in client.server.exchanges.of()} == {200}
    ours = sorted(
        [row.account, row.day, row.type, row.transaction, row.number, row.name, row.memo, row.amount]
        for row in ledger_of(books)
    )
    theirs = sorted(
        [account, *rest, Decimal(amount) * (-1 if account in credit else 1)]
        for account, *rest, amount in told["postings"]
    )
    assert theirs == ours
    assert told["changed"] == {"Invoice": [[str(kept.id), None], [str(gone.id), "Deleted"]]}
    assert told["company"] == books.companies[1].name
    assert {name for _, name in told["accounts"]} == {
        *(each.name for each in books.accounts.values() if each.company == 1),
        "Retained Earnings",
    }
    found = {(key, day) for rows in told["transactions"].values() for key, day in rows}
    assert found == {(row.transaction, row.day) for row in ledger_of(books)}
    assert told["method"] == "Accrual"
    suppliers = [each for each in books.relations.values() if each.code.startswith("S")]
    assert told["vendors"] == [each.name for each in suppliers if each.company == 1]
    assert [each.path for each in asked].count("/oauth2/v1/tokens/bearer") == 2, "one of each client"
    assert {each.query["minorversion"] for each in asked if "/v3/" in each.path and each.query} == {"75"}
