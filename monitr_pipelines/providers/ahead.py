"""The question that most likely comes next, on its way while the answer at hand is still read."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Final

import requests

from monitr_pipelines.providers.transport import Reply

# Sending takes less; where it has to wait, whoever has an answer to read goes on.
SOON_SECONDS: Final = 0.01


class Ahead:
    """One question at most; it is asked by a thread of its own.

    Args:
        send: Asks and waits for the answer.
        under_way: Set once a question has left.
    """

    def __init__(self, send: Callable[[requests.PreparedRequest], Reply], under_way: threading.Event) -> None:
        self._send = send
        self._under_way = under_way
        self._begun: SimpleQueue[tuple[requests.PreparedRequest, Future[Reply]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._coming: tuple[requests.PreparedRequest, Future[Reply]] | None = None

    def begin(self, prepared: requests.PreparedRequest) -> None:
        """Ask; returns when the question has left, for work that goes on would hold it up."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._ask, name="asking-ahead", daemon=True)
            self._thread.start()
        self._under_way.clear()
        self._coming = prepared, Future()
        self._begun.put(self._coming)
        self._under_way.wait(SOON_SECONDS)

    def take(self, prepared: requests.PreparedRequest) -> Reply | None:
        """The answer to a question that was begun, or what came of it raised; None where it was another.

        No other question is on its way afterwards.
        """
        if self._coming is None:
            return None
        (asked, coming), self._coming = self._coming, None
        if _told(asked) == _told(prepared):
            return coming.result()
        coming.exception()  # the connection is free again
        return None

    def close(self) -> None:
        """Let the thread end, after a question that it still asks."""
        self._begun.put(None)

    def _ask(self) -> None:
        while begun := self._begun.get():
            prepared, answer = begun
            try:
                answer.set_result(self._send(prepared))
            except BaseException as error:  # noqa: BLE001 - raised where the answer is taken
                answer.set_exception(error)


def _told(prepared: requests.PreparedRequest) -> tuple[object, ...]:
    return prepared.method, prepared.url, prepared.body
