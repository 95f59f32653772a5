"""The first rows of a workbook for a preview, which must not hold up whoever else the process serves.

What comes before its first row can cost any time and memory (shared strings, sheets named a thousand times,
a cell in the last column), so another process reads it, one at a time, and is ended when that takes long.
"""

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import BinaryIO, cast

from monitr_pipelines.files.xlsx import rows
from monitr_pipelines.files.xlsx.archive import refuse_to_look
from monitr_pipelines.files.xlsx.rows import Rows
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.lifecycle.messages import Message

MOST_SECONDS = 30
PATIENCE_SECONDS = 30
# Some 40 MB a core are set aside for arithmetic that no workbook needs: a large machine has no room left.
WITHOUT_THREADS = {"OPENBLAS_NUM_THREADS": "1"}
TURN = BoundedSemaphore(1)
# Whoever waits keeps a thread of the web process from other requests.
PLACES = BoundedSemaphore(4)


class WorkbooksBusy(Refused):
    """Too many workbooks are looked at; nothing is wrong with this one."""

    code = "workbooks_busy"


def first_rows(stream: BinaryIO, most_rows: int) -> Rows | str:
    """The first rows of the first sheet, or why it cannot be read; WorkbooksBusy when it is nobody's turn."""
    with _taken(PLACES, 0), _taken(TURN, PATIENCE_SECONDS), tempfile.TemporaryFile() as copy:
        stream.seek(0)
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        return _read_apart(cast("BinaryIO", copy), most_rows)


@contextmanager
def _taken(semaphore: BoundedSemaphore, seconds: int) -> Iterator[None]:
    if not semaphore.acquire(timeout=seconds):
        raise WorkbooksBusy(Message("workbooks_busy"))
    try:
        yield
    finally:
        semaphore.release()


def _read_apart(workbook: BinaryIO, most_rows: int) -> Rows | str:
    command = [sys.executable, "-m", rows.__name__, str(most_rows)]
    try:
        done = subprocess.run(  # noqa: S603 - a program and a number of ours
            command,
            stdin=workbook,
            capture_output=True,
            timeout=MOST_SECONDS,
            check=True,
            env=os.environ | WITHOUT_THREADS,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        refuse_to_look(Message("workbook_slow"))
    return cast("Rows | str", pickle.loads(done.stdout))  # noqa: S301 - written by our own program
