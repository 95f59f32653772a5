"""Where the time of a first load goes: the reader's stages one upon another, then each statement."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bench.pages import PageDelivery, read_lines
from monitr_pipelines.ledger.blocks import AxisNumbers
from monitr_pipelines.warehouse.books.stage import Delivered

Share = tuple[str, float]


def measure_shares(pages: Path, load_seconds: float, statements: Mapping[str, float]) -> list[Share]:
    """Seconds by part: the reader's stages by difference of CPU time, statements as they were timed.

    COPY is what is left: the client encodes and sends while the server writes the ledger and its indexes.
    """
    delivery = PageDelivery(pages, whole=True)
    records = _spent(lambda: _exhaust(read_lines(pages)))
    rows = _spent(lambda: _exhaust(Delivered(AxisNumbers()).stream(delivery.changes())))
    parts = [("reading pages and building records", records), ("writing their text", rows - records)]
    listed = sorted(statements.items(), key=lambda item: -item[1])
    shown = [(f"server: {name}", spent) for name, spent in listed if spent >= load_seconds / 200]
    small = sum(statements.values()) - sum(spent for _, spent in shown)
    copied = load_seconds - rows - sum(statements.values())
    return [*parts, ("COPY into the ledger, with the commit", copied), *shown, ("the rest", small)]


def _exhaust(items: Iterator[object]) -> None:
    for _ in items:
        pass


def _spent(action: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    busy = time.process_time()
    action()
    return time.process_time() - busy
