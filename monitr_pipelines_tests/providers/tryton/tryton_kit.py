"""A running Tryton: its books over the connector, over its own RPC as a bookkeeper, and as SQL."""

import json
import os
import sqlite3
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
import requests
from http_kit import CountingLimits, FixedTokens
from process_kit import LONGEST_WAIT

from monitr_pipelines.ledger.changes import Bookings, Cursor, Replace, WholeLedger
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.providers.contract import Credentials, End, Item, Ports
from monitr_pipelines.providers.tryton.source import TrytonSource

PACKAGES = ("trytond", "trytond-account-be", "trytond-analytic-account")
REQUIRED = "MONITR_REQUIRE_LIVE"
DATABASE = "books"
PASSWORD = "canary-Tryton-4242"  # noqa: S105 - of a test
HERE = Path(__file__).parent


@dataclass
class Tryton:
    """A server of the test run and its two companies."""

    process: subprocess.Popen[str]
    folder: Path
    port: int
    companies: Mapping[str, int]
    authorization: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def credentials(self) -> dict[str, str]:
        return {"url": self.address, "database": DATABASE, "username": "reader", "password": PASSWORD}

    def source(self, company: str | None = "North", **credentials: str) -> TrytonSource:
        """The connector for a company, by name, or by the id of one that is none of them."""
        defaults = {"url": self.address, "database": DATABASE, "username": "reader", "password": PASSWORD}
        ports = Ports(FixedTokens(Credentials(defaults | credentials)), CountingLimits())
        administration = str(self.companies.get(company, company)) if company else None
        return TrytonSource(administration, ports)

    def call(self, method: str, *params: object) -> Any:  # noqa: ANN401 - whatever was asked for
        """What Tryton answers to its bookkeeper, who signs in again where a session has ended."""
        answer = self._post(method, params)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self._sign_in()
            answer = self._post(method, params)
        return _result(answer)

    def _sign_in(self) -> None:
        self.authorization = {}
        uid, token, _ = _result(self._post("common.db.login", ["bookkeeper", {"password": PASSWORD}]))
        session = b64encode(f"bookkeeper:{uid}:{token}".encode()).decode()
        self.authorization = {"Authorization": f"Session {session}"}

    def _post(self, method: str, params: object) -> requests.Response:
        return requests.post(
            f"{self.address}/{DATABASE}/rpc/",
            json={"id": 1, "method": method, "params": params},
            headers=self.authorization,
            timeout=LONGEST_WAIT,
        )

    def sql(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with (
            closing(sqlite3.connect(self.folder / f"{DATABASE}.sqlite", timeout=LONGEST_WAIT)) as database,
            database,
        ):
            return database.execute(statement, parameters).fetchall()

    def requests(self) -> list[str]:
        """Methods that the server was asked for so far."""
        asked: list[str] = requests.get(f"{self.address}/requests", timeout=LONGEST_WAIT).json()
        return asked

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(LONGEST_WAIT)


def _result(answer: requests.Response) -> Any:  # noqa: ANN401 - whatever was asked for
    answer.raise_for_status()
    found = answer.json()
    assert "error" not in found, found
    return found["result"]


@contextmanager
def running(folder: Path) -> Iterator[Tryton]:
    """A Tryton of its own in a folder, until the block ends; skips or fails where it is not installed."""
    _need_packages()
    log = folder / "trytond.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "tryton_server_kit.py"), "serve", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdout is not None
        with process.stdout as output:
            started = output.readline()
    assert started, log.read_text()[-2000:]
    tryton = Tryton(process, folder, **json.loads(started))
    try:
        yield tryton
    finally:
        tryton.stop()


def _need_packages() -> None:
    try:
        for package in PACKAGES:
            version(package)
    except PackageNotFoundError as error:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{error.name} is not installed: install the extra `live`")
        pytest.skip(f"{error.name} is not installed: install the extra `live`")


def apply(items: Iterable[Item], lines: dict[str, LedgerLine]) -> End:
    """Apply a stream as the loader does, parts of a scope together; returns its end."""
    named: set[str] = set()
    whole, keys = False, set[str]()
    for item in items:
        if isinstance(item, Replace):
            assert isinstance(item.scope, WholeLedger | Bookings)
            whole |= isinstance(item.scope, WholeLedger)
            keys |= set(item.scope.bookings())
            for line in item.lines:
                assert item.scope.contains(line)
                assert line.external_id not in named
                named.add(line.external_id)
                lines[line.external_id] = line
        elif isinstance(item, End):
            for key in [key for key, line in lines.items() if whole or line.booking in keys]:
                if key not in named:
                    del lines[key]
            return item
    raise AssertionError("the stream has no end")


def read(tryton: Tryton, company: str, cursor: Cursor | None) -> list[Item]:
    """A stream to its end, its lines too, so that they can be looked at twice."""
    source = tryton.source(company)
    try:
        items = source.transactions(cursor and json.loads(json.dumps(cursor)))
        return [
            Replace(item.scope, list(item.lines)) if isinstance(item, Replace) else item for item in items
        ]
    finally:
        source.close()


def full_read(tryton: Tryton, company: str = "North") -> tuple[dict[str, LedgerLine], End]:
    lines: dict[str, LedgerLine] = {}
    return lines, apply(read(tryton, company, None), lines)


def increment(tryton: Tryton, company: str, lines: dict[str, LedgerLine], end: End) -> End:
    return apply(read(tryton, company, end.cursor), lines)
