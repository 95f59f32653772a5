"""One `monitr up` a home: a lock that its process holds, and the kernel lets go of however that ends."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from monitr_pipelines.cli.running.supervisor import soon
from monitr_pipelines.ledger.brussels import in_brussels
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

LOCK = "up.lock"
# The holder writes who it is right after it took the lock.
WRITTEN_SECONDS = 2


@dataclass
class Turn:
    """The turn of this process. `stops_server`: it started PostgreSQL, or one that was killed did."""

    file: TextIO
    stops_server: bool

    def start_server(self) -> None:
        """Write down that PostgreSQL is started here, so that whoever comes after a kill -9 stops it."""
        self.stops_server = True
        self.write()

    def write(self) -> None:
        """Say who holds the lock, and since when; nothing more is in the file once its turn is over."""
        record = {
            "pid": os.getpid(),
            "since": datetime.now(UTC).isoformat(),
            "stops_server": self.stops_server,
        }
        _replace(self.file, json.dumps(record))


@contextmanager
def taken(home: Path) -> Iterator[Turn]:
    """Hold the lock of a home until the block ends; ServerNotRunning where another process holds it.

    Processes that are started meanwhile do not inherit it: Python closes its files in them.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServerNotRunning(_holder(file, home)) from None
        turn = Turn(file, stops_server=_record(file).get("stops_server") is True)
        turn.write()
        try:
            yield turn
        finally:
            _replace(file, "")


def _holder(file: TextIO, home: Path) -> str:
    soon(lambda: "pid" in _record(file), WRITTEN_SECONDS)
    record = _record(file)
    about = f"pid {record.get('pid', 'unknown')}"
    if "since" in record:
        since = in_brussels(datetime.fromisoformat(str(record["since"])))
        about += f", since {since.format('D MMM YYYY HH:mm:ss')}"
    return (
        f"`monitr up` runs already on {home} ({about}). End it first (`kill {record.get('pid', 'PID')}`), "
        "or set MONITR_HOME to another folder."
    )


def _record(file: TextIO) -> dict[str, object]:
    """What a holder wrote; nothing where it ended in good order, or was killed while it wrote."""
    file.seek(0)
    try:
        found = json.loads(file.read() or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _replace(file: TextIO, text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()
