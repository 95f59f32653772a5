"""The lines of the logs: time, level, logger and import, whichever process writes them.

A process of ours calls `set_up` at its start; the code location, which Dagster loads into processes of
its own, calls `set_up_within_dagster`.
"""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

OURS = "monitr_pipelines"
DAGSTERS = ("dagster", "dagster-webserver")

# The import that this thread is about; None where there is none.
import_id: ContextVar[int | None] = ContextVar("import_id", default=None)

log = logging.getLogger(__name__)


class LineFormatter(logging.Formatter):
    """`TIME LEVEL LOGGER IMPORT message`: ISO 8601 with the offset, and `-` where there is no import.

    Every line of a message begins so, those of a traceback too: what is searched for is found whole, and
    nothing that a message quotes looks like a message of its own.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The lines of a record."""
        time = datetime.fromtimestamp(record.created, UTC).astimezone().isoformat(timespec="milliseconds")
        about = import_id.get()
        start = f"{time} {record.levelname} {record.name} {'-' if about is None else about}"
        return "\n".join(f"{start} {line}" for line in super().format(record).splitlines() or [""])


class StandardError(logging.StreamHandler[TextIO]):
    """Writes to what is standard error at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the lines of a record."""
        self.stream = sys.stderr
        super().emit(record)


@contextmanager
def about_import(number: int | None) -> Iterator[None]:
    """What is logged within the block is about an import."""
    before = import_id.set(number)
    try:
        yield
    finally:
        import_id.reset(before)


def is_set_up() -> bool:
    """Whether this process writes a log: what it says is a line of it then."""
    return any(isinstance(handler, StandardError) for handler in logging.root.handlers)


def set_up() -> None:
    """Write what this process logs, warnings and unforeseen ends included, to its standard error."""
    if is_set_up():
        return
    logging.root.addHandler(_handler())
    logging.getLogger(OURS).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_end
    threading.excepthook = lambda end: _log_end(end.exc_type, end.exc_value, end.exc_traceback)


def set_up_within_dagster() -> None:
    """Write what our code logs beside what Dagster writes, in the same form.

    Where the process has seen to our log already, as a command does that runs a job itself, it stays so.
    """
    others = [handler for name in DAGSTERS for handler in logging.getLogger(name).handlers]
    if logging.lastResort:  # takes the warnings of libraries
        others.append(logging.lastResort)
    for handler in others:
        handler.setFormatter(LineFormatter())
    ours = logging.getLogger(OURS)
    if not (is_set_up() or ours.handlers):
        ours.addHandler(_handler())
        ours.setLevel(logging.INFO)


def _handler() -> logging.Handler:
    handler = StandardError()
    handler.setFormatter(LineFormatter())
    return handler


def _log_end(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace)
    else:
        log.critical("ended unforeseen", exc_info=(kind, error or kind(), trace))
