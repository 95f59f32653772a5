"""The folder of a machine's spools: private, bounded, swept.

A file is locked while a process uses it, so that what a killed process left behind is known from what
another one still writes. Back-up programs that honour CACHEDIR.TAG (https://bford.info/cachedir/) leave
the folder out; the back-up of the database never reads it.
"""

import fcntl
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from monitr_pipelines import settings

SUFFIX = ".spool"
RESUMABLE = f"-full{SUFFIX}"
# A fetch that nobody went on with in this time is fetched anew: its software has long moved on.
KEPT = timedelta(days=3)
TAG = "Signature: 8a477f597d28d172789f06886806bc55\n"


def prepare() -> Path:
    """The folder, made where it is missing; only its owner can look into it."""
    folder = settings.spool_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    (folder / "CACHEDIR.TAG").write_text(TAG, encoding="ascii")
    return folder


def size(folder: Path) -> int:
    """The bytes that all spools of the machine take."""
    # Asked before each record is written: a tenth of what `glob` takes.
    with os.scandir(folder) as found:
        return sum(_bytes(each) for each in found if each.name.endswith(SUFFIX))


def create(path: Path) -> BinaryIO:
    """A new file, locked, that only its owner can read; an old one of that name is replaced."""
    path.unlink(missing_ok=True)
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def take(path: Path) -> BinaryIO | None:
    """An existing file, locked; None where it is gone or another process uses it."""
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    if not path.exists():  # its owner removed it before it was locked
        file.close()
        return None
    return file


def sweep(folder: Path) -> list[Path]:
    """Remove what a killed process left behind and no import will go on with; returns what was removed."""
    removed = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        file = take(path)
        if file is None:
            continue
        with file:
            if not path.name.endswith(RESUMABLE) or _is_old(path):
                path.unlink(missing_ok=True)
                removed.append(path)
    return removed


def forget(folder: Path, entity_id: int) -> list[Path]:
    """Remove every spool of an entity, used or not; returns what was removed."""
    removed = sorted(folder.glob(f"{entity_id}-*{SUFFIX}"))
    for path in removed:
        path.unlink(missing_ok=True)
    return removed


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > KEPT.total_seconds()
    except FileNotFoundError:
        return False


def _bytes(path: os.DirEntry[str]) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
