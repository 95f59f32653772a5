"""Connections that lead where they may, and are cut off at a deadline: time-outs count from byte to byte."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter

from monitr_pipelines.providers.addresses import address_to_call

NEVER = timedelta.max.total_seconds()


class Watch:
    """The newest connection of a client, and the deadline of its question; `under_way`: it has left.

    One thread looks after all questions of a client: starting one for each would cost as much as sending it.

    Args:
        longest: How long a question may take from its first byte to the answer's last.
    """

    def __init__(self, longest: timedelta) -> None:
        self.expired = False
        self.sent = False
        self.under_way = threading.Event()
        self._longest = longest.total_seconds()
        self._due = NEVER
        self._connected: socket.socket | None = None
        self._turn = threading.Lock()
        self._closed = threading.Event()
        self._guard: threading.Thread | None = None

    @contextmanager
    def question(self) -> Iterator["Watch"]:
        """Cut the connection off if the block takes too long; `expired` then says so.

        `sent` tells whether the block has begun to send something.
        """
        with self._turn:
            self.expired = self.sent = False
            self._due = time.monotonic() + self._longest
        if self._guard is None:
            self._guard = threading.Thread(target=self._look, name="answer-deadline", daemon=True)
            self._guard.start()
        try:
            yield self
        finally:
            with self._turn:
                self._due = NEVER

    def opened(self, connected: socket.socket) -> None:
        """Watch a connection; the one before is out of use, as a client has one at a time."""
        self._forget()
        # A handle of its own: the socket's passes to TLS.
        self._connected = connected.dup()
        if self.expired:
            self._cut()

    def close(self) -> None:
        """Cut the connection off, and let go of it and of the thread."""
        self._closed.set()
        self._cut()
        if self._guard is not None:
            self._guard.join()
        self._forget()

    def _look(self) -> None:
        """A question that begins meanwhile is due no earlier than whoever sleeps as long wakes up."""
        wait = self._longest
        while not self._closed.wait(wait):
            with self._turn:
                wait = self._longest if self._due == NEVER else self._due - time.monotonic()
                if wait <= 0:
                    self._cut()
                    self._due, wait = NEVER, self._longest

    def _forget(self) -> None:
        if self._connected is not None:
            self._connected.close()
            self._connected = None

    def _cut(self) -> None:
        self.expired = True
        if self._connected is not None:
            with suppress(OSError):
                self._connected.shutdown(socket.SHUT_RDWR)


class WatchedAdapter(HTTPAdapter):
    """Opens the connections of `requests` under a watch, and only to where connectors may go."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as in requests
        """The pools of the library, with connections that the watch hears of."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": self._pool(urllib3.HTTPConnectionPool),
            "https": self._pool(urllib3.HTTPSConnectionPool),
        }

    def _pool(self, kind: Any) -> Any:  # noqa: ANN401 - a class of the library, and one made of it
        watch, library_connection = self._watch, kind.ConnectionCls

        def connect(connection: Any) -> socket.socket:  # noqa: ANN401
            name = connection.host
            try:
                # The checked address is called; certificates and headers are of the name.
                connection.host = address_to_call(name, connection.port)
                connected: socket.socket = library_connection._new_conn(connection)  # noqa: SLF001 - meant to be overridden
            finally:
                connection.host = name
            watch.opened(connected)
            return connected

        def send(connection: Any, data: Any) -> None:  # noqa: ANN401 - as in http.client
            if connection.sock is None:
                connection.connect()  # with TLS where there is; what fails here has sent nothing
            watch.sent = True
            library_connection.send(connection, data)
            watch.under_way.set()

        methods = {"_new_conn": connect, "send": send}
        connection_class = type("Connection", (library_connection,), methods)
        return type("Pool", (kind,), {"ConnectionCls": connection_class})
