"""A home of the bench's own with a server in it, and the web process on a port of its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitr_pipelines import settings
from monitr_pipelines.warehouse import database, embedded, migrations

START_SECONDS = 60
OURS = ("MONITR_", "DAGSTER_")


@contextmanager
def home() -> Iterator[None]:
    """A home with a migrated server, removed at the end; this process uses it meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="monitr-bench-"))
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(OURS)}
    os.environ |= {"MONITR_HOME": str(folder), "MONITR_HOOK_PORT": str(_free_port())}
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
    command = [sys.executable, "-m", "monitr_pipelines.hook.server"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        _await_port(process)
        yield f"http://127.0.0.1:{settings.hook_port()}"
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _await_port(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", settings.hook_port()), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the web process does not answer")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
