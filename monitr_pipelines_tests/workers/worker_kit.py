"""A cluster on this machine: its workers, its Redis, and networks of their own for some workers."""

import json
import os
import signal
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
import requests
from celery.app.control import Control
from dagster import DagsterInstance
from dagster_kit import Dagster
from process_kit import children, command_of, descendants, end, free_ports, start_up, wait_for
from redis import Redis

from monitr_pipelines.cli.running.cluster import find
from monitr_pipelines.dagster_names import WORKER_TAG
from monitr_pipelines.dagster_storage import end_connections
from monitr_pipelines.workers.broker import QUEUE

NEEDED = ("redis-server", "pgbouncer")
LOOPBACK = "127.0.0.1"
LOADED = """
query { repositoriesOrError { __typename ... on RepositoryConnection { nodes { name } } } }
"""


def missing() -> str | None:
    """The first program that a cluster needs and this machine lacks."""
    return next((name for name in NEEDED if find(name) is None), None)


@dataclass(frozen=True)
class Cluster(Dagster):
    """A Dagster with workers; `broker` and `pooler` are ports."""

    home: Path = Path()
    bind: str = LOOPBACK
    broker: int = 0
    pooler: int = 0

    @property
    def password(self) -> str:
        return (self.home / "cluster" / "password").read_text()

    def pooled(self, database: str) -> str:
        return f"postgresql://monitr:{self.password}@{self.bind}:{self.pooler}/{database}"

    @property
    def broker_url(self) -> str:
        return f"redis://:{self.password}@{self.bind}:{self.broker}/0"

    @property
    def environment(self) -> dict[str, str]:
        """Where a worker on another machine finds Redis and PgBouncer."""
        return {
            "MONITR_BROKER_URL": self.broker_url,
            "MONITR_POOLED_DATABASE_URL": self.pooled("monitr"),
            "MONITR_POOLED_DAGSTER_DATABASE_URL": self.pooled("dagster"),
        }

    @contextmanager
    def known_here(self) -> Iterator[DagsterInstance]:
        """Dagster's instance, with the launcher that the daemon has."""
        with pytest.MonkeyPatch.context() as patched, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Dagster's own, as for any program
            for name, value in self.environment.items():
                patched.setenv(name, value)
            patched.setenv("DAGSTER_HOME", str(self.home / "dagster-workers"))
            with DagsterInstance.get() as instance:
                yield instance
                end_connections(instance)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """The workers of `monitr up` take no runs until the block ends."""
        with self.known_here() as instance:
            control = instance.run_launcher.celery.control
            resting: set[str] = set()
            wait_for(lambda: self._is_at_rest(control, resting), "all workers at rest")
            try:
                yield
            finally:
                control.add_consumer(QUEUE, destination=sorted(resting), reply=True)

    def _is_at_rest(self, control: Control, resting: set[str]) -> bool:
        """Tell the workers that answer to rest; whether none is left that did not say it does."""
        names = [name for name in control.inspect().ping() or {} if socket.gethostname() in name]
        told = control.cancel_consumer(QUEUE, destination=names, reply=True) if names else ()
        resting.update(name for answer in told or () for name in answer)
        return len(resting) >= len(self.workers())

    @cached_property
    def redis(self) -> Redis:
        return Redis(host=self.bind, port=self.broker, password=self.password, socket_timeout=5)

    def waiting(self) -> int:
        """Messages that no worker has taken, of whatever priority."""
        return sum(map(self.redis.llen, self._queues()))

    def lose_message(self, run: str) -> int:
        """Take the message of a run away, as a worker does that is killed then; how many there were."""
        return sum(
            self.redis.lrem(queue, 0, message)
            for queue in self._queues()
            for message in self.redis.lrange(queue, 0, -1)
            if json.loads(message)["headers"]["id"] == run
        )

    def _queues(self) -> list[bytes]:
        """Of messages, one for each priority that has some."""
        return [key for key in self.redis.keys(f"{QUEUE}*") if self.redis.type(key) == b"list"]

    def workers(self) -> list[int]:
        """The first processes of the workers that `monitr up` keeps and that take runs."""
        return [pid for pid in self.of("monitr_pipelines.workers") if len(descendants(pid)) >= 2]

    def of(self, program: str) -> list[int]:
        """The processes that `monitr up` started itself, of one program."""
        return [pid for pid in children(self.pid) if program in command_of(pid)]

    def worker_of(self, run: str) -> int:
        """The first process of the worker that has a run: it is in the worker's name."""
        return int(self.run(run)["tags"][WORKER_TAG].split("-")[1])

    def kill(self, worker: int) -> None:
        """kill -9 of a worker with all its processes."""
        for pid in (worker, *descendants(worker)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def started_cluster(home: Path, bind: str = LOOPBACK) -> Iterator[Cluster]:
    """`monitr up` with two workers, their Redis and PgBouncer, and a Dagster whose code is loaded."""
    ports = free_ports(4)
    log = home / "up.log"
    process = start_up(
        ports[:2],
        log,
        "--workers",
        "2",
        MONITR_BROKER_PORT=str(ports[2]),
        MONITR_POOLER_PORT=str(ports[3]),
        MONITR_CLUSTER_BIND=bind,
    )
    started = Cluster(
        f"http://127.0.0.1:{ports[0]}", process.pid, home=home, bind=bind, broker=ports[2], pooler=ports[3]
    )

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        with suppress(requests.RequestException):
            loaded = started.ask(LOADED)["__typename"] == "RepositoryConnection"
            return loaded and len(started.workers()) == 2
        return False

    try:
        wait_for(answers, "the Dagster and the workers of monitr up")
        yield started
    finally:
        end(process)
