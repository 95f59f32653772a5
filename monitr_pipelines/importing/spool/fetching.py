"""Fetching into a spool: the next page is on its way while the page at hand is decoded and written."""

import threading
from collections.abc import Callable, Iterable, Iterator
from queue import Queue
from typing import Final

from monitr_pipelines.importing.spool.codec import Deleted, Ended, Reached, lines_record
from monitr_pipelines.importing.spool.spool import Spool
from monitr_pipelines.ledger.changes import Cursor, Delete, Replace, Scope, Upsert
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.providers.contract import Checkpoint, End, Item
from monitr_pipelines.warehouse.books.blocks import blocks_of, chunks

PAGES_AHEAD = 2
PATIENCE_SECONDS = 5
DONE: Final = object()


def fetch_into(spool: Spool, items: Iterable[Item], count: Callable[[int], None]) -> Cursor:
    """Read a source's stream to its End and write it down; `count` hears of lines as they are written.

    Returns where the next increment begins.

    Raises:
        OurFault: The stream went on behind its End, or ended without one.
        InconsistentData: A line lies outside its scope, or has a text that no ledger holds.
        ImportProblem: Whatever the source raised; what was written before stays in the spool.
    """
    for item in ahead(items):
        if spool.end is not None:
            raise OurFault("A connector went on behind the end of its stream.", detail=type(item).__name__)
        match item:
            case Upsert(lines):
                _write_lines(spool, None, lines, count)
            case Replace(scope, lines):
                _write_lines(spool, scope, lines, count)
            case Delete(keys):
                for some in chunks(keys):
                    spool.write(Deleted(some))
            case Checkpoint(cursor):
                spool.write(Reached(dict(cursor)))
            case End(cursor):
                spool.write(Ended(dict(cursor)))
    if spool.end is None:
        raise OurFault("A connector's stream was cut off: it gave no end.", code="stream_cut_off")
    return spool.end


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items, asked for by a thread that is at most two of them ahead.

    An error of the source is raised here, behind the items that came before it. The thread ends with
    the iteration, however that ends, or after the request that is on its way, which has a time-out.
    """
    queue: Queue[object] = Queue(PAGES_AHEAD)
    stopped = threading.Event()
    thread = threading.Thread(
        target=_ask, args=(iter(items), queue, stopped), name="import-fetch", daemon=True
    )
    thread.start()
    try:
        while (item := queue.get()) is not DONE:
            if isinstance(item, BaseException):
                raise item
            yield item  # type: ignore[misc]  # the queue holds items, errors and DONE
    finally:
        stopped.set()
        while not queue.empty():  # whoever waits for room in the queue sees that it is over
            queue.get_nowait()
        thread.join(timeout=PATIENCE_SECONDS)


def _ask(items: Iterator[Item], queue: Queue[object], stopped: threading.Event) -> None:
    try:
        for item in items:
            queue.put(item)
            if stopped.is_set():
                return
        queue.put(DONE)
    except BaseException as error:  # noqa: BLE001 - raised again where the items are read
        queue.put(error)
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()


def _write_lines(
    spool: Spool, scope: Scope | None, lines: Iterable[LedgerLine], count: Callable[[int], None]
) -> None:
    """At least one record, even of no lines: an empty scope says that the ledger has nothing there."""
    for block in blocks_of(scope, lines, spool.numbers):
        spool.write(lines_record(scope, block))
        count(block.lines)
