"""The time of day of all processes of a story, moved at one moment: by a small library that they load.

Debian's libfaketime 0.9.10 does not do: told to leave CLOCK_MONOTONIC alone, it lets every `time.sleep` of
Python fail (EINVAL); told to move that too, it would let whatever waits see a jump.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from process_kit import LONGEST_WAIT

VARIABLE = "NIGHTS_CLOCK"
SOURCE = Path(__file__).with_name("clock.c")
COMPILER = "cc"
MICROSECOND = timedelta(microseconds=1)
NANOSECONDS = 1000
SIZE = 8


def missing() -> str | None:
    """What this machine lacks to move the clock."""
    if not Path("/proc/self/stat").exists():
        return "Linux"
    return None if shutil.which(COMPILER) else "a C compiler (cc)"


@contextmanager
def environment() -> Iterator[dict[str, str]]:
    """What processes are started with to have the time of a `Clock`; until the block ends.

    PostgreSQL may run as another user, so everybody may read both files.
    """
    folder = Path(tempfile.mkdtemp(prefix="nights-clock-"))
    try:
        folder.chmod(0o755)
        file, library = folder / "offset", folder / "clock.so"
        file.write_bytes(bytes(SIZE))
        file.chmod(0o644)
        command = [COMPILER, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
        subprocess.run(command, check=True, timeout=LONGEST_WAIT)
        yield {**os.environ, VARIABLE: str(file), "LD_PRELOAD": str(library)}
    finally:
        shutil.rmtree(folder)


class Clock:
    """The time that this process and those that it starts have; it goes on as always, and jumps forward."""

    def __init__(self) -> None:
        self._file = Path(os.environ[VARIABLE])

    def now(self) -> datetime:
        return datetime.now(UTC)

    def begin(self, moment: datetime) -> None:
        """It is that moment now."""
        real = time.time_ns() - self._offset()
        since = datetime.fromtimestamp(0, UTC)
        self._write((moment - since) // MICROSECOND * NANOSECONDS - real)

    def jump(self, moment: datetime) -> None:
        """Nothing happens until then: a story goes forward, and whoever sleeps for long wakes up."""
        assert moment > self.now(), f"{moment} is over: it is {self.now()}"
        self.begin(moment)

    def _offset(self) -> int:
        return int.from_bytes(self._file.read_bytes(), "little", signed=True)

    def _write(self, offset: int) -> None:
        with self._file.open("r+b") as file:
            file.write(offset.to_bytes(SIZE, "little", signed=True))
