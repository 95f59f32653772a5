"""The web application as a browser or a program meets it: real, on a loopback port, over real PostgreSQL."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from hook_kit import Sender, Web, make_sender, serving
from playwright.sync_api import Browser
from process_kit import LONGEST_WAIT

from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.entities import events
from monitr_pipelines_tests.web.browser_kit import Browse, browsing, chromium
from monitr_pipelines_tests.web.page_kit import make_company
from monitr_pipelines_tests.web.wizard_kit import Person, signed_in

# Made once: every client would read the machine's certificates anew, and asks an address of this machine.
TRUSTED = ssl.create_default_context()


@pytest.fixture(scope="module")
def _served(home: Path) -> Iterator[Web]:
    with serving() as running:
        yield running


@pytest.fixture
def web(_served: Web) -> Iterator[Web]:
    """The running application; its clock is set right after each test."""
    yield _served
    _served.clock.ahead *= 0


@pytest.fixture
def brief_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams rest for a tenth of a second after they told that everything changed."""
    monkeypatch.setattr(events, "LONG_PAUSE_SECONDS", 0.1)


@pytest.fixture
def client(web: Web) -> Iterator[httpx2.Client]:
    """An HTTP client of the application that follows no redirects."""
    with httpx2.Client(
        base_url=web.url,
        timeout=LONGEST_WAIT,
        limits=httpx2.Limits(max_connections=None),
        verify=TRUSTED,
    ) as opened:
        yield opened


@pytest.fixture
def new_client(web: Web) -> Iterator[Callable[[], httpx2.Client]]:
    """Makes further clients, each with cookies of its own."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(
            httpx2.Client(base_url=web.url, timeout=LONGEST_WAIT, verify=TRUSTED)
        )


@pytest.fixture
def new_sender(
    web: Web, client: httpx2.Client, connection: Connection, make_entity: Callable[..., str]
) -> Callable[..., Sender]:
    """Makes a program of an organisation of its own, with `entities=` of them."""
    return lambda entities=1: make_sender(connection, make_entity, web, client, entities)


@pytest.fixture
def sender(new_sender: Callable[..., Sender]) -> Sender:
    return new_sender()


@pytest.fixture
def person(connection: Connection, client: httpx2.Client) -> Person:
    """Someone signed in whose company's one entity is imported from files."""
    return signed_in(client, make_company(connection, provider="file"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a module: playwright's event loop must not outlive the tests that need it."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def browse(browser: Browser, web: Web) -> Iterator[Browse]:
    """Opens a window on the application, signed in where a token is given."""
    with browsing(browser, web.url) as opens:
        yield opens
