"""The address of a page is told once the page answers, not before."""

import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from process_kit import LONGEST_WAIT, wait_for

from monitr_pipelines.cli.running import pages
from monitr_pipelines.cli.running.pages import Announcement

TEXT = "all of it is on the page"


class Page(BaseHTTPRequestHandler):
    """Answers as its server was told to."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing of it."""


@pytest.fixture
def page() -> Iterator[ThreadingHTTPServer]:
    """A page that listens and answers with an error, until its status is set to another."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.status = 503  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join(LONGEST_WAIT)
    server.server_close()


@pytest.fixture(autouse=True)
def _heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger=pages.__name__)


def address(page: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{page.server_port}"


def test_without_pages_it_is_told_at_once(caplog: pytest.LogCaptureFixture) -> None:
    announcement = Announcement(TEXT)
    announcement.look_after()
    assert caplog.messages == [TEXT]
    assert announcement.due is None
    announcement.look_after()
    assert caplog.messages == [TEXT], "once"


def test_it_is_told_when_the_page_answers(
    page: ThreadingHTTPServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    announcement = Announcement(TEXT, [address(page)])
    announcement.look_after()
    assert announcement.due is not None
    announcement.look_after()
    assert caplog.messages == []
    page.status = 200  # type: ignore[attr-defined]

    def told() -> bool:
        announcement.look_after()
        return announcement.due is None

    wait_for(told, "the page to be told of")
    assert caplog.messages == [TEXT]


def test_pages_that_do_not_answer_are_named_after_a_minute(
    page: ThreadingHTTPServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PATIENCE_SECONDS", 0)
    page.status = 200  # type: ignore[attr-defined]
    announcement = Announcement(TEXT, ["http://127.0.0.1:9", address(page)])
    announcement.look_after()
    assert caplog.messages == [TEXT, "http://127.0.0.1:9 does not answer yet"]
    assert announcement.due is None
