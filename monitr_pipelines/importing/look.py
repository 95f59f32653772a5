"""A look at a file that holds up nobody else: other processes read what may take time or memory.

Of a workbook that is as good as any file of one megabyte, and of every larger file. Few are looked at at a
time; each look has its time and its memory, and is ended when it takes more. As a program (`python -m`) this
is such a look: the file at the descriptor that is its argument, the settings at its standard input.
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
from typing import BinaryIO, NoReturn, cast

from monitr_pipelines.files import ReadSettings
from monitr_pipelines.files.reading.sniff import is_zip
from monitr_pipelines.importing import preview as previews
from monitr_pipelines.importing.memory import limited
from monitr_pipelines.importing.preview import Preview, preview
from monitr_pipelines.lifecycle.errors import InconsistentData, Refused
from monitr_pipelines.lifecycle.messages import Message

SMALL = 1_000_000
MOST_SECONDS = 30
PATIENCE_SECONDS = 30
MOST_MEMORY = 256 * 1024 * 1024
TOO_MUCH_MEMORY = 3
_COMMAND = [sys.executable, "-m", "monitr_pipelines.importing.look"]
TURNS = BoundedSemaphore(2)
# Whoever waits keeps a thread of the web process from other requests.
PLACES = BoundedSemaphore(6)


class FilesBusy(Refused):
    """Too many files are looked at; nothing is wrong with this one."""

    code = "files_busy"


def look(stream: BinaryIO, settings: ReadSettings) -> Preview:
    """The preview of a seekable stream, within limits of time and memory."""
    stream.seek(0)
    is_small = not is_zip(stream.read(4)) and stream.seek(0, os.SEEK_END) <= SMALL
    if is_small:
        return preview(stream, settings)
    try:
        with _taken(PLACES, 0), _taken(TURNS, PATIENCE_SECONDS), tempfile.TemporaryFile() as copy:
            stream.seek(0)
            shutil.copyfileobj(stream, copy)
            copy.flush()
            return _look_apart(copy.fileno(), settings)
    except (FilesBusy, InconsistentData) as problem:
        return Preview(problem=problem)


@contextmanager
def _taken(semaphore: BoundedSemaphore, seconds: int) -> Iterator[None]:
    if not semaphore.acquire(timeout=seconds):
        raise FilesBusy(Message("files_busy"))
    try:
        yield
    finally:
        semaphore.release()


def _look_apart(file: int, settings: ReadSettings) -> Preview:
    try:
        done = subprocess.run(  # noqa: S603 - a program and a number of ours
            [*_COMMAND, str(file)],
            input=pickle.dumps((settings, previews.MOST_LINES)),
            capture_output=True,
            timeout=MOST_SECONDS,
            check=False,
            pass_fds=[file],
        )
    except subprocess.TimeoutExpired:
        _refuse()
    # Below zero: a signal ended it, as the system does where there is no memory left.
    if done.returncode == TOO_MUCH_MEMORY or done.returncode < 0:
        _refuse()
    if done.returncode:
        raise RuntimeError(f"a look at a file failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return cast("Preview", pickle.loads(done.stdout))  # noqa: S301 - written by our own program


def _refuse() -> NoReturn:
    raise InconsistentData(Message("look_too_long"), code="look_too_long")


def main() -> None:
    """Answer with the preview; a special exit code where it takes more memory than a look is worth."""
    settings, most_lines = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by our own program
    try:
        with open(int(sys.argv[1]), "rb") as file, limited(MOST_MEMORY):  # noqa: PTH123 - not a path
            answer = pickle.dumps(preview(cast("BinaryIO", file), settings, most_lines=most_lines))
    except MemoryError:
        sys.exit(TOO_MUCH_MEMORY)
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
