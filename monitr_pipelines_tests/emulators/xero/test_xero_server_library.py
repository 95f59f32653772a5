"""A client that others published reads the emulator: its requests, and that its rows are the books."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from process_kit import LONGEST_WAIT
from xero_server_kit import movements_of, some_books, xero_server

PACKAGE = "pyxero"
SCRIPT = Path(__file__).parent / "xero_library_kit.py"


@pytest.fixture(autouse=True)
def _installed() -> None:
    try:
        version(PACKAGE)
    except PackageNotFoundError:
        if os.environ.get("MONITR_REQUIRE_LIVE") == "1":
            pytest.fail(f"{PACKAGE} is required and not installed")
        pytest.skip(f"{PACKAGE} is not installed: extra `live`")


def test_the_library_signs_in_renews_pages_and_gets_the_ledger() -> None:
    books = some_books()
    with xero_server(books, consent="automatic") as client:
        done = subprocess.run(
            [sys.executable, str(SCRIPT), client.server.address],
            capture_output=True,
            text=True,
            timeout=LONGEST_WAIT,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        statuses = [each.status for each in client.server.exchanges.of()]
        asked = [each.request.query for each in client.server.exchanges.of("/Journals")]
        assert client.emulator.tokens.refreshes == 1
    read = json.loads(done.stdout)
    assert set(statuses) == {200, 302}
    assert [set(each) for each in asked] == [{"offset"}] * len(asked)
    assert len(asked) > 2
    cents: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for reference, day, code, amount in read["lines"]:
        cents[reference, day, code] += round(amount * 100)
    ours = {key: int(amount * 100) for key, amount in movements_of(books).items()}
    assert {key: amount for key, amount in cents.items() if amount} == ours
    assert read["organisation"] == books.companies[1].name
    accounts = [each for each in books.accounts.values() if each.company == 1]
    assert read["accounts"] == [[each.code, each.name] for each in accounts]
    assert read["categories"] == ["Department", "Project"]
    assert read["sections"][1:3] == ["Revenue", "Expenses"]
