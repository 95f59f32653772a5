"""A strict stand-in for Stripe's list of subscriptions, with faults on demand."""

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

PATH = "/v1/subscriptions"
MOST_A_PAGE = 100
PARAMETERS = frozenset({"status", "limit", "starting_after"})


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer.

    `status` answers with an error instead; `silent` says nothing until the account is closed; `cut`
    breaks the body off halfway; `body` stands in its place.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    cut: bool = False
    body: Any = None


@dataclass
class Account:
    """The subscriptions of an account, newest first, as (customer, status), and who may read them."""

    key: str
    subscriptions: list[tuple[str, str]] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    requests: int = 0
    address: str = ""
    closed: threading.Event = field(default_factory=threading.Event)

    def page(self, limit: int, after: str | None) -> dict[str, Any]:
        """One page of the list; KeyError where the subscription that it starts after does not exist."""
        listed = [
            {"id": f"sub_{number}", "object": "subscription", "customer": customer, "status": status}
            for number, (customer, status) in enumerate(self.subscriptions)
        ]
        start = {one["id"]: position + 1 for position, one in enumerate(listed)}[after] if after else 0
        return {
            "object": "list",
            "url": PATH,
            "has_more": start + limit < len(listed),
            "data": listed[start : start + limit],
        }


@contextmanager
def serve(account: Account) -> Iterator[Account]:
    """The account on a free port of 127.0.0.1, until the block ends."""

    class Bound(_Handler):
        served = account

    with ThreadingHTTPServer(("127.0.0.1", 0), Bound) as server:
        account.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield account
        finally:
            account.closed.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    served: ClassVar[Account]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        account = self.served
        account.requests += 1
        fault = account.faults.popleft() if account.faults else Fault()
        if fault.silent:
            account.closed.wait()
            self.close_connection = True
            return
        status, answer = self._answer() if fault.status == 200 else (fault.status, _error("as ordered"))
        self._send(status, answer if fault.body is None else fault.body, fault)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - named by http.server
        """Nothing is written: the caller looks at the account."""

    def _answer(self) -> tuple[int, Any]:
        parts = urlsplit(self.path)
        given = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if self.headers.get("Authorization") != f"Bearer {self.served.key}":
            # As Stripe does, the key is quoted: nobody may pass it on.
            return 401, _error(f"Invalid API Key provided: {self.headers.get('Authorization')}")
        if parts.path != PATH:
            return 404, _error(f"Unrecognized request URL (GET: {parts.path})")
        if set(given) - PARAMETERS or given.get("status") != "all" or "Stripe-Version" not in self.headers:
            return 400, _error("Received unknown parameters")
        limit = given.get("limit", "10")
        if not limit.isdigit() or not 1 <= int(limit) <= MOST_A_PAGE:
            return 400, _error("Invalid limit")
        try:
            return 200, self.served.page(int(limit), given.get("starting_after"))
        except KeyError as missing:
            return 400, _error(f"No such subscription: {missing}")

    def _send(self, status: int, answer: Any, fault: Fault) -> None:  # noqa: ANN401 - JSON
        body = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **fault.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault.cut else body)
        self.close_connection = fault.cut


def _error(message: str) -> dict[str, Any]:
    return {"error": {"type": "invalid_request_error", "message": message}}
