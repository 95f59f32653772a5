"""Lines by column: the text of COPY, and scopes that are asked once for many lines."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.blocks import AxisNumbers, Block
from monitr_pipelines.ledger.changes import Bookings, Dates, FiscalYearsOfItsLines, Scope, WholeLedger
from monitr_pipelines.ledger.columns import FIELDS, block_of, blocks_of_lines, columns_of
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.records import LedgerLine

DAYS = st.dates(date(2025, 11, 1), date(2026, 2, 28))
TEXTS = st.none() | st.sampled_from(["", "a", "B1", "back\\slash", "tab\t", "two\nlines", "\r", "\\N"])
LINES = st.builds(
    LedgerLine,
    st.sampled_from(["k1", "k\\2", "k\t3"]),
    DAYS,
    st.just("1000"),
    st.decimals(-5, 5, places=2),
    booking=st.none() | st.sampled_from(["B1", "B2"]),
    description=TEXTS,
    relation=TEXTS,
    foreign_amount=st.none() | st.just(Decimal("3.10")),
    axes=st.sampled_from([(), (("a", "1"),), (("a", "1"), ("b", "2"))]),
    opening=st.booleans(),
)
SCOPES = {
    "whole ledger": WholeLedger,
    "dates": lambda: Dates(date(2026, 1, 1), date(2026, 2, 1)),
    "bookings": lambda: Bookings(frozenset({"B1"})),
    "fiscal years": lambda: FiscalYearsOfItsLines(FiscalCalendar()),
}


def unescaped(field: str) -> str | None:
    """A field as PostgreSQL reads it."""
    if field == r"\N":
        return None
    marks = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
    read, rest = "", field
    while rest:
        mark = rest[:2] if rest[0] == "\\" else rest[0]
        read, rest = read + marks.get(mark, mark), rest[len(mark) :]
    return read


def has_marks(lines: list[LedgerLine]) -> bool:
    """Whether some text must be escaped."""
    texts = (text for line in lines for text in line if isinstance(text, str))
    return any(mark in text for text in texts for mark in "\\\t\n\r")


def rows_by_column(block: Block) -> list[list[str]] | None:
    """The rows of a block, as its columns tell them."""
    if block.columns is None:
        return None
    assert tuple(block.columns) == FIELDS
    told = ([each] * block.lines if isinstance(each, str) else each for each in block.columns.values())
    return list(map(list, zip(*told, strict=True)))


@given(st.lists(LINES, min_size=1, max_size=6))
def test_copy_reads_what_was_given(lines: list[LedgerLine]) -> None:
    numbers = AxisNumbers()
    block = block_of(columns_of(lines, numbers), numbers.take_new())
    written = [row.split("\t") for row in block.text.decode().split("\n")[:-1]]
    rows = [list(map(unescaped, row)) for row in written]
    assert block.lines == len(lines) == len(rows)
    assert rows_by_column(block) == (None if has_marks(lines) else written)
    for line, row in zip(lines, rows, strict=True):
        told = dict(zip(FIELDS, row, strict=True))
        for name in ("external_id", "description", "relation", "booking", "foreign_currency"):
            assert told[name] == getattr(line, name)
        assert (told["booking_date"], told["amount"]) == (line.booking_date.isoformat(), str(line.amount))
        assert told["opening"] == ("t" if line.opening else "f")
        assert told["axes"] == numbers[line.axes]


def test_what_is_left_out_is_absent() -> None:
    told = {"external_id": ["k"], "booking_date": ["2026-01-01"], "account_code": ["1"], "amount": ["5.00"]}
    line = LedgerLine("k", date(2026, 1, 1), "1", Decimal("5.00"))
    (block,) = blocks_of_lines(iter([line]), AxisNumbers(), None)
    left_out = block_of(told)
    assert left_out._replace(columns=None) == block._replace(columns=None)
    assert rows_by_column(left_out) == rows_by_column(block)
    with pytest.raises(ValueError, match="zip"):
        block_of({**told, "booking": ["B1", "B2"]})


@pytest.mark.parametrize("name", SCOPES)
@given(lines=st.lists(LINES, max_size=4))
def test_a_scope_holds_lines_that_it_contains(name: str, lines: list[LedgerLine]) -> None:
    one: Scope = SCOPES[name]()
    other: Scope = SCOPES[name]()
    contained = [one.contains(line) for line in lines]
    held = other.holds({line.booking_date for line in lines}, {line.booking for line in lines})
    assert held == all(contained)
    assert other == one
