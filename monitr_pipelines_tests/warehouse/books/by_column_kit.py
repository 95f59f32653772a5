"""Lines both ways: one by one, and by column."""

from collections.abc import Iterable, Iterator

from monitr_pipelines.ledger.blocks import AxisNumbers, Block
from monitr_pipelines.ledger.changes import Scope
from monitr_pipelines.ledger.columns import ByColumn, Columns, columns_of
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.warehouse.books.blocks import blocks_of


def outcome(lines: Iterable[LedgerLine], scope: Scope | None = None) -> object:
    """What is written of lines: blocks and the numbers of axes, or all that is told of why not."""
    numbers = AxisNumbers()
    blocks: list[Block] = []
    try:
        blocks.extend(block._replace(columns=None) for block in blocks_of(scope, lines, numbers))
    except ImportProblem as problem:
        findings = getattr(problem, "findings", ())
        return type(problem), problem.code, problem.detail, problem.message, list(findings)
    return blocks, numbers


def one_by_one(lines: ByColumn) -> Iterator[LedgerLine]:
    """The lines as whoever knows of no columns has them."""
    yield from lines


def by_column(lines: list[LedgerLine]) -> ByColumn:
    """Lines that can be had both ways."""

    def columns() -> Columns | None:
        if not lines:
            return None
        texts = columns_of(lines, AxisNumbers())
        del texts["axes"]
        return Columns(texts, [line.axes for line in lines])

    return ByColumn(lambda: iter(lines), columns)
