"""How long until a change of status is on the open page: `python -m bench.live_status`.

From just before the change is committed to the moment that the page's own observer of mutations sees
the new word; both clocks are this machine's. The web process and the browser are real.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Page, sync_playwright

from bench.results import Row, say, single
from monitr_pipelines import settings
from monitr_pipelines.cli.tokens import sign_in_link
from monitr_pipelines.warehouse import (
    access_tokens,
    database,
    embedded,
    entities,
    imports,
    migrations,
    organisations,
)
from monitr_pipelines.warehouse.imports import Connection

IMPORTS = 10
GOAL_SECONDS = 1
START_SECONDS = 60
WAIT_MS = 30_000
ORGANISATION = "Live status"
OBSERVE = """() => {
    const header = document.querySelector(".card header");
    window.seen = {};
    new MutationObserver(() => {
        const word = header.querySelector(".status .word").textContent;
        window.seen[word] = (performance.timeOrigin + performance.now()) / 1000;
    }).observe(header, { childList: true, subtree: true });
}"""
Made = TypeVar("Made")
SEEN = "(word) => { const at = window.seen[word]; delete window.seen[word]; return at }"


def main() -> None:
    """Measure and print; exit code 1 where the goal is missed."""
    row = measure()
    slowest = max(value for (value,) in row.rounds)
    say(f"{row.name}: median {row.ours:.3f} s, slowest {slowest:.3f} s of {len(row.rounds)} changes")
    sys.exit(0 if row.holds else 1)


def measure(count: int = IMPORTS) -> Row:
    """Seconds from a committed change to the word on an open page; three changes an import."""
    with _home(), database.connect(autocommit=True) as connection, _serving():
        key = _entity(connection)
        _, secret = access_tokens.create(connection, ORGANISATION, "Bench", access_tokens.LINK)
        with _open_page(sign_in_link(secret)) as page:
            times = [value for nth in range(count) for value in _import(connection, page, key, f"run {nth}")]
    return single("Change of status until it is on the open page", "s", times, goal=GOAL_SECONDS)


def _import(connection: Connection, page: Page, key: str, run_id: str) -> Iterator[float]:
    def ask() -> int:
        return imports.request(connection, key, trigger="hook", requested_by="bench")

    def begin() -> imports.Claim:
        return imports.claim(connection, key, run_id=run_id, import_id=asked, trigger="hook")

    asked, seconds = _timed(page, "Waiting…", ask)
    yield seconds
    claimed, seconds = _timed(page, "In progress", begin)
    yield seconds
    _, seconds = _timed(page, "Succeeded", lambda: imports.finish(connection, claimed, None))
    yield seconds


def _timed(page: Page, word: str, change: Callable[[], Made]) -> tuple[Made, float]:
    started = time.time()
    made = change()
    page.locator(".card header .status", has_text=word).wait_for(timeout=WAIT_MS)
    return made, page.evaluate(SEEN, word) - started


def _entity(connection: Connection) -> str:
    organisations.add(connection, ORGANISATION, "active")
    return entities.add_entity(connection, ORGANISATION, "file", {"name": "Measured"})


@contextmanager
def _home() -> Iterator[None]:
    """A home with a server of its own, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="monitr-bench-"))
    os.environ |= {"MONITR_HOME": str(folder), "MONITR_HOOK_PORT": str(_free_port())}
    try:
        database.start_server()
        migrations.migrate()
        yield
    finally:
        embedded.stop(folder)
        shutil.rmtree(embedded.cluster_of(folder).folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _serving() -> Iterator[None]:
    command = [sys.executable, "-m", "monitr_pipelines.hook.server"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        _await_port(process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _await_port(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", settings.hook_port()), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the web process does not answer")


@contextmanager
def _open_page(link: str) -> Iterator[Page]:
    """The Entities page in a browser, once it listens."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(locale="en")
        page.goto(link)
        with page.expect_response("**/entities/events"):
            page.locator("main button").click()
        page.evaluate(OBSERVE)
        yield page
        browser.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    main()
