"""Pages of Exact Online by column: the lines, and the refusals, of rows that are read one by one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.changes import WholeLedger
from monitr_pipelines.providers.exact.columns import page_of, values_of
from monitr_pipelines.providers.exact.datasets import LineRow
from monitr_pipelines.providers.exact.values import newest_of
from monitr_pipelines_tests.warehouse.books.by_column_kit import one_by_one, outcome

OPTIONAL = st.none() | st.sampled_from(["", "  ", "A", " A", "B ", "tab\t", "\\"])
CENTS = st.decimals(-5, 5, places=2)
MOMENT = st.sampled_from(["/Date(1767225600000)/", "/Date(-1)/"])
USUAL = {
    "timestamp": st.integers(1, 2**63),
    "id": st.sampled_from(["k1", " k2 "]),
    "division": st.just(1),
    "entry": st.sampled_from(["e1", "e2 "]),
    "entry_number": st.integers(0, 99),
    "line_number": st.integers(0, 99),
    "date": MOMENT,
    "year": st.integers(2025, 2026),
    "period": st.integers(0, 13),
    "journal": OPTIONAL,
    "type": st.sampled_from([10, 20]),
    "account": st.sampled_from(["700000", "   400"]),
    "amount": CENTS,
    "foreign_amount": st.none() | CENTS,
    "currency": st.sampled_from(["EUR", "EUR ", "USD", " ", None]),
    "description": OPTIONAL,
    "relation": OPTIONAL,
    "cost_centre": OPTIONAL,
    "cost_unit": OPTIONAL,
    "project": OPTIONAL,
    "written": st.none(),
}
ODD_AMOUNTS = st.sampled_from(
    [*map(Decimal, ["1E+3", "-0.0", "NaN", "Infinity", "123456789012.25", "0.30000000000000004", "0.12345"])]
)
ODD = USUAL | {
    "id": st.sampled_from(["k1", " ", "k\0"]),
    "entry": st.sampled_from(["e1", ""]),
    "date": MOMENT | st.sampled_from(["2026-01-01", "/Date(999999999999999)/"]),
    "account": st.sampled_from(["700000", " ", "7" * 101]),
    "amount": CENTS | ODD_AMOUNTS,
    "foreign_amount": st.none() | CENTS | ODD_AMOUNTS,
    "description": OPTIONAL | st.sampled_from(["a\0", "b\ud800", "c" * 32_768]),
}
ROWS, ODD_ROWS = (st.builds(LineRow, **fields) for fields in (USUAL, ODD))


@given(st.lists(ROWS, min_size=1, max_size=6))
def test_usual_rows_are_read_by_column(rows: list[LineRow]) -> None:
    page = page_of(rows, values_of(rows), "EUR")
    assert page.at_once() is not None
    assert outcome(page, WholeLedger()) == outcome(one_by_one(page), WholeLedger())


@given(st.lists(ROWS | ODD_ROWS, min_size=1, max_size=4))
def test_odd_rows_are_written_or_refused_as_they_are_one_by_one(rows: list[LineRow]) -> None:
    page = page_of(rows, values_of(rows), "EUR")
    assert outcome(page) == outcome(one_by_one(page))


@pytest.mark.parametrize(
    ("told", "newest"),
    [
        (["/Date(1672531200001)/", "/Date(1672531200000)/"], "/Date(1672531200001)/"),
        (["/Date(999999999999)/", "/Date(1672531200000)/"], None),
        (["/Date(-1672531200000)/"], None),
        (["/Date(1672531200000)/", None], None),
        (["/Date(1672531200000)/\n/Date(1672531200001)/", "today"], None),
        ([], None),
    ],
)
def test_the_newest_moment_is_told_only_of_those_that_are_written_alike(
    told: list[str | None], newest: str | None
) -> None:
    """Of others the texts do not tell it: each is read then."""
    assert newest_of(told) == newest
