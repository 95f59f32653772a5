"""How long until a change of status is on the open page: `python -m bench.services.live_status`.

From just before the change is committed to the moment that the page's own observer of mutations sees
the new word; both clocks are this machine's. The web process and the browser are real.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from playwright.sync_api import Page, sync_playwright

from bench.results import Row, say, single
from bench.services import web
from monitr_pipelines.cli.tokens import sign_in_address
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.warehouse.queue import claims, outcome, requests
from monitr_pipelines.warehouse.registry import access_tokens, entities, organisations
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

IMPORTS = 10
GOAL_SECONDS = 1
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
    sys.exit(0 if measure().holds else 1)


def measure(count: int = IMPORTS) -> Row:
    """Seconds from a committed change to the word on an open page; three changes an import."""
    with web.home(), database.connect(autocommit=True) as connection, web.serving():
        key = _entity(connection)
        _, secret = access_tokens.create(connection, ORGANISATION, "Bench", access_tokens.LINK)
        with _open_page(f"{sign_in_address()}/{secret}") as page:
            times = [value for nth in range(count) for value in _import(connection, page, key, f"run {nth}")]
    row = single("change of status until it is on the open page", "s", times, goal=GOAL_SECONDS)
    say(f"{row.name}: median {row.ours:.3f} s, slowest {max(times):.3f} s of {len(times)} changes")
    return row


def _import(connection: Connection, page: Page, key: str, run_id: str) -> Iterator[float]:
    def ask() -> int:
        return requests.request(connection, key, trigger=Trigger.HOOK, requested_by="bench")

    def begin() -> claims.Claim:
        return claims.claim(connection, key, run_id=run_id, import_id=asked, trigger=Trigger.HOOK)

    asked, seconds = _timed(page, "Waiting…", ask)
    yield seconds
    claimed, seconds = _timed(page, "In progress", begin)
    yield seconds
    _, seconds = _timed(page, "Succeeded", lambda: outcome.finish(connection, claimed, None))
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
def _open_page(link: str) -> Iterator[Page]:
    """The Entities page in a browser, once it listens."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(locale="en")
        page.goto(link)
        with page.expect_response("**/entities/events*"):
            page.locator("main button").click()
        page.evaluate(OBSERVE)
        yield page
        browser.close()


if __name__ == "__main__":
    main()
