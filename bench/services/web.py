"""A home of the bench's own with a server in it, and the web process on a port of its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from monitr_pipelines import settings
from monitr_pipelines.warehouse.server import database, embedded
from monitr_pipelines.warehouse.upkeep import migrations

START_SECONDS = 60
RETRIES = 7  # each after a longer pause: about half a minute in all
OURS = ("MONITR_", "DAGSTER_")


@contextmanager
def home() -> Iterator[None]:
    """A home with a migrated server, removed at the end; this process uses it meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="monitr-bench-"))
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(OURS)}
    os.environ |= {"MONITR_HOME": str(folder), "MONITR_HOOK_PORT": str(free_port())}
    try:
        database.start_server()
        migrations.migrate()
        yield
    finally:
        database.close_pool()
        embedded.stop(folder)
        shutil.rmtree(embedded.cluster_of(folder).folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        for name in [name for name in os.environ if name.startswith(OURS)]:
            del os.environ[name]
        os.environ |= before


@contextmanager
def serving() -> Iterator[str]:
    """The web process of that home; its address."""
    command = [sys.executable, "-m", "monitr_pipelines.web.server"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        address = f"http://127.0.0.1:{settings.hook_port()}"
        with httpx2.Client(transport=httpx2.HTTPTransport(retries=RETRIES), timeout=START_SECONDS) as client:
            client.get(f"{address}/health/live").raise_for_status()
        yield address
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
