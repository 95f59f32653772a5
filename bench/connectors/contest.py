"""One software's contestants: their databases, their programs, and whether they loaded the same books."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import psycopg

from bench import peers
from bench.connectors.software import LINES, PAGE_ROWS, Software
from bench.emulated import Emulated
from bench.server import DATABASE_URL, Server
from monitr_pipelines import emulators
from monitr_pipelines.shipped import ROOT
from monitr_pipelines.warehouse.registry import connections, entities, organisations
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.upkeep import migrations

LONGEST_SECONDS = 600
EMPTY, PEER = "empty", "peer"
SPOOL_FOLDER, APPLICATIONS = "MONITR_SPOOL_DIR", "MONITR_OAUTH_APPLICATIONS"
# A line that several values of an axis share is stored in parts, with ids like `12/1`.
OUR_LINES = """
select count(*), sum(abs(amount))
from (select sum(amount) as amount from raw.gl_transaction group by split_part(external_id, '/', 1)) as line
"""
THEIR_LINES = "select count(*), sum(abs({})) from books.{}"
Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Loaded:
    """What a contestant did: seconds, CPU seconds of its own and of the server, lines, their amounts."""

    seconds: float
    cpu_seconds: float
    server_cpu_seconds: float
    lines: int
    amounts: Decimal

    @property
    def speed(self) -> float:
        """Lines a second."""
        return self.lines / self.seconds


@dataclass
class Contest:
    """The contestants of one software over its running emulator."""

    software: Software
    emulator: Emulated
    server: Server
    folder: Path

    def __post_init__(self) -> None:
        self.credentials = self.software.credentials(self.emulator.settings)
        self.administration = self.emulator.administrations[0]["id"]
        self._entity = ""
        known = emulators.kinds()[self.software.provider].application
        registered = (
            {self.software.provider: dict(zip(("id", "secret"), known, strict=True))} if known else {}
        )
        self._application = {APPLICATIONS: json.dumps(registered)}
        self._ours = f"ours_{self.software.provider}_{self.software.options.get('version', '')}"

    def ours(self) -> Loaded:
        """The first import of an entity, by our connector."""
        self._entity = self._fresh_entity()
        before = self._server_cpu()
        figures = self.act("load")
        spent = self._server_cpu() - before
        return self._loaded(self._ours, OUR_LINES, figures, spent)

    def peer(self) -> Loaded:
        """The same lines, by dlt."""
        address = self.server.create(PEER)
        self.server.settle()
        shutil.rmtree(self.folder / "dlt", ignore_errors=True)
        told = {"behind": None, "page": PAGE_ROWS, "database": address}
        told |= self.software.peer(self.credentials, self.administration)
        script = Path(peers.__file__).parent / "contestants" / "dlt_rest_api.py"
        before = self._server_cpu()
        figures = _run([str(peers.PYTHON), str(script), str(self.folder / "dlt")], told)
        spent = self._server_cpu() - before
        return self._loaded(PEER, THEIR_LINES.format(self.software.amounts, LINES), figures, spent)

    def act(self, action: str) -> Figures:
        """What `bench.contestants.connector` says of an action on the entity that was imported last."""
        command = [sys.executable, "-m", "bench.contestants.connector", action, self._entity]
        # Entities of several databases have the same numbers, and some of these run side by side.
        spool = str(self.folder / self._ours)
        environment = {DATABASE_URL: self.server.url(self._ours), SPOOL_FOLDER: spool}
        return _run(command, environment=environment | self._application)

    def bare(self, requests: Figures) -> Figures:
        """A client that reads the answers to these requests alone."""
        program = "bench.contestants.bare_client"
        return _run([sys.executable, "-m", program, self.emulator.settings["url"]], requests)

    def _fresh_entity(self) -> str:
        """An entity in an empty database; returns its key."""
        os.environ[DATABASE_URL] = self.server.create(self._ours, like=EMPTY)
        with database.connect(autocommit=True) as connection:
            organisations.add(connection, "bench", "active")
            provider = self.software.provider
            connected = connections.add(connection, "bench", provider, dict(self.credentials))
            values = {"name": "books", "country": "BE", "fiscal_year_start": 1}
            values["administration"] = self.administration
            key = entities.add_entity(connection, "bench", provider, values, connection_id=connected)
        self.server.settle()
        return key

    def _loaded(self, name: str, query: str, figures: Figures, spent: float) -> Loaded:
        with psycopg.connect(self.server.url(name)) as connection:
            found = connection.execute(query.encode()).fetchone()
        lines, amounts = found or (0, None)
        return Loaded(figures["seconds"], figures["cpu_seconds"], spent, lines, Decimal(amounts or 0))

    def _server_cpu(self) -> float:
        """CPU seconds of the server's processes so far, those that ended too; 0 where it is elsewhere."""
        with psycopg.connect(self.server.url(EMPTY)) as connection:
            try:
                backend = psutil.Process(connection.info.backend_pid)
            except psutil.NoSuchProcess:
                return 0.0
            postmaster = backend.parent()
        if postmaster is None:
            return 0.0
        used = 0.0
        for process in (postmaster, *postmaster.children()):
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            ended = times.children_user + times.children_system if process == postmaster else 0.0
            used += times.user + times.system + ended
        return used


def prepare(server: Server) -> None:
    """The empty database that those of our contestants are copies of."""
    os.environ[DATABASE_URL] = server.create(EMPTY)
    migrations.migrate()


def refuse_unequal(ours: Loaded, theirs: Loaded, least: int) -> None:
    """Whoever lost a line or a cent has not loaded the books.

    Raises:
        RuntimeError: The contestants hold other lines, or fewer than `least`.
    """
    if (ours.lines, ours.amounts) != (theirs.lines, theirs.amounts) or ours.lines < least:
        raise RuntimeError(
            f"ours holds {ours.lines} lines of {ours.amounts}, "
            f"dlt {theirs.lines} of {theirs.amounts}; {least} were due"
        )


def _run(
    command: Sequence[str], told: object = None, *, environment: Mapping[str, str] | None = None
) -> Figures:
    """What a program prints as JSON; on its standard input is what it is told."""
    outcome = subprocess.run(  # noqa: S603 - the contestants
        command,
        input=json.dumps(told),
        cwd=ROOT,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
    if outcome.returncode:
        raise RuntimeError(f"{' '.join(command[:3])} failed: {outcome.stderr[-2000:]}")
    figures: Figures = json.loads(outcome.stdout.splitlines()[-1])
    return figures
