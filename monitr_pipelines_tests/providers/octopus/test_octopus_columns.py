"""Pages of Octopus by column: the lines, and the refusals, of rows that are read one by one."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.changes import WholeLedger
from monitr_pipelines.providers.octopus.columns import Page
from monitr_pipelines.providers.octopus.datasets import Key, LineRow
from monitr_pipelines_tests.warehouse.books.by_column_kit import one_by_one, outcome

OPTIONAL = st.none() | st.sampled_from(["", "  ", "A", " A", "B ", "tab\t", "\\"])
CENTS = st.decimals(-5, 5, places=2)
KEYS = st.none() | st.builds(Key, st.integers(0, 2))
USUAL = {
    "bookyear": st.builds(Key, st.integers(1, 2)),
    "journal_type": st.integers(1, 4),
    "journal_number": st.integers(1, 2),
    "document": st.integers(1, 99),
    "line": st.integers(-1, 99),
    "period": st.integers(202501, 202512),
    "date": st.sampled_from(["2025-01-31", "2025-02-28"]),
    "account": st.sampled_from([610000, 440000]),
    "amount": CENTS,
    "foreign_amount": st.none() | CENTS,
    "currency": st.sampled_from(["EUR", "EUR ", "USD", " ", None]),
    "relation": KEYS,
    "comment": OPTIONAL,
    "reference": OPTIONAL,
    "cost_centre": KEYS,
}
ODD_AMOUNTS = st.sampled_from(
    [*map(Decimal, ["1E+3", "-0.0", "NaN", "Infinity", "123456789012.25", "0.30000000000000004", "0.12345"])]
)
ODD = USUAL | {
    "journal_type": st.integers(0, 7),
    "line": st.just(1),
    "document": st.integers(1, 2),
    "date": st.sampled_from(["2025-01-31", "2025-02-30", "20250131", ""]),
    "account": st.sampled_from([610000, 0, -1, 10**101]),
    "amount": CENTS | ODD_AMOUNTS,
    "foreign_amount": st.none() | CENTS | ODD_AMOUNTS,
    "comment": OPTIONAL | st.sampled_from(["a\0", "b\ud800", "c" * 32_768]),
}
ROWS, ODD_ROWS = (st.builds(LineRow, **fields) for fields in (USUAL, ODD))
SIGNS = st.sampled_from([1, -1])


@given(st.lists(ROWS, min_size=1, max_size=6, unique_by=lambda row: row.line), SIGNS)
def test_usual_rows_are_read_by_column(rows: list[LineRow], sign: int) -> None:
    page = Page(rows).lines(sign)
    assert page.at_once() is not None
    assert outcome(page, WholeLedger()) == outcome(one_by_one(page), WholeLedger())


@given(st.lists(ROWS | ODD_ROWS, min_size=1, max_size=4), SIGNS)
def test_odd_rows_are_written_or_refused_as_they_are_one_by_one(rows: list[LineRow], sign: int) -> None:
    page = Page(rows).lines(sign)
    assert outcome(page) == outcome(one_by_one(page))
