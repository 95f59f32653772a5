"""Fetching into a spool: the next page is on its way while the page at hand is decoded and written."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from queue import Queue
from typing import Final, TypeVar

from monitr_pipelines.importing.spool.codec import Deleted, Ended, Reached, lines_record
from monitr_pipelines.importing.spool.spool import Spool
from monitr_pipelines.ledger import limits
from monitr_pipelines.ledger.changes import Delete, Replace, Scope, Upsert
from monitr_pipelines.ledger.findings import SHOWN_FINDINGS, Finding
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.ledger.wording import cut
from monitr_pipelines.lifecycle.errors import InconsistentData, OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Checkpoint, End, Item

PAGES_AHEAD = 2
LINES_A_RECORD = 2000
PATIENCE_SECONDS = 5
DONE: Final = object()

T = TypeVar("T")


def fetch_into(spool: Spool, items: Iterable[Item], count: Callable[[int], None]) -> None:
    """Read a source's stream to its End and write it down; `count` hears of lines as they are written.

    Raises:
        OurFault: The stream went on behind its End, or ended without one.
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
                for some in _chunks(keys):
                    spool.write(Deleted(some))
            case Checkpoint(cursor):
                spool.write(Reached(dict(cursor)))
            case End(cursor):
                spool.write(Ended(dict(cursor)))
    if spool.end is None:
        raise OurFault("A connector's stream was cut off: it gave no end.", code="stream_cut_off")


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
    chunks = _chunks(lines)
    for chunk in chain([next(chunks, [])], chunks):
        _refuse_too_long(chunk)
        spool.write(lines_record(scope, chunk))
        count(len(chunk))


def _refuse_too_long(lines: Sequence[LedgerLine]) -> None:
    """Texts that no ledger holds; found here, before a database is opened for them."""
    found = [(line, too_long) for line in lines if (too_long := limits.of_line(line))]
    if found:
        findings = [
            Finding(
                "too_long",
                sentence(
                    "too_long_in_line",
                    line=repr(cut(line.external_id, limits.SHOWN)),
                    problem=too_long.message,
                ),
            )
            for line, too_long in found[:SHOWN_FINDINGS]
        ]
        raise InconsistentData(Message("unfit_lines"), code="unfit_lines", findings=findings)


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(values)
    while chunk := list(islice(remaining, LINES_A_RECORD)):
        yield chunk
