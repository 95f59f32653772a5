"""Rows of Twinfield by column: the lines, and the refusals, of rows that are read one by one.

Rows that are found as text are those of the elements.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twinfield_kit import BROWSED, OFFICE, browse, row

from monitr_pipelines.ledger.changes import WholeLedger
from monitr_pipelines.providers.twinfield.browse import Rows, parsed_rows, plain_rows, rows_of
from monitr_pipelines.providers.twinfield.columns import page_of
from monitr_pipelines.providers.twinfield.datasets import LINES
from monitr_pipelines.providers.twinfield.periods import EVERYTHING
from monitr_pipelines_tests.warehouse.books.by_column_kit import one_by_one, outcome

AMOUNTS = st.sampled_from(["0", "-0.00", "12.5", "-121.00", "99999999999.9999"])
TEXTS = st.sampled_from(["", "A", " A", "a & b", "\\", "x\ty"])
TYPES = st.sampled_from(["", "KPL", "DEB", "CRD"])
USUAL = {
    "line": st.integers(1, 99),
    "number": st.sampled_from([202600001, 7]),
    "period": st.sampled_from(["0", "3", "55"]),
    "date": st.sampled_from(["20260305", "20240229"]),
    "curcode": st.sampled_from(["EUR", "USD"]),
    "relationname": TEXTS,
    "dim2": st.just("100"),
    "dim2name": TEXTS,
    "dim2type": st.sampled_from(["KPL", "DEB", "CRD"]),
    "dim3": st.sampled_from(["", "P1"]),
    "dim3type": st.sampled_from(["PRJ", "AST", "OWN"]),
    "valuesigned": AMOUNTS,
    "basevaluesigned": AMOUNTS,
    "description": TEXTS,
}
ODD = USUAL | {
    "date": st.sampled_from(["20260230", "2026-03-05", ""]),
    "modified": st.sampled_from(["20260306101500", "2026", ""]),
    "curcode": st.sampled_from(["EUR", ""]),
    "dim1": st.sampled_from(["8000", "", "8" * 101]),
    "dim2type": TYPES,
    "valuesigned": AMOUNTS | st.sampled_from(["", "x"]),
    "basevaluesigned": AMOUNTS | st.sampled_from(["", "1,5", "1E3", "007.5", "0.12345", "123456789012.25"]),
    "description": TEXTS | st.sampled_from(["b" * 32_768]),
}
USUAL_ROWS, ODD_ROWS = (st.builds(row, **fields) for fields in (USUAL, ODD))


def read(rows: list[dict[str, str]]) -> Rows:
    return rows_of(browse(rows, BROWSED).encode(), LINES, EVERYTHING, OFFICE)


@given(st.lists(USUAL_ROWS, min_size=1, max_size=6))
def test_usual_rows_are_read_by_column(rows: list[dict[str, str]]) -> None:
    page = page_of(read(rows), "EUR")
    assert page.at_once() is not None
    assert outcome(page, WholeLedger()) == outcome(one_by_one(page), WholeLedger())


@given(st.lists(USUAL_ROWS | ODD_ROWS, min_size=1, max_size=4))
def test_odd_rows_are_written_or_refused_as_they_are_one_by_one(rows: list[dict[str, str]]) -> None:
    page = page_of(read(rows), "EUR")
    assert outcome(page) == outcome(one_by_one(page))


@given(st.lists(USUAL_ROWS | ODD_ROWS, min_size=1, max_size=4))
def test_rows_are_found_as_text_as_they_are_parsed(rows: list[dict[str, str]]) -> None:
    body = browse(rows, BROWSED).encode()
    plain, parsed = plain_rows(body), parsed_rows(body)
    assert plain is not None
    assert [plain.total, plain.names, list(map(list, plain.rows))] == [
        parsed.total,
        parsed.names,
        parsed.rows,
    ]


ANSWER = browse([row(), row(2, description="")], BROWSED)


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER.replace(">Goods<", "><!-- none -->Goods<"),
        ANSWER.replace(">Goods<", "><![CDATA[Goods]]><"),
        ANSWER.replace(">Goods<", ">Go&#111;ds<"),
        ANSWER.replace(">Goods<", ">Goods\r\n<"),
        ANSWER.replace('hideforuser="false" type="String">Goods', 'type="String" hideforuser="false">Goods'),
        ANSWER.replace("</tr><tr>", "</tr><other/><tr>"),
        ANSWER.replace("td>", "x:td>").replace("<td", "<x:td").replace("<th>", '<th xmlns:x="x">'),
        browse([], BROWSED),
        browse([row()], BROWSED, keyed=False),
    ],
)
def test_what_is_unusual_is_parsed(answer: str) -> None:
    try:
        parsed = parsed_rows(answer.encode())
    except ValueError:
        parsed = None
    plain = plain_rows(answer.encode())
    assert plain is None or (parsed is not None and list(map(list, plain.rows)) == parsed.rows)


@pytest.mark.parametrize(
    "body",
    [
        ANSWER[: len(ANSWER) // 2].encode(),
        ANSWER[:-1].encode(),
        ANSWER.replace(">Goods<", ">Go&ods<").encode(),
        ANSWER.replace(">Goods<", ">Go\x01ods<").encode(),
        ANSWER.replace("<tr><td", "<tr><td><td", 1).encode(),
        ANSWER.replace(">Goods<", ">Go\xe9ds<").encode("latin-1"),
        b"<!DOCTYPE html><html><body>Maintenance</body></html>",
        b"",
    ],
)
def test_what_is_no_whole_answer_is_unreadable(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"the answer|codec"):
        rows_of(body, LINES, EVERYTHING, OFFICE)


def test_empty_cells_may_be_written_in_short() -> None:
    short = ANSWER.replace('type="String"></td>', 'type="String" />')
    assert short != ANSWER
    found = plain_rows(short.encode())
    assert found is not None
    assert list(map(list, found.rows)) == parsed_rows(ANSWER.encode()).rows
