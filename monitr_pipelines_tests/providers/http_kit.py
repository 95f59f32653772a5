"""A server whose answers are ordered one by one, and what a connector's client needs to ask it."""

import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from process_kit import LONGEST_WAIT

from monitr_pipelines.providers.contract import Credentials, RateLimit
from monitr_pipelines.providers.http import Answer, Client
from monitr_pipelines.providers.retries import Patience

CANARY = "canary-4242"
# Tries again after moments, and waits for an answer for as long as it takes.
HASTY = Patience(
    connect=timedelta(seconds=LONGEST_WAIT),
    silence=timedelta(seconds=LONGEST_WAIT),
    whole_answer=timedelta(seconds=LONGEST_WAIT),
    largest_answer=10_000,
    tries=3,
    first_wait=timedelta(milliseconds=10),
    budget=timedelta(seconds=LONGEST_WAIT),
)


@dataclass
class CountingLimits:
    """Limits that never are reached; they count what was asked for."""

    acquired: list[Sequence[RateLimit]] = field(default_factory=list)

    def acquire(self, limits: Sequence[RateLimit]) -> None:
        self.acquired.append(limits)

    def foresee(self, limits: Sequence[RateLimit]) -> None:
        """Nothing is counted ahead."""


@dataclass(frozen=True)
class FixedTokens:
    """Credentials that nobody renews."""

    credentials: Credentials

    def read(self) -> Credentials:
        return self.credentials

    def renew(self, stale: Credentials, exchange: Callable[[Credentials], Mapping[str, str]]) -> Credentials:
        raise AssertionError("a connector renewed credentials that never end")


@dataclass(frozen=True)
class Order:
    """One answer. `drip` sends a byte at a time; `drop` ends the connection after the headers or before."""

    status: int = 200
    body: bytes = b'{"ok": 1}'
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: bool = False
    drop: bool = False
    claimed_length: int | None = None


@dataclass
class Server:
    """Answers in order, the last one again and again; what was asked is kept."""

    orders: deque[Order] = field(default_factory=deque)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    address: str = ""
    closed: threading.Event = field(default_factory=threading.Event)

    def order(self, *orders: Order) -> None:
        self.orders = deque(orders)

    def client(self, **options: object) -> Client:
        return Client("Books", self.address, CountingLimits(), **({"patience": HASTY} | options))

    def ask(self, *, repeatable: bool = True, patience: Patience = HASTY) -> Answer:
        """A question that carries the canary wherever credentials may be."""
        client = self.client(patience=patience)
        try:
            headers = {"Authorization": f"Bearer {CANARY}"}
            return client.ask(
                "POST", "/rpc", headers=headers, document={"password": CANARY}, repeatable=repeatable
            )
        finally:
            client.close()


@contextmanager
def serve() -> Iterator[Server]:
    """A server on a free port of 127.0.0.1, until the block ends."""
    served = Server()

    class Bound(_Handler):
        server_state = served

    with _Listening(("127.0.0.1", 0), Bound) as listening:
        served.address = f"http://127.0.0.1:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield served
        finally:
            served.closed.set()
            listening.shutdown()
            thread.join()


class _Listening(ThreadingHTTPServer):
    def handle_error(self, *arguments: object) -> None:
        """Nothing: clients that leave are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server_state: ClassVar[Server]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        served = self.server_state
        served.sent.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        served.asked.append((self.command, self.path, dict(self.headers)))
        order = served.orders.popleft() if len(served.orders) > 1 else served.orders[0]
        if order.drop:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self.send_response(order.status)
        for name, value in order.headers.items():
            self.send_header(name, value)
        length = len(order.body) if order.claimed_length is None else order.claimed_length
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self._send(order)
        self.close_connection = order.claimed_length is not None

    def do_GET(self) -> None:
        self.do_POST()

    def _send(self, order: Order) -> None:
        with suppress(OSError):
            for start in range(0, len(order.body), 1 if order.drip else len(order.body)):
                self.wfile.write(order.body[start : start + 1] if order.drip else order.body)
                if order.drip and self.server_state.closed.wait(0.05):
                    return

    def log_message(self, *arguments: object) -> None:
        """Nothing: the tests look at `asked`."""
