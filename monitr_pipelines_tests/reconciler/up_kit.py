"""`monitr up` in a home of its own, whose processes are killed one at a time."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests
from dagster_kit import LONGEST_WAIT, Dagster, wait_for

from monitr_pipelines.ledger.status import status_of
from monitr_pipelines.warehouse import database, embedded
from monitr_pipelines.warehouse.imports import Connection

MONITR = Path(sys.executable).parent / "monitr"
MODULES = {
    "webserver": "dagster_webserver",
    "daemon": "dagster._daemon",
    "reconciler": "monitr_pipelines.reconciler",
    "hook": "monitr_pipelines.hook.server",
}
RUN_PROCESS = re.compile(r"pid: (\d+)")


class Up:
    """A running `monitr up` and the processes that it keeps running."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ports = free_ports(2)
        self.dagster = Dagster(f"http://127.0.0.1:{self.ports[0]}", 0)
        self.hook = f"http://127.0.0.1:{self.ports[1]}"
        self.log = home / "up.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [MONITR, "up"],
                env={
                    **os.environ,
                    "MONITR_DAGSTER_PORT": str(self.ports[0]),
                    "MONITR_HOOK_PORT": str(self.ports[1]),
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def serves(self) -> bool:
        """Whether the Dagster UI and the web hook answer."""
        assert self.process.poll() is None, self.log.read_text()
        with suppress(requests.RequestException):
            addresses = (f"{self.dagster.url}/server_info", self.hook)
            return all(requests.get(address, timeout=5).status_code < 500 for address in addresses)
        return False

    def pid_of(self, service: str) -> int | None:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in map(int, children):
            with suppress(OSError):
                if MODULES[service] in Path(f"/proc/{pid}/cmdline").read_text():
                    return pid
        return None

    def kill(self, victim: str, run_id: str) -> None:
        """kill -9 of a service, of the process of a run, or of PostgreSQL."""
        os.kill(self._process_of(victim, run_id), signal.SIGKILL)

    def _process_of(self, victim: str, run_id: str) -> int:
        if victim == "postgresql":
            pid_file = embedded.cluster_of(self.home).data / "postmaster.pid"
            return int(pid_file.read_text().split("\n", 1)[0])
        if victim == "run":
            told = " ".join(event.get("message") or "" for event in self.dagster.events(run_id))
            found = RUN_PROCESS.search(told)
            assert found, told
            return int(found.group(1))
        pid = self.pid_of(victim)
        assert pid is not None, victim
        return pid

    def end(self) -> None:
        """Ask it to end; what remains is killed, each process by its id."""
        started = descendants(self.process.pid)
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in children.read_text().split()] if children.exists() else []
    return found + [pid for child in found for pid in descendants(child)]


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def status(entity: str) -> str:
    """What the card of an entity shows."""
    (row,) = [row for row in database.read("entities") if row["key"] == entity]
    return status_of(lease_alive=row["lease_alive"], waiting=row["waiting"], last_outcome=row["last_outcome"])


def ended(connection: Connection, import_id: int, seconds: int = LONGEST_WAIT) -> dict[str, Any]:
    """The row of an import once it has an outcome."""

    def look() -> dict[str, Any] | None:
        return connection.execute(
            "select * from app.import where id = %s and outcome is not null", [import_id]
        ).fetchone()

    return wait_for(look, f"the end of import {import_id}", seconds)
