"""Answers of Yuki by column: the lines, and the refusals, of records that are read one by one."""

from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.changes import WholeLedger
from monitr_pipelines.providers.yuki.columns import page_of
from monitr_pipelines_tests.warehouse.books.by_column_kit import one_by_one, outcome

Rows = list[dict[str, str]]
TEXTS = st.sampled_from(["", "  ", "A", " A", "B ", "tab\t", "\\"])
AMOUNTS = st.decimals(-5, 5, places=2).map(str)
NEEDED = {
    "id": st.sampled_from(["k1", " k2 "]),
    "transactionDate": st.sampled_from(["2026-01-31T00:00:00", " 2025-12-31T23:00:00+02:00"]),
    "glAccountCode": st.sampled_from(["700000", " 400"]),
    "transactionAmount": AMOUNTS,
}
OPTIONAL = {
    "transactionAmountForeignCurrency": AMOUNTS,
    "currency": st.sampled_from(["EUR", "EUR ", "USD", " ", ""]),
    "description": TEXTS,
    "fullName": TEXTS,
    "projectCode": TEXTS,
    "documentID": TEXTS,
    "documentReference": TEXTS,
    "periodId": st.sampled_from(["202601", ""]),
}
ODD_AMOUNTS = st.sampled_from(
    [
        "",
        "1E+3",
        "-0.0",
        "+1",
        "007",
        "NaN",
        "Infinity",
        "123456789012.25",
        "0.12345",
        " 1.5",
        "\u0661",
        "1,5",
        "-",
    ]
)
ODD = {
    "id": st.sampled_from(["k1", " ", "k\0"]),
    "transactionDate": st.sampled_from(["2026-01-31T00:00:00", "31-01-2026", "", "0001-01-01T00:00:00"]),
    "glAccountCode": st.sampled_from(["700000", " ", "7" * 101]),
    "transactionAmount": AMOUNTS | ODD_AMOUNTS,
    "transactionAmountForeignCurrency": AMOUNTS | ODD_AMOUNTS,
    "currency": OPTIONAL["currency"],
    "description": TEXTS | st.sampled_from(["a\0", "b\ud800", "c" * 32_768]),
}
USUAL_ROWS = st.fixed_dictionaries(NEEDED, optional=OPTIONAL)
ODD_ROWS = st.fixed_dictionaries({}, optional=ODD)


@given(st.lists(USUAL_ROWS, min_size=1, max_size=6))
def test_usual_records_are_read_by_column(rows: Rows) -> None:
    page = page_of(rows)
    assert page.at_once() is not None
    assert outcome(page, WholeLedger()) == outcome(one_by_one(page), WholeLedger())


@given(st.lists(USUAL_ROWS | ODD_ROWS, min_size=1, max_size=4))
def test_odd_records_are_written_or_refused_as_they_are_one_by_one(rows: Rows) -> None:
    page = page_of(rows)
    assert outcome(page) == outcome(one_by_one(page))
