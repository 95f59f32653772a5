"""How far an import is: lines are counted as they stream by, a chunk at a time."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeAlias

from monitr_pipelines.ledger.blocks import Block
from monitr_pipelines.ledger.changes import Change, Replace, Upsert, Written
from monitr_pipelines.ledger.records import LedgerLine

CountLines: TypeAlias = Callable[[int], None]
CHUNK = 1000


def counted(changes: Iterable[Change | Written], count: CountLines) -> Iterator[Change | Written]:
    """The same changes, their lines told to `count` as they are read."""
    for change in changes:
        match change:
            case Upsert(lines):
                yield Upsert(_counted(lines, count))
            case Replace(scope, lines):
                yield Replace(scope, _counted(lines, count))
            case Written(scope, blocks):
                yield Written(scope, _counted_blocks(blocks, count))
            case _:
                yield change


def _counted(lines: Iterable[LedgerLine], count: CountLines) -> Iterator[LedgerLine]:
    """Chunks cost a fifth of counting line by line."""
    remaining = iter(lines)
    while chunk := list(islice(remaining, CHUNK)):
        yield from chunk
        count(len(chunk))


def _counted_blocks(blocks: Iterable[Block], count: CountLines) -> Iterator[Block]:
    for block in blocks:
        yield block
        count(block.lines)
