"""Where the time of a first load goes: the reader's stages one upon another, then each statement."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from bench.pages import PageDelivery, read_lines, read_pages
from monitr_pipelines.warehouse import database, stage
from monitr_pipelines.warehouse.imports import Connection

Share = tuple[str, float]


class _Nowhere:
    """A connection that takes stage rows and does nothing with them."""

    def execute(self, _query: object) -> None:
        """Nothing."""

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A cursor whose COPY ends nowhere."""
        yield SimpleNamespace(copy=self._copy, executemany=lambda _query, _rows: None, rowcount=0)

    @contextmanager
    def _copy(self, _query: object) -> Iterator[Any]:
        yield SimpleNamespace(write_row=lambda _row: None)


def measure_shares(pages: Path, load_seconds: float, statements: Mapping[str, float]) -> list[Share]:
    """Seconds by part: the reader's stages by difference of CPU time, statements as they were timed."""
    delivery = PageDelivery(pages, whole=True)
    parsing, _ = _spent(lambda: _exhaust(read_pages(pages)))
    records, _ = _spent(lambda: _exhaust(read_lines(read_pages(pages))))
    rows, _ = _spent(lambda: stage.fill(cast("Connection", _Nowhere()), delivery.changes()))
    with database.connect() as connection:
        copied, lasted = _spent(lambda: stage.fill(connection, delivery.changes()))
        connection.rollback()
    waited = lasted - copied - statements.get("analyze stage", 0)
    parts = [
        ("JSON parsing", parsing),
        ("building records", records - parsing),
        ("making stage rows", rows - records),
        ("COPY: encoding and sending", copied - rows),
        ("COPY: waiting for the server", waited),
    ]
    listed = sorted(statements.items(), key=lambda item: -item[1])
    parts += [(f"server: {name}", spent) for name, spent in listed if spent >= load_seconds / 200]
    parts = [(name, max(spent, 0)) for name, spent in parts]
    named = sum(spent for _, spent in parts)
    return [*parts, ("the rest, with the commit", max(load_seconds - named, 0))]


def _exhaust(items: Iterator[object]) -> None:
    for _ in items:
        pass


def _spent(action: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds of this process, and seconds."""
    busy, started = time.process_time(), time.perf_counter()
    action()
    return time.process_time() - busy, time.perf_counter() - started
