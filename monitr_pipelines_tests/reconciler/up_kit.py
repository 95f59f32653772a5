"""`monitr up` in a home of its own, whose processes are killed one at a time."""

import os
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest
import requests
from common_kit import organisation_of
from dagster_kit import Dagster
from process_kit import LONGEST_LOOK, children, command_of, end, free_ports, server_of, start_up, wait_for

from monitr_pipelines.cli.running import leftovers
from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.server import embedded
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.page_kit import sign_in

MODULES = {
    "webserver": "dagster_webserver",
    "daemon": "dagster._daemon",
    "reconciler": "monitr_pipelines.reconciler",
    "hook": "monitr_pipelines.web.server",
}
# The product promises this, in seconds; its parts are added up, not timed: see test_reconciler_orphans.
TRUE_WITHIN = 15
STATUS = re.compile(r'class="word">([^<]+)<')
RUN_PROCESS = re.compile(r"pid: (\d+)")


@contextmanager
def own_home(folder: Path, **environment: str) -> Iterator[Path]:
    """A home before its first start; whatever is left of it is ended, and its data are gone."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {"MONITR_HOME": str(folder), **environment}.items():
            patched.setenv(name, value)
        yield folder
        leftovers.clear(folder, end=True)
        embedded.stop(folder)
        shutil.rmtree(embedded.cluster_of(folder).folder, ignore_errors=True)


@contextmanager
def serving(home: Path) -> Iterator["Up"]:
    """A `monitr up` whose pages answer, until the block ends."""
    started = Up(home)
    try:
        wait_for(started.serves, "both addresses")
        yield started
    finally:
        started.end()


class Up:
    """A running `monitr up` and the processes that it keeps running."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ports = free_ports(2)
        self.dagster = Dagster(f"http://127.0.0.1:{self.ports[0]}", 0)
        self.hook = f"http://127.0.0.1:{self.ports[1]}"
        self.log = home / "up.log"
        self.process = start_up(self.ports, self.log)

    def serves(self) -> bool:
        """Whether the Dagster UI and the web hook answer."""
        assert self.process.poll() is None, self.log.read_text()
        with suppress(requests.RequestException):
            addresses = (f"{self.dagster.url}/server_info", self.hook)
            return all(requests.get(address, timeout=LONGEST_LOOK).status_code < 500 for address in addresses)
        return False

    def pid_of(self, service: str) -> int | None:
        of_it = (pid for pid in children(self.process.pid) if MODULES[service] in command_of(pid))
        return next(of_it, None)

    def kill(self, victim: str, run_id: str) -> None:
        """kill -9 of a service, of the process of a run, or of PostgreSQL."""
        os.kill(self._process_of(victim, run_id), signal.SIGKILL)

    def _process_of(self, victim: str, run_id: str) -> int:
        if victim == "postgresql":
            return server_of(self.home)
        if victim == "run":
            told = " ".join(event.get("message") or "" for event in self.dagster.events(run_id))
            found = RUN_PROCESS.search(told)
            assert found, told
            return int(found.group(1))
        pid = self.pid_of(victim)
        assert pid is not None, victim
        return pid

    def end(self) -> None:
        end(self.process)


class Card:
    """The card of an entity, as someone signed in gets it from the page."""

    def __init__(self, client: httpx2.Client, token: str, entity: str) -> None:
        self._client = client
        self._address = f"/entities/{entity}/card"
        assert sign_in(client, token).status_code == 303

    def status(self) -> str | None:
        """The word on it; None while the page does not answer."""
        with suppress(httpx2.TransportError):
            answer = self._client.get(self._address)
            found = STATUS.search(answer.text) if answer.status_code == 200 else None
            return unescape(found.group(1)) if found else None
        return None

    def tells(self, status: str) -> None:
        """It comes to show the truth."""
        wait_for(lambda: self.status() == status, f"{status} on the card")


def token_for(connection: Connection, entity: str) -> str:
    """What a person of the entity's organisation signs in with."""
    organisation = str(organisation_of(connection, entity)["id"])
    return access_tokens.create(connection, organisation, "An", access_tokens.TOKEN)[1]


def ended(connection: Connection, import_id: int) -> dict[str, Any]:
    """The row of an import once it has an outcome."""

    def look() -> dict[str, Any] | None:
        return connection.execute(
            "select * from app.import where id = %s and outcome is not null", [import_id]
        ).fetchone()

    return wait_for(look, f"the end of import {import_id}")
