"""The question that most likely comes next, on its way while the answer at hand is still read."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import timedelta
from queue import SimpleQueue
from typing import Any, Final, NamedTuple

import requests

from monitr_pipelines.providers.transport import Reply

# Sending takes less; where it has to wait, whoever has an answer to read goes on.
SOON: Final = timedelta(milliseconds=10)


class Call(NamedTuple):
    """A question: what `Client.ask` takes."""

    method: str
    path: str
    headers: Mapping[str, str] | None = None
    query: Mapping[str, str] | None = None
    form: Mapping[str, str] | None = None
    document: Any = None  # whatever JSON can say
    xml: bytes | None = None


class _Coming(NamedTuple):
    question: Call
    prepared: requests.PreparedRequest
    reply: Future[Reply]


class Ahead:
    """One question at most; it is asked by a thread of its own.

    Args:
        send: Asks and waits for the answer.
        under_way: Set once a question has left.
    """

    def __init__(self, send: Callable[[requests.PreparedRequest], Reply], under_way: threading.Event) -> None:
        self._send = send
        self._under_way = under_way
        self._begun: SimpleQueue[_Coming | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._coming: _Coming | None = None

    def begin(self, question: Call, prepared: requests.PreparedRequest) -> None:
        """Ask; returns when the question has left, for work that goes on would hold it up."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._ask, name="asking-ahead", daemon=True)
            self._thread.start()
        self._under_way.clear()
        self._coming = _Coming(question, prepared, Future())
        self._begun.put(self._coming)
        self._under_way.wait(SOON.total_seconds())

    def prepared(self, question: Call) -> requests.PreparedRequest | None:
        """The request of a question that was begun; None where it was another."""
        coming = self._coming
        return coming.prepared if coming and coming.question == question else None

    def take(self, prepared: requests.PreparedRequest) -> Reply | None:
        """The answer to a request that was begun, once, or what came of it raised; None where it was another.

        No question is on its way afterwards: the answer to another one is given up.
        """
        coming, self._coming = self._coming, None
        if coming is None:
            return None
        if coming.prepared is prepared:
            return coming.reply.result()
        coming.reply.exception()  # the connection is free again
        return None

    def close(self) -> None:
        """Let the thread end, after a question that it still asks."""
        self._begun.put(None)

    def _ask(self) -> None:
        while coming := self._begun.get():
            try:
                coming.reply.set_result(self._send(coming.prepared))
            except BaseException as error:  # noqa: BLE001 - raised where the answer is taken
                coming.reply.set_exception(error)
