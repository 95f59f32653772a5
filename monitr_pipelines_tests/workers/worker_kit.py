"""A cluster on this machine: its workers, its Redis, and networks of their own for some workers."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster_kit import Dagster
from process_kit import alive, descendants
from redis import Redis

from monitr_pipelines.cli.running.cluster import PATHS
from monitr_pipelines.dagster_names import WORKER_TAG
from monitr_pipelines.workers.broker import QUEUE

NEEDED = ("redis-server", "pgbouncer")
BIND = "127.0.0.1"


def missing() -> str | None:
    """The first program that a cluster needs and this machine lacks."""
    return next((name for name in NEEDED if shutil.which(name, path=PATHS) is None), None)


@contextmanager
def networks() -> Iterator[None]:
    """None yet."""
    yield


@dataclass(frozen=True)
class Cluster(Dagster):
    """A Dagster with workers; `broker` and `pooler` are ports."""

    home: Path = Path()
    broker: int = 0
    pooler: int = 0
    _kept: dict[str, Any] = field(default_factory=dict)

    @property
    def password(self) -> str:
        return (self.home / "cluster" / "password").read_text()

    def pooled(self, database: str) -> str:
        return f"postgresql://monitr:{self.password}@{BIND}:{self.pooler}/{database}"

    @property
    def broker_url(self) -> str:
        return f"redis://:{self.password}@{BIND}:{self.broker}/0"

    @cached_property
    def redis(self) -> Redis:
        return Redis(host=BIND, port=self.broker, password=self.password, socket_timeout=5)

    def waiting(self) -> int:
        """Messages that no worker has taken, of whatever priority."""
        return sum(
            self.redis.llen(key) for key in self.redis.keys(f"{QUEUE}*") if self.redis.type(key) == b"list"
        )

    def deliver_again(self, run: str) -> None:
        """Send the message of a run once more, as Redis does with one that nobody confirmed in time."""
        (message,) = [each for each in self._kept["messages"] if each["headers"]["id"] == run]
        self.redis.lpush(QUEUE, json.dumps(message))

    def workers(self) -> list[int]:
        """The first processes of the workers that `monitr up` keeps and that take runs."""
        return [pid for pid in self.of("monitr_pipelines.workers") if len(descendants(pid)) >= 2]

    def of(self, program: str) -> list[int]:
        """The processes that `monitr up` started itself, of one program."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(pid) for pid in children if program in Path(f"/proc/{pid}/cmdline").read_text()]

    def worker_of(self, run: str) -> int:
        """The first process of the worker that has a run: it is in the worker's name."""
        return int(self.run(run)["tags"][WORKER_TAG].split("-")[1])

    def kill(self, worker: int) -> None:
        """kill -9 of a worker with all its processes."""
        for pid in (worker, *descendants(worker)):
            os.kill(pid, signal.SIGKILL)
        assert not any(alive(pid) for pid in descendants(worker))
