"""A sign-in server that hands out tokens for one use, and is as unreliable as a real one."""

import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

EXCHANGE_SECONDS = 0.03
LATE_SECONDS = 0.6


class SingleUse(ThreadingHTTPServer):
    """Which tokens it handed out, how often each was used; `unreliable`: the shares of what goes wrong."""

    daemon_threads = True

    def __init__(self, **unreliable: float) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.used: Counter[str] = Counter()
        self.issued: set[str] = set()
        self.exchanges: Counter[str] = Counter()
        self.one_at_a_time = threading.Lock()
        self._unreliable = unreliable
        self._chance = random.Random(20)  # noqa: S311 - what goes wrong, not a secret
        self._numbers = itertools.count(1)

    def issue(self) -> dict[str, str]:
        """A new pair."""
        with self.one_at_a_time:
            number = next(self._numbers)
            self.issued.add(f"refresh-{number}")
        return {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}

    def use(self, token: str) -> bool:
        """Use a token up; tells whether it was good."""
        with self.one_at_a_time:
            self.used[token] += 1
            return token in self.issued and self.used[token] == 1

    def mishap(self) -> str:
        """How an exchange goes."""
        with self.one_at_a_time:
            names = [*self._unreliable, "answered"]
            shares = [*self._unreliable.values(), 1 - sum(self._unreliable.values())]
            (name,) = self._chance.choices(names, shares)
            self.exchanges[name] += 1
        return name

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that were killed, or that wait no longer, are what is tested."""


class Exchange(BaseHTTPRequestHandler):
    """Exchanges a refresh token; a sign-in always succeeds."""

    server: SingleUse

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"] or 0)).decode())
        if self.path == "/sign-in":
            self._answer(200, self.server.issue())
            return
        mishap = self.server.mishap()
        if mishap == "unavailable":
            self._answer(503, {"error": "temporarily_unavailable"})
            return
        time.sleep(EXCHANGE_SECONDS)
        good = self.server.use(form["refresh_token"][0])
        pair = self.server.issue() if good else {"error": "invalid_grant"}
        if mishap == "dropped":
            return
        if mishap == "late":
            time.sleep(LATE_SECONDS)
        self._answer(200 if good else 400, pair)

    def _answer(self, status: int, content: dict[str, str]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *arguments: object) -> None:
        """Tests are quiet."""


@contextmanager
def serving(**unreliable: float) -> Iterator[SingleUse]:
    """The server, until the block ends."""
    with SingleUse(**unreliable) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
