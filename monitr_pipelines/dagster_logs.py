"""What a run prints: in a file of its own, which Dagster's pages show, and beside it where it always went.

Dagster starts four processes a run for that, two of them a Python; here a thread for each stream follows the
file. What a run that is killed printed last is in its file.
"""

import io
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Self, TextIO

from dagster import Field
from dagster._core.execution.compute_logs import redirect_to_file
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType
from dagster._core.storage.local_compute_log_manager import IO_TYPE_EXTENSION, LocalComputeLogManager
from dagster._serdes import ConfigurableClassData
from dagster._utils import touch_file

from monitr_pipelines import settings

LOOK_EVERY_SECONDS = 0.5
END_SECONDS = 5
BLOCK_BYTES = 64 * 1024
# As Dagster looks for it.
COMPLETE = "complete"


class FilesOfRuns(LocalComputeLogManager):
    """Dagster's files, in Dagster's own place."""

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        """No settings."""
        return {}

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData | None,
        config_value: Mapping[str, Any],  # noqa: ARG003 - there are none
    ) -> Self:
        """In the folder that Dagster takes where nothing is said, of the home that `monitr up` gives it."""
        return cls(str(settings.home() / "dagster" / "storage"), inst_data=inst_data)

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Iterator[CapturedLogContext]:
        """Whatever this process and its children print within the block."""
        out, err = (
            Path(self.get_captured_local_path(log_key, IO_TYPE_EXTENSION[kind]))
            for kind in (ComputeIOType.STDOUT, ComputeIOType.STDERR)
        )
        with _followed(sys.stdout, out), _followed(sys.stderr, err):
            yield CapturedLogContext(log_key)
        touch_file(self.get_captured_local_path(log_key, COMPLETE))  # says that there is no more to come


@contextmanager
def _followed(stream: TextIO, path: Path) -> Iterator[None]:
    """Send what a stream is given to a file, and from there on to where the stream led."""
    try:
        number = stream.fileno()
    except io.UnsupportedOperation:  # a stream that someone put in its place
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    over = threading.Event()
    with os.fdopen(os.dup(number), "wb", buffering=0) as shown, path.open("rb", buffering=0) as written:
        written.seek(0, os.SEEK_END)
        follower = threading.Thread(
            target=_follow, args=(written, shown, over), name="log-follower", daemon=True
        )
        follower.start()
        try:
            with redirect_to_file(stream, str(path)):
                yield
        finally:
            over.set()
            follower.join(END_SECONDS)


def _follow(written: io.RawIOBase, shown: BinaryIO | io.RawIOBase, over: threading.Event) -> None:
    """Copy what is written, to the end. Where nobody reads on any more, the file alone has it."""
    try:
        ended = False
        while not ended:
            ended = over.wait(LOOK_EVERY_SECONDS)
            while block := written.read(BLOCK_BYTES):
                shown.write(block)
    except (OSError, ValueError):
        return
