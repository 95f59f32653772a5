"""Whether `monitr up` still lives: its processes, and those that they start, end when it is gone.

A named pipe that `monitr up` alone holds open for writing: whoever reads from it waits until the holder is
gone, for the kernel closes the pipes of a process that was killed too. Unlike Linux's PR_SET_PDEATHSIG it
exists on macOS, and reaches Dagster's code servers and runs, whose parents are Dagster's.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from monitr_pipelines import settings

GRACE_SECONDS = 15
PATTERN = "up.*.lifeline"

log = logging.getLogger(__name__)


@contextmanager
def held(home: Path) -> Iterator[Path]:
    """A pipe in the home folder that this process holds until the block, or the process, ends."""
    for stale in home.glob(PATTERN):
        stale.unlink(missing_ok=True)
    pipe = home / f"up.{os.getpid()}-{time.time_ns()}.lifeline"
    os.mkfifo(pipe, 0o600)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # for writing it opens only where someone reads
    writing = os.open(pipe, os.O_WRONLY)
    os.close(reading)
    try:
        yield pipe
    finally:
        os.close(writing)
        pipe.unlink(missing_ok=True)


@cache
def watch() -> None:
    """End this process, and the group that it leads, once its `monitr up` is gone; else do nothing."""
    pipe = settings.lifeline()
    if pipe is not None:
        threading.Thread(target=_end_with, args=(pipe,), name="lifeline", daemon=True).start()


def _end_with(pipe: Path) -> None:
    _wait(pipe)
    log.warning("`monitr up` is gone: ending")
    own = os.getpid()
    send = os.killpg if os.getpgrp() == own else os.kill
    send(own, signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    send(own, signal.SIGKILL)


def _wait(pipe: Path) -> None:
    try:
        reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:  # it went before this process had started
        return
    os.set_blocking(reading, True)
    os.read(reading, 1)
    os.close(reading)
