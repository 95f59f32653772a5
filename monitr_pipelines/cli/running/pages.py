"""The pages of `monitr up`: told of once they can be opened."""

import logging
import time
from collections.abc import Sequence

import requests

LOOK_EVERY = 0.25
ANSWER_SECONDS = 1
PATIENCE_SECONDS = 60

log = logging.getLogger(__name__)


class Announcement:
    """A text that is logged once all pages answer, or after a minute with those that do not yet.

    `due` is when to look next; None once it was said.
    """

    def __init__(self, text: str, pages: Sequence[str] = ()) -> None:
        self._text = text
        self._awaited = list(pages)
        self._begun = time.monotonic()
        self.due: float | None = self._begun

    def look_after(self) -> None:
        """Look whether the pages answer, where it is time to; the text is logged when they do."""
        if self.due is None or self.due > time.monotonic():
            return
        self._awaited = [page for page in self._awaited if not _answers(page)]
        now = time.monotonic()
        if self._awaited and now < self._begun + PATIENCE_SECONDS:
            self.due = now + LOOK_EVERY
            return
        self.due = None
        log.info(self._text)
        for page in self._awaited:
            log.warning("%s does not answer yet", page)


def _answers(page: str) -> bool:
    with requests.Session() as session:
        session.trust_env = False  # a proxy is for the world outside
        try:
            return session.get(page, timeout=ANSWER_SECONDS, allow_redirects=False).ok
        except requests.RequestException:
            return False
