"""A worker ends when the code that it has loaded is replaced; its supervisor starts it with the new one."""

import hashlib
import logging
import os
import signal
import threading
from collections.abc import Iterable
from pathlib import Path

from monitr_pipelines import shipped

LOOK_EVERY = 5

log = logging.getLogger(__name__)


def fingerprint(files: Iterable[Path]) -> str:
    """Names, sizes and times of files: another where a deploy wrote any of them."""
    told = hashlib.sha256()
    for file in sorted(files):
        state = file.stat()
        told.update(f"{file}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return told.hexdigest()


def watch(seconds: float = LOOK_EVERY) -> None:
    """End this process gently, after the imports that it runs, once its code is another."""
    threading.Thread(target=_watch, args=(seconds,), name="deploys", daemon=True).start()


def _watch(seconds: float) -> None:
    loaded = _now()
    pause = threading.Event()
    while not pause.wait(seconds):
        if _now() != loaded:
            log.warning("the code was replaced: ending after the imports that run")
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _now() -> str:
    """Of this moment; a file that vanishes meanwhile is a change too."""
    try:
        return fingerprint(shipped.code())
    except FileNotFoundError:
        return ""
