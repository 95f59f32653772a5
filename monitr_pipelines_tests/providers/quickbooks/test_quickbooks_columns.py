"""Pages of QuickBooks by column: the lines, and the refusals, of rows that are read one by one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.changes import WholeLedger
from monitr_pipelines.providers.quickbooks.datasets import MEMO, NAME, NUMBER
from monitr_pipelines.providers.quickbooks.lines import Page
from monitr_pipelines_tests.warehouse.books.by_column_kit import one_by_one, outcome

CENTS = st.decimals(-5, 5, places=2)
TEXT = st.sampled_from(["", "A", "tab\t", "\\"])
AXES = st.sampled_from([(), (("Class", "7"),), (("Class", "7"), ("Location", "1"))])
FOREIGN = st.just((None, None)) | st.tuples(CENTS, st.just("USD"))
ODD = st.sampled_from([Decimal("1E+3"), Decimal("-0.0"), Decimal("123456789012.25"), Decimal("0.12345")])
ODD_TEXT = st.sampled_from(["a\0", "b\ud800", "c" * 32_768])


@st.composite
def pages(draw: st.DrawFn, amounts: st.SearchStrategy[Decimal], texts: st.SearchStrategy[str]) -> Page:
    number = draw(st.integers(1, 5))

    def several(drawn: st.SearchStrategy[object]) -> list[object]:
        return draw(st.lists(drawn, min_size=number, max_size=number))

    page = Page([], [], [], [], [], [], {}, (), [], untold=False)
    return replace(
        page,
        keys=[f"Bill:8:35:{place}" for place in range(number)],
        days=several(st.dates(date(2025, 1, 1), date(2026, 1, 1))),
        accounts=several(st.sampled_from(["550000", "#80"])),
        amounts=several(amounts),
        bookings=several(st.sampled_from(["Bill:8", "Bill:9"])),
        journals=several(st.sampled_from(["Bill", "Journal Entry"])),
        texts={name: several(texts) for name in (NUMBER, NAME, MEMO)},
        foreign=several(FOREIGN) if draw(st.booleans()) else (),
        axes=several(AXES),
    )


@given(pages(CENTS, TEXT))
def test_usual_rows_are_read_by_column(page: Page) -> None:
    (lines,) = page.lines()
    assert lines.at_once() is not None
    assert outcome(lines, WholeLedger()) == outcome(one_by_one(lines), WholeLedger())


@given(pages(CENTS | ODD, TEXT | ODD_TEXT))
def test_odd_rows_are_written_or_refused_as_they_are_one_by_one(page: Page) -> None:
    (lines,) = page.lines()
    assert outcome(lines) == outcome(one_by_one(lines))
