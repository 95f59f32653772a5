"""Lines that are had by column are written, and refused, as they are one by one."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from by_column_kit import by_column, one_by_one, outcome
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.blocks import AxisNumbers
from monitr_pipelines.ledger.changes import Bookings, Dates, Scope, WholeLedger
from monitr_pipelines.ledger.columns import LINES, ByColumn, Columns
from monitr_pipelines.ledger.limits import LONGEST_AXIS_CODE, LONGEST_CODE, LONGEST_DESCRIPTION, MOST_AXES
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.warehouse.books.blocks import blocks_of

CODES = st.sampled_from(["1", "700", "x" * LONGEST_CODE, "x" * (LONGEST_CODE + 1), "\t", "\0"])
TEXTS = st.none() | st.sampled_from(
    ["", "a", "two\nlines", "\\N", "é" * 900, "b\0", "c\ud800", "d" * (LONGEST_DESCRIPTION + 1)]
)
AXES = st.sampled_from(
    [
        (),
        (("a", "1"),),
        (("b", "2"), ("a", "1")),
        (("a", "1" * (LONGEST_AXIS_CODE + 1)),),
        tuple((f"{number}", "1") for number in range(MOST_AXES + 1)),
    ]
)
AMOUNTS = st.decimals(-5, 5, places=2) | st.just(Decimal("0.12345"))
LINES_OF_ANY_KIND = st.builds(
    LedgerLine,
    st.sampled_from(["k1", "k\\2", "k\0", "k" * 1001]),
    st.dates(date(2025, 12, 30), date(2026, 1, 3)),
    CODES,
    AMOUNTS,
    booking=st.none() | st.sampled_from(["B1", "B2"]),
    journal=st.none() | CODES,
    relation=TEXTS,
    description=TEXTS,
    foreign_amount=st.none() | AMOUNTS,
    foreign_currency=TEXTS,
    axes=AXES,
    opening=st.booleans(),
    version=st.integers(0, 9),
)
USUAL_LINES = st.builds(
    LedgerLine,
    st.sampled_from(["k1", "k2"]),
    st.dates(date(2025, 12, 31), date(2026, 1, 2)),
    st.just("700"),
    AMOUNTS,
    booking=st.sampled_from(["B1", "B1", "B2"]),
    axes=st.sampled_from([(), (("a", "1"),), (("b", "2"), ("a", "1"))]),
)
SCOPES = [None, WholeLedger(), Dates(date(2026, 1, 1), date(2026, 1, 3)), Bookings(frozenset({"B1"}))]


@given(
    st.lists(USUAL_LINES, max_size=5) | st.lists(LINES_OF_ANY_KIND | USUAL_LINES, max_size=5),
    st.sampled_from(SCOPES),
)
def test_columns_are_written_or_refused_as_lines_are(lines: list[LedgerLine], scope: Scope | None) -> None:
    both_ways = by_column(lines)
    assert outcome(both_ways, scope) == outcome(one_by_one(both_ways), scope)


@pytest.mark.parametrize(
    ("number", "lines_made", "blocks"),
    [(0, 0, [0]), (1, 0, [1]), (LINES, 0, [LINES]), (LINES + 1, LINES + 1, [LINES, 1])],
)
def test_lines_are_made_only_where_a_block_does_not_hold_them(
    number: int, lines_made: int, blocks: list[int]
) -> None:
    made: list[LedgerLine] = []
    columns = Columns(
        {
            "external_id": ["k"] * number,
            "booking_date": ["2026-01-01"] * number,
            "account_code": ["1"] * number,
            "amount": ["5.00"] * number,
        }
    )

    def lines() -> Iterator[LedgerLine]:
        made.extend([LedgerLine("k", date(2026, 1, 1), "1", Decimal("5.00"))] * number)
        return iter(made)

    written = list(blocks_of(WholeLedger(), ByColumn(lines, lambda: columns), AxisNumbers()))
    assert [block.lines for block in written] == blocks
    assert len(made) == lines_made
