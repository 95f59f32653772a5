"""Lines become the text that COPY reads: by column, because one step over a thousand values costs little.

See https://www.postgresql.org/docs/current/sql-copy.html, "Text Format".
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain, islice
from typing import Any, TypeAlias, TypeVar

from monitr_pipelines.ledger import limits
from monitr_pipelines.ledger.blocks import AxisNumbers, Block
from monitr_pipelines.ledger.changes import Scope, WholeLedger
from monitr_pipelines.ledger.findings import SHOWN_FINDINGS, Finding
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.ledger.sentences import Sentence, sentence
from monitr_pipelines.ledger.wording import cut
from monitr_pipelines.lifecycle.errors import InconsistentData
from monitr_pipelines.lifecycle.messages import Message

LINES = 2000
NULL = r"\N"
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
FALSE_TRUE = ("f", "t")
# Digits of which a column of four decimals keeps each.
EXACT = re.compile(r"(?:-?+\d++(?:\.\d{1,4}+)?+\n)*+").fullmatch
# NUL, and halves of characters.
NO_TEXT = re.compile("[\0\ud800-\udfff]").search
KEPT = 10_000

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
# As LedgerLine has them; the number of the set of axis values comes last.
FIELDS = (*(name for name in LedgerLine._fields if name != "axes"), "axes")

T = TypeVar("T")
Columns: TypeAlias = dict[str, Sequence[Any]]
Writer: TypeAlias = Callable[[Iterable[str | None]], list[str]]


def blocks_of(scope: Scope | None, lines: Iterable[LedgerLine], numbers: AxisNumbers) -> Iterator[Block]:
    """Lines as blocks, at least one: that of no lines says that a scope holds none.

    Raises:
        InconsistentData: A line lies outside the scope, or has a text that no ledger holds.
    """
    contains = None if scope is None or isinstance(scope, WholeLedger) else scope.contains
    parts = chunks(lines)
    for part in chain([next(parts, [])], parts):
        if contains:
            _refuse_outside(contains, part)
        yield _block(part, numbers) if part else Block(0, b"", (), exact=True)


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Values, as many at a time as a block has lines."""
    remaining = iter(values)
    while chunk := list(islice(remaining, LINES)):
        yield chunk


def escaped(texts: Iterable[str | None]) -> list[str]:
    """Texts as COPY reads them, whatever they hold."""
    return [NULL if text is None else text.translate(ESCAPES) for text in texts]


def _block(lines: Sequence[LedgerLine], numbers: AxisNumbers) -> Block:
    columns: Columns = dict(zip(LedgerLine._fields, zip(*lines, strict=True), strict=True))
    write = _writer_for(columns, lines)
    columns |= {name: write(columns[name]) for name in TEXTS}
    columns["amount"] = amounts = list(map(str, columns["amount"]))
    foreign = [None if amount is None else str(amount) for amount in columns["foreign_amount"]]
    columns["foreign_amount"] = _plain(foreign)
    fields: dict[str, Iterable[str]] = columns | {
        "booking_date": map(_iso, columns["booking_date"]),
        "opening": map(FALSE_TRUE.__getitem__, columns["opening"]),
        "version": map(str, columns["version"]),
        "axes": map(numbers.__getitem__, columns["axes"]),
    }
    rows = list(map("\t".join, zip(*(fields[name] for name in FIELDS), strict=True)))
    new = numbers.take_new()
    if new or _may_be_long(rows, columns):
        _refuse_unfit(lines)
    return Block(
        len(lines), _encoded(rows, lines), new, exact=_exact(amounts) and _exact(filter(None, foreign))
    )


def _writer_for(columns: Columns, lines: Sequence[LedgerLine]) -> Writer:
    """Most lines have nothing to escape: that is seen at once, in all of their texts together."""
    together = "".join(chain.from_iterable(filter(None, columns[name]) for name in TEXTS))
    if "\0" in together:
        _refuse_unfit(lines)
    return escaped if any(map(together.__contains__, map(chr, ESCAPES))) else _plain


def _plain(texts: Iterable[str | None]) -> list[str]:
    return [NULL if text is None else text for text in texts]


def _encoded(rows: Sequence[str], lines: Sequence[LedgerLine]) -> bytes:
    try:
        return "\n".join([*rows, ""]).encode()
    except UnicodeEncodeError:
        _refuse_unfit(lines)
        raise


def _exact(amounts: Iterable[str]) -> bool:
    return EXACT("\n".join([*amounts, ""])) is not None


def _may_be_long(rows: Sequence[str], columns: Columns) -> bool:
    """Whether some text could be longer than it may be: a row is no shorter than its texts."""
    return max(map(len, rows)) > limits.LONGEST_NAME or any(
        max(map(len, columns[name])) > limits.LONGEST_CODE for name in CODES
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


@lru_cache(KEPT)
def _iso(day: date) -> str:
    """A ledger has few dates and many lines."""
    return day.isoformat()
