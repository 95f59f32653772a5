"""Answers of Yuki by column: the lines, and the refusals, of records that are read one by one.

Records that are found as text are those of the elements.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yuki_kit import answer, record

from monitr_pipelines.ledger.changes import WholeLedger
from monitr_pipelines.providers.yuki.answers import many_rows_of
from monitr_pipelines.providers.yuki.columns import page_of
from monitr_pipelines.providers.yuki.datasets import LINES
from monitr_pipelines.providers.yuki.details import by_column, details_of, plain_details
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
    page = page_of(by_column(rows))
    assert page.at_once() is not None
    assert outcome(page, WholeLedger()) == outcome(one_by_one(page), WholeLedger())


@given(st.lists(USUAL_ROWS | ODD_ROWS, min_size=1, max_size=4))
def test_odd_records_are_written_or_refused_as_they_are_one_by_one(rows: Rows) -> None:
    page = page_of(by_column(rows))
    assert outcome(page) == outcome(one_by_one(page))


def in_order(row: dict[str, str]) -> dict[str, str]:
    return {name: row[name] for name in DOCUMENTED if name in row}


WRITTEN = st.sampled_from(["", "  ", "a &amp; b", "&lt;b&gt;", "tab\t", "two\nlines", "caf\u00e9", "]]&gt;"])
# As they are documented, with some that nobody reads.
DOCUMENTED = (
    *LINES.fields[:7],
    "contactHID",
    "contactCountry",
    "project",
    *LINES.fields[7:11],
    "contactID",
    "periodId",
    "mutationUser",
)
RECORDS = st.fixed_dictionaries({}, optional=dict.fromkeys(DOCUMENTED, WRITTEN)).map(in_order)


def details(rows: Rows) -> bytes:
    return answer(LINES.operation, "".join(record(LINES.record, row) for row in rows))


@given(st.lists(RECORDS, min_size=1, max_size=4))
def test_records_are_found_as_text_as_they_are_parsed(rows: Rows) -> None:
    body = details(rows)
    found = plain_details(body)
    assert found is not None
    assert list(found.each()) == list(by_column(many_rows_of(LINES, body)).each())


ANSWER = details([{"id": "k", "description": "Goods", "contactHID": "1"}, {"id": "l"}]).decode()
BETWEEN = "</TransactionInfo><TransactionInfo>"


@pytest.mark.parametrize("gap", ["", " ", "\n    "])
def test_records_may_stand_apart(gap: str) -> None:
    found = plain_details(ANSWER.replace("><", f">{gap}<").encode())
    assert found is not None
    assert found.texts["id"] == ("k", "l")


@pytest.mark.parametrize(
    "body",
    [
        ANSWER.replace("Goods", "<!-- none -->Goods"),
        ANSWER.replace("Goods", "<![CDATA[Goods]]>"),
        ANSWER.replace("Goods", "G&#111;ods"),
        ANSWER.replace("Goods", "G<b/>oods"),
        ANSWER.replace("<description>", '<description lang="nl">'),
        ANSWER.replace("<id>l</id>", "<new>1</new><id>l</id>"),
        ANSWER.replace("<id>l</id>", "<currency>EUR</currency><id>l</id>"),
        ANSWER.replace(BETWEEN, f"</TransactionInfo><other/>{BETWEEN[18:]}"),
        ANSWER.replace(BETWEEN, f"</TransactionInfo><TransactionInfo/>{BETWEEN[18:]}"),
        ANSWER.replace("<GetTransactionDetailsResult>", "<GetTransactionDetailsResult><TransactionInfo/>"),
        details([]).decode(),
    ],
)
def test_what_is_unusual_is_parsed(body: str) -> None:
    assert plain_details(body.encode()) is None
    parsed = by_column(many_rows_of(LINES, body.encode()))
    assert list(details_of(LINES, body.encode()).each()) == list(parsed.each())


@pytest.mark.parametrize(
    "body",
    [
        ANSWER[: len(ANSWER) // 2],
        ANSWER[:-1],
        ANSWER.replace("Goods", "Go&ods"),
        ANSWER.replace("</contactHID>", "</contactCode>"),
        ANSWER.replace("</GetTransactionDetailsResult>", ""),
    ],
)
def test_what_is_no_whole_answer_is_unreadable(body: str) -> None:
    with pytest.raises(ValueError, match="the answer"):
        details_of(LINES, body.encode())
