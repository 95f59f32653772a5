"""`monitr up` through the nights: started, ended, restored in another home; its ticks and imports."""

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from clock_kit import Clock
from process_kit import LONGEST_WAIT, MONITR, end, free_ports, start_up, wait_for

from monitr_pipelines.cli.running import leftovers
from monitr_pipelines.warehouse.server import database, embedded
from monitr_pipelines.warehouse.server.database import Connection

# The clock is put so long before a tick; Dagster looks every five seconds.
LEAD = timedelta(seconds=1)
SECRETS = "secret.key"
DAGSTER_KNOWS = "select count(*) >= 2 from jobs"
OPEN = "select from app.import where finished_at is null limit 1"
UNDER_WAY = """
select count(*) >= 2 and bool_or(finished_at is null) as so
from app.import
where tick = %s and started_at is not null
"""
BROKEN = "select id, provider from app.integration where state = 'reconnect needed'"
APPLIED = "select subscription_applied as state from app.organisation where name = %s"
DAEMON_ENDED = "the daemon ended"


@dataclass
class Product:
    """A `monitr up` on a home, with a connection of ours; `homes` are all that there were."""

    clock: Clock
    folder: Path
    homes: list[Path] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None
    _connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        assert self._connection is not None
        return self._connection

    def move_in(self) -> None:
        """A new home, with nothing in it."""
        self.homes.append(self.folder / f"home{len(self.homes)}")
        self.homes[-1].mkdir()
        os.environ["MONITR_HOME"] = str(self.homes[-1])

    def start(self) -> None:
        """Start it, and wait until it works: Dagster knows its schedule."""
        self.logs.append(self.homes[-1] / f"up.{len(self.logs)}.log")
        self.process = start_up(free_ports(2), self.logs[-1])
        wait_for(self._serves, "monitr up")
        self._connection = database.connect(autocommit=True)
        wait_for(self._dagster_works, "Dagster")

    def stop(self) -> None:
        """End it as a person does."""
        if self._connection is not None:
            self._connection.close()
        database.close_pool()
        if self.process is not None:
            end(self.process)
        self.process = None

    def clear(self) -> None:
        """Whatever is left is ended, and all data are gone."""
        self.stop()
        for home in self.homes:
            os.environ["MONITR_HOME"] = str(home)
            leftovers.clear(home, end=True)
            embedded.stop(home)
            shutil.rmtree(embedded.cluster_of(home).folder, ignore_errors=True)

    def back_up(self) -> Path:
        """A file of the books, while all goes on."""
        file = self.folder / f"books.{len(self.logs)}.backup"
        self._command("backup", file)
        return file

    def restore(self, file: Path) -> None:
        """The machine is lost: a back-up in a new home, with the keys that were kept elsewhere."""
        self.stop()
        before = self.homes[-1]
        embedded.stop(before)
        self.move_in()
        self._command("restore", file)
        shutil.copy(before / SECRETS, self.homes[-1] / SECRETS)
        self.start()

    def await_tick(self, moment: datetime) -> None:
        """Jump to a tick and wait until it is written."""
        self.clock.jump(moment - LEAD)
        wait_for(lambda: self.wrote(moment), f"the tick of {moment}")

    def await_imports(self) -> None:
        """Until nobody waits or is imported."""
        wait_for(lambda: not self.connection.execute(OPEN).fetchall(), "the end of all imports")

    def wrote(self, tick: datetime) -> bool:
        return bool(self.connection.execute("select from app.night where tick = %s", [tick]).fetchall())

    def under_way(self, tick: datetime) -> bool:
        """Whether two imports of a tick have begun, and one of them runs at this moment."""
        return self.connection.execute(UNDER_WAY, [tick]).fetchone() == {"so": True}

    def broken(self) -> dict[int, str]:
        """Connections that have to be made again, and to what."""
        return {row["id"]: row["provider"] for row in self.connection.execute(BROKEN)}

    def applied(self, organisation: str) -> str | None:
        """The state of a subscription that imports follow."""
        row = self.connection.execute(APPLIED, [organisation]).fetchone()
        return row["state"] if row else None

    def daemon_ends(self) -> int:
        """How often the daemon had to be started again."""
        return sum(log.read_text().count(DAEMON_ENDED) for log in self.logs)

    def _serves(self) -> bool:
        assert self.process is not None
        told = self.logs[-1].read_text()
        assert self.process.poll() is None, told
        return "Entities page on" in told

    @staticmethod
    def _dagster_works() -> bool:
        with suppress(psycopg.errors.UndefinedTable), psycopg.connect(database.dagster_url()) as connection:
            return connection.execute(DAGSTER_KNOWS).fetchone() == (True,)
        return False

    @staticmethod
    def _command(*arguments: object) -> None:
        command = [MONITR, *map(str, arguments)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=LONGEST_WAIT)
        assert done.returncode == 0, done.stdout + done.stderr
