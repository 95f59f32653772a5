"""A real browser for the tests of pages: Debian's chromium, driven by playwright."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
    sync_playwright,
)
from process_kit import LONGEST_WAIT

expect.set_options(timeout=1000 * LONGEST_WAIT)

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
WAIT_MS = 1000 * LONGEST_WAIT
# A processor that plays the graphics card takes time from the tests.
HEADLESS = ("--no-sandbox", "--disable-gpu", "--disable-software-rasterizer")

Browse = Callable[..., Page]


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """The browser; where there is none the test is skipped, or fails if one is required."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        told = "no chromium on the PATH: `apt-get install chromium`"
        if os.environ.get("MONITR_REQUIRE_BROWSER") == "1":
            pytest.fail(told)
        pytest.skip(told)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*HEADLESS, *arguments])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def browsing(browser: Browser, base_url: str) -> Iterator[Browse]:
    """Opens windows, each a visitor of its own; an error of a script fails the test in the end."""
    errors: list[str] = []
    with ExitStack() as opened:

        def browse(token: str | None = None, **options: object) -> Page:
            context = browser.new_context(base_url=base_url, **{"viewport": DESKTOP, **options})
            opened.callback(context.close)
            page = _window(context, errors)
            if token:
                sign_in(page, token)
            return page

        yield browse
    assert errors == [], errors


def sign_in(page: Page, token: str) -> None:
    """Through the form, as a person does."""
    page.goto("/sign-in")
    page.locator("#token").fill(token)
    page.locator("main button").click()
    page.wait_for_url("**/entities")


def card(page: Page, name: str) -> Locator:
    """The card of an entity or a connection."""
    return page.locator(".card", has=page.get_by_role("heading", name=name))


def tab_to(page: Page, role: str, name: str) -> None:
    """Tab until something is focused."""
    wanted = page.get_by_role(role, name=name)  # type: ignore[arg-type]  # of playwright's own words
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.first.evaluate("(found) => found === document.activeElement"):
            return
    raise AssertionError(f"no Tab leads to {name}")


def violations(page: Page) -> list[str]:
    """What axe finds against the accessibility of a page as it is now."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def _window(context: BrowserContext, errors: list[str]) -> Page:
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    page.on("console", lambda said: errors.extend(_error(page, said)))
    return page


def _error(page: Page, said: ConsoleMessage) -> list[str]:
    """An error of the console, unless it only repeats that a page was answered 4xx, or a card is gone."""
    address = said.location["url"]
    is_known = address == page.url or ("/card?" in address and "404" in said.text)
    if said.type != "error" or (is_known and said.text.startswith("Failed to load resource")):
        return []
    return [f"{page.url}: {said.text}"]
