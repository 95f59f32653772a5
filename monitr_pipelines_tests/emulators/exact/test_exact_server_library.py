"""A client that others published reads the emulator: its requests, and that its rows are the books."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from exact_library_kit import CLIENT_ID, LINES
from exact_server_kit import FIRST, Client, exact_server, ledger_of
from process_kit import LONGEST_WAIT

from monitr_pipelines.emulators.shared.invented import Size, invented_books

# The library cuts this address, and no other, off the links between pages.
BELGIUM = "https://start.exactonline.be"
PACKAGE = "python-exact-online"
SCRIPT = Path(__file__).parent / "exact_library_kit.py"


@pytest.fixture(autouse=True)
def _installed() -> None:
    try:
        version(PACKAGE)
    except PackageNotFoundError:
        if os.environ.get("MONITR_REQUIRE_LIVE") == "1":
            pytest.fail(f"{PACKAGE} is required and not installed")
        pytest.skip(f"{PACKAGE} is not installed: extra `live`")


def read(client: Client, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), client.server.address, str(folder)],
        capture_output=True,
        text=True,
        timeout=LONGEST_WAIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout))


def as_if_ten_minutes_passed(client: Client, folder: Path) -> None:
    """For the emulator and, in its own notes, for the library."""
    client.books.clock.advance(timedelta(seconds=575))
    notes = folder / f"{CLIENT_ID}.txt"
    held = json.loads(notes.read_text(encoding="utf-8"))
    notes.write_text(json.dumps(held | {"expiresOn": 0}), encoding="utf-8")


def test_the_library_signs_in_pages_renews_and_gets_the_ledger(tmp_path: Path) -> None:
    books = invented_books(Size(lines=5_000))
    with exact_server(books, consent="automatic", address=BELGIUM) as client:
        first = read(client, tmp_path)
        asked = [each.request for each in client.server.exchanges.of()]
        assert {each.status for each in client.server.exchanges.of()} == {200, 302}
        as_if_ten_minutes_passed(client, tmp_path)
        client.server.exchanges.clear()
        second = read(client, tmp_path)
        renewals = client.server.exchanges.of("/api/oauth2/token")
        as_if_ten_minutes_passed(client, tmp_path)
        third = read(client, tmp_path)
    assert second == third == first
    assert [(each.method, each.path) for each in asked[:3]] == [
        ("GET", "/api/oauth2/auth"),
        ("POST", "/api/oauth2/token"),
        ("GET", "/api/v1/current/Me"),
    ]
    assert b"grant_type=authorization_code" in asked[1].body
    assert [(each.status, b"grant_type=refresh_token" in each.request.body) for each in renewals] == [
        (200, True)
    ]
    assert client.emulator.tokens.refreshes == 2
    pages = [each for each in asked if each.path.endswith(LINES)]
    assert [set(each.query) for each in pages] == [set(), {"$skiptoken"}, {"$skiptoken"}]
    accounts = [each for each in asked if each.path.endswith("financial/GLAccounts")]
    assert len(accounts) == 5, "three hundred accounts, sixty a page"
    assert first["division"] == FIRST
    assert {code: name for _, code, name in first["accounts"]} == {
        each.code: each.name for each in books.accounts.values() if each.company == 1
    }
    assert [code for code, _ in first["journals"]] == [
        each.code for each in books.journals.values() if each.company == 1
    ]
    ours = {
        each: (entry, f"{day} 00:00:00", code, amount, str(text))
        for each, (entry, day, code, amount, _, _, text, *_) in ledger_of(books).items()
    }
    theirs = {
        each: (entry, day, code, Decimal(amount), text)
        for each, entry, day, code, amount, text, _ in first["lines"]
    }
    assert len(first["lines"]) == len(theirs), "no row twice"
    assert theirs == ours


def test_the_library_is_refused_what_the_service_refuses(tmp_path: Path) -> None:
    books = invented_books()
    with exact_server(books, consent="automatic", address=BELGIUM) as client:
        read(client, tmp_path)
        client.emulator.tokens.withdraw()
        as_if_ten_minutes_passed(client, tmp_path)
        with pytest.raises(AssertionError, match="refresh token is not found"):
            read(client, tmp_path)
        assert client.server.exchanges.of("/api/oauth2/token")[-1].status == 400
