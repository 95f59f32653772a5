"""Lines of Moneybird by column: the lines, and the refusals, of rows that are read one by one."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.changes import WholeLedger
from monitr_pipelines.ledger.records import Account
from monitr_pipelines.providers.moneybird.chart import Chart
from monitr_pipelines.providers.moneybird.columns import page_of
from monitr_pipelines.providers.moneybird.datasets import EntryRow
from monitr_pipelines_tests.warehouse.books.by_column_kit import one_by_one, outcome

CHART = Chart({"1": Account("1300", "Bank"), "2": Account("8000 #2", "Sales")}, {})
OPTIONAL = st.none() | st.sampled_from(["", "  ", "A", " A", "B ", "tab\t", "\\"])
CENTS = st.decimals(-5, 5, places=2)
USUAL = {
    "id": st.sampled_from(["je_1", "je_2", 3]),
    "date": st.sampled_from(["2026-01-31", "2024-02-29"]),
    "document_type": OPTIONAL,
    "document_id": st.sampled_from(["496", 497, None]),
    "ledger_account_id": st.sampled_from(["1", 1, "2"]),
    "project_id": st.sampled_from([None, None, "7", 7]),
    "amount": CENTS,
    "description": OPTIONAL,
}
ODD = USUAL | {
    "id": st.sampled_from(["je_1", "", "k\0"]),
    "date": st.sampled_from(["2026-01-31", "2026-02-30", "20260131", ""]),
    "document_id": st.sampled_from(["496", "e" * 300]),
    "amount": CENTS
    | st.sampled_from([*map(Decimal, ["1E+3", "-0.0", "NaN", "123456789012.25", "0.12345", "-1E+15"])]),
    "description": OPTIONAL | st.sampled_from(["a\0", "b\ud800", "c" * 32_768]),
}
ROWS, ODD_ROWS = (st.builds(EntryRow, **fields) for fields in (USUAL, ODD))
SIGNS = st.sampled_from([1, -1])


@given(st.lists(ROWS, min_size=1, max_size=6), SIGNS)
def test_usual_rows_are_read_by_column(rows: list[EntryRow], sign: int) -> None:
    page = page_of(rows, CHART, sign)
    assert page.at_once() is not None
    assert outcome(page, WholeLedger()) == outcome(one_by_one(page), WholeLedger())


@given(st.lists(ROWS | ODD_ROWS, min_size=1, max_size=4), SIGNS)
def test_odd_rows_are_written_or_refused_as_they_are_one_by_one(rows: list[EntryRow], sign: int) -> None:
    page = page_of(rows, CHART, sign)
    assert outcome(page) == outcome(one_by_one(page))
