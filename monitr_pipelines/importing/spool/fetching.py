"""Fetching into a spool: pages are written down as they come."""

from collections.abc import Callable, Iterable

from monitr_pipelines.importing.spool.codec import Deleted, Ended, Reached, lines_record
from monitr_pipelines.importing.spool.spool import Spool
from monitr_pipelines.ledger.changes import Cursor, Delete, Replace, Scope, Upsert
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.providers.contract import Checkpoint, End, Item
from monitr_pipelines.warehouse.books.blocks import blocks_of, chunks


def fetch_into(spool: Spool, items: Iterable[Item], count: Callable[[int], None]) -> Cursor:
    """Read a source's stream to its End and write it down; `count` hears of lines as they are written.

    Returns where the next increment begins.

    Raises:
        OurFault: The stream went on behind its End, or ended without one.
        InconsistentData: A line lies outside its scope, or has a text that no ledger holds.
        ImportProblem: Whatever the source raised; what was written before stays in the spool.
    """
    end: Cursor | None = None
    for item in items:
        if end is not None:
            raise OurFault(detail=f"{type(item).__name__} behind the end of a stream")
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
                end = dict(cursor)
                spool.write(Ended(end))
    if end is None:
        raise OurFault(code="stream_cut_off", detail="a connector gave no end")
    return end


def _write_lines(
    spool: Spool, scope: Scope | None, lines: Iterable[LedgerLine], count: Callable[[int], None]
) -> None:
    """At least one record, even of no lines: an empty scope says that the ledger has nothing there."""
    for block in blocks_of(scope, lines, spool.numbers):
        spool.write(lines_record(scope, block))
        count(block.lines)
