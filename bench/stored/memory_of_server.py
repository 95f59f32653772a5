"""Less memory for PostgreSQL and the files that it reads: a control group of Linux, version 2 or 1."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.server import Server

GROUPS = Path("/sys/fs/cgroup")


class Group:
    """A group of processes whose memory is limited together."""

    def __init__(self, folder: Path, limit: str) -> None:
        self._folder = folder
        self._limit = folder / limit

    def take(self, server: Server) -> None:
        """Put a server in, with the processes that it has started."""
        with psycopg.connect(server.address) as connection:
            postmaster = _parent(connection.info.backend_pid)
        for process in [postmaster, *_children(postmaster)]:
            with contextlib.suppress(ProcessLookupError):
                (self._folder / "cgroup.procs").write_text(str(process))

    def limit(self, size: int) -> None:
        """From now on no more bytes than these, pages of files among them."""
        self._limit.write_text(str(size))


@contextmanager
def group() -> Iterator[Group]:
    """A group without a limit yet, empty again at the end; OSError where the machine allows none."""
    second = (GROUPS / "cgroup.controllers").exists()
    folder = (GROUPS if second else GROUPS / "memory") / f"monitr-bench-{os.getpid()}"
    folder.mkdir()
    try:
        yield Group(folder, "memory.max" if second else "memory.limit_in_bytes")
    finally:
        folder.rmdir()


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def _children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
