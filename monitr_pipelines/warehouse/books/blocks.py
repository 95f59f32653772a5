"""Lines become the text that COPY reads: by column, because one step over a thousand values costs little.

See https://www.postgresql.org/docs/current/sql-copy.html, "Text Format".
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, islice
from typing import TypeVar

from monitr_pipelines.ledger import limits
from monitr_pipelines.ledger.blocks import AxisNumbers, Block
from monitr_pipelines.ledger.changes import Scope, WholeLedger
from monitr_pipelines.ledger.columns import LINES, ByColumn, Column, block_of, columns_of
from monitr_pipelines.ledger.findings import SHOWN_FINDINGS, Finding
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.ledger.sentences import Sentence, sentence
from monitr_pipelines.ledger.wording import cut
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message

# NUL, and halves of characters.
NO_TEXT = re.compile("[\0\ud800-\udfff]").search

CODES = ("account_code", "line_number", "period", "journal")
TEXTS = (
    "external_id",
    *CODES,
    "booking",
    "document_number",
    "relation",
    "description",
    "foreign_currency",
)

T = TypeVar("T")


def blocks_of(scope: Scope | None, lines: Iterable[LedgerLine], numbers: AxisNumbers) -> Iterator[Block]:
    """Lines as blocks, at least one: that of no lines says that a scope holds none.

    Raises:
        InconsistentData: A line lies outside the scope, or has a text that no ledger holds.
    """
    bounds = None if isinstance(scope, WholeLedger) else scope
    if isinstance(lines, ByColumn) and (block := _at_once(bounds, lines, numbers)):
        yield block
        return
    parts = chunks(lines)
    for part in chain([next(parts, [])], parts):
        if bounds:
            _refuse_outside(bounds.contains, part)
        block = _block(columns_of(part, numbers), part, numbers) if part else None
        yield block or Block(0, b"", (), exact=True)


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Values, as many at a time as a block has lines."""
    remaining = iter(values)
    while chunk := list(islice(remaining, LINES)):
        yield chunk


def _at_once(scope: Scope | None, lines: ByColumn, numbers: AxisNumbers) -> Block | None:
    """Lines as one block; None where they are had one by one, as those that lie outside their scope are."""
    columns = lines.at_once()
    if columns is None or not 0 < len(columns.texts["external_id"]) <= LINES:
        return None
    texts = dict(columns.texts)
    if scope:
        days = {date.fromisoformat(day) for day in set(texts["booking_date"]) if day}
        if not scope.holds(days, set(texts.get("booking", (None,)))):
            return None
    if columns.axes:
        texts["axes"] = list(map(numbers.__getitem__, columns.axes))
    return _block(texts, lines, numbers)


def _block(columns: Mapping[str, Column], lines: Iterable[LedgerLine], numbers: AxisNumbers) -> Block:
    """The block of columns; where these may hold what no ledger does, each of the lines is looked at."""
    new = numbers.take_new()
    try:
        block = block_of(columns, new)
    except UnicodeEncodeError:
        _refuse_unfit(lines)
        raise
    fit = all(limits.fits(axes) for axes, _ in new)
    if not fit or b"\0" in block.text or _may_be_long(block.text, columns):
        _refuse_unfit(lines)
    return block


def _may_be_long(text: bytes, columns: Mapping[str, Column]) -> bool:
    """Whether some text could be longer than it may be: a row is no shorter than its texts."""
    return max(map(len, text.split(b"\n"))) > limits.LONGEST_NAME or any(
        max(map(len, filter(None, set(columns[name]))), default=0) > limits.LONGEST_CODE
        for name in CODES
        if name in columns
    )


def _refuse_unfit(lines: Iterable[LedgerLine]) -> None:
    told = ((line, problem) for line in lines if (problem := _problem_of(line)))
    findings = [
        Finding(
            code, sentence("too_long_in_line", line=repr(cut(line.external_id, limits.SHOWN)), problem=what)
        )
        for line, (code, what) in islice(told, SHOWN_FINDINGS)
    ]
    if findings:
        raise InconsistentData(Message("unfit_lines"), code="unfit_lines", findings=findings)


def _problem_of(line: LedgerLine) -> tuple[str, Sentence] | None:
    """What no ledger holds: texts that are too long, and what PostgreSQL does not take for text."""
    if found := limits.of_line(line):
        return "too_long", found.message
    texts = filter(None, (getattr(line, name) for name in TEXTS))
    if odd := next(filter(None, map(NO_TEXT, texts)), None):
        return "control_character", sentence("control_character", what=f"U+{ord(odd[0]):04X}")
    return None


def _refuse_outside(contains: Callable[[LedgerLine], bool], lines: Sequence[LedgerLine]) -> None:
    for line in lines:
        if not contains(line):
            found = sentence("outside_scope", line=line.external_id, day=line.booking_date)
            raise InconsistentData(
                Message("outside_scope"), code="outside_scope", findings=[Finding("outside_scope", found)]
            )
