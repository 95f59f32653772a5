"""A real Tryton server on a loopback port, its books, and a proxy before it that counts what it is asked."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from process_kit import wait_for

from monitr_pipelines.importing.ports import UnstoredTokens, ports_to_try
from monitr_pipelines.providers import find
from monitr_pipelines.providers.contract import Source

DATABASE = "books"
PASSWORD = "reads-The-Ledger-1"  # noqa: S105 - of a server that lives as long as the test
MODULES = ("account_be", "analytic_account")
# What the proxy does not pass on: answers must be plain, so that their rows can be counted.
PLAIN = frozenset({"host", "accept-encoding"})
SIGN_IN = frozenset({"common.db.login", "model.res.user.get_preferences", "common.db.logout"})


def require_tryton() -> None:
    """Skip where the packages of the extra `live` are not installed, unless they have to be."""
    if importlib.util.find_spec("trytond") is None:
        if os.environ.get("MONITR_REQUIRE_LIVE") == "1":
            pytest.fail("trytond is not installed: pip install '.[live]'")
        pytest.skip("trytond is not installed; the extra `live` has it")


@dataclass
class Asked:
    """One request that the server was asked: its method, its page size, and how many rows came."""

    method: str
    limit: int | None
    rows: int


@dataclass
class Tryton:
    """A running server. `asked` is what came through the proxy, since it was last cleared."""

    folder: Path
    port: int
    proxy: int = 0
    asked: list[Asked] = field(default_factory=list)

    @property
    def credentials(self) -> dict[str, str]:
        return {
            "url": f"http://127.0.0.1:{self.proxy}",
            "database": DATABASE,
            "username": "reader",
            "password": PASSWORD,
        }

    def connect(self, administration: str | None = None, **others: str) -> Source:
        tokens = UnstoredTokens(self.credentials | others)
        return find("tryton").connect(administration, ports_to_try(tokens))

    def edit(self, name: str) -> None:
        """Change the books of the first company, as an accountant would."""
        run_books(self.folder, name)

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def needed(self) -> int:
        """The requests that the rows of each kind need at its page size."""
        rows: dict[tuple[str, int], int] = {}
        for each in self.asked:
            if each.limit is not None:
                rows[each.method, each.limit] = rows.get((each.method, each.limit), 0) + each.rows
        return sum(max(1, ceil(count / limit)) for (_, limit), count in rows.items())

    def requests(self) -> int:
        """What was asked beyond signing in and out."""
        return sum(each.method not in SIGN_IN for each in self.asked)


def run_books(folder: Path, what: str) -> None:
    program = Path(__file__).with_name("tryton_books.py")
    ran = subprocess.run(
        [sys.executable, str(program), str(folder / "trytond.conf"), DATABASE, what],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]


@contextmanager
def serving(folder: Path) -> Iterator[Tryton]:
    """A server with the Belgian chart and analytic accounts, and its made-up books."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "db").mkdir()
    (folder / "db" / f"{DATABASE}.sqlite").touch()
    (folder / "password").write_text("admin-Pass-9")
    config = folder / "trytond.conf"
    config.write_text(
        f"[database]\nuri = sqlite://\npath = {folder / 'db'}\n[web]\nlisten = 127.0.0.1:{port}\n"
    )
    bin_folder = Path(sys.executable).parent
    administer = [str(bin_folder / "trytond-admin"), "-c", str(config), "-d", DATABASE, "--email", "a@b.be"]
    environment = os.environ | {"TRYTONPASSFILE": str(folder / "password")}
    for what in (["-l", "fr", "nl", "--all"], ["-l", "fr", "nl", "-u", *MODULES, "--activate-dependencies"]):
        subprocess.run([*administer, *what], env=environment, capture_output=True, timeout=240, check=True)
    run_books(folder, "make")
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [str(bin_folder / "trytond"), "-c", str(config), "-d", DATABASE], stdout=log, stderr=log
        )
    tryton = Tryton(folder, port)
    try:
        wait_for(tryton.answers, "the Tryton server")
        with counting(tryton):
            yield tryton
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def counting(tryton: Tryton) -> Iterator[None]:
    class Proxy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            onward = HTTPConnection("127.0.0.1", tryton.port, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in PLAIN}
            onward.request("POST", self.path, body, headers)
            answer = onward.getresponse()
            content = answer.read()
            tryton.asked.append(_asked(json.loads(body), content))
            self.send_response(answer.status)
            self.send_header("content-type", answer.getheader("content-type") or "")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            onward.close()

        def log_message(self, *_: object) -> None:
            """Nothing is told."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        tryton.proxy = proxy.server_address[1]
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            proxy.shutdown()
            thread.join()


def _asked(request: dict[str, Any], content: bytes) -> Asked:
    method, limit, rows = request["method"], None, 0
    if method.endswith(".search_read"):
        limit = request["params"][2]
        rows = len(json.loads(content).get("result") or [])
    return Asked(method, limit, rows)
