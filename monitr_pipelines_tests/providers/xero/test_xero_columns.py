"""Pages of Xero by column: the lines, and the refusals, of journals that are read one by one."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.changes import WholeLedger
from monitr_pipelines.ledger.records import Account, AxisValue
from monitr_pipelines.providers.xero.chart import Chart
from monitr_pipelines.providers.xero.columns import Page
from monitr_pipelines.providers.xero.datasets import JournalLineRow, JournalRow, TrackingRow
from monitr_pipelines_tests.warehouse.books.by_column_kit import one_by_one, outcome

CHART = Chart(
    {"a1": Account("200", "Sales"), "a2": Account("#a2", "Bank")},
    {"o1": AxisValue("Region", "North", "North"), "o2": AxisValue("Area", "9", "9")},
    None,
)
OPTIONAL = st.none() | st.sampled_from(["", "  ", "A", " A", "B ", "tab\t", "\\"])
CENTS = st.decimals(-5, 5, places=2)
DAY = st.sampled_from(["/Date(1767225600000+0000)/", "/Date(1767225600000-0100)/", "2026-01-31T00:00:00"])
LISTED, NAMED = TrackingRow(None, None, "o1"), TrackingRow("Area", "7", None)
USUAL_LINE = {
    "account": st.sampled_from(["a1", "a2"]),
    "net": CENTS,
    "id": st.uuids().map(str),
    "code": OPTIONAL,
    "description": OPTIONAL,
    "tracking": st.sampled_from(
        [None, (), (LISTED,), (LISTED, NAMED), (NAMED, LISTED), (TrackingRow("Area"),)]
    ),
}
ODD_AMOUNTS = st.sampled_from(
    [*map(Decimal, ["1E+3", "-0.0", "NaN", "Infinity", "123456789012.25", "0.12345"])]
)
ODD_LINE = USUAL_LINE | {
    "account": st.sampled_from(["a1", "a3", ""]),
    "net": CENTS | ODD_AMOUNTS,
    "id": st.sampled_from(["k1", None, " ", "k\0"]),
    "description": OPTIONAL | st.sampled_from(["a\0", "b\ud800", "c" * 32_768]),
    "tracking": st.sampled_from(
        [
            (NAMED, NAMED),
            (TrackingRow(None, "x"),),
            (TrackingRow("Area", "7", "o2"),),
            (TrackingRow("A\t", "x"),),
        ]
    ),
}


def journals(
    line: dict[str, st.SearchStrategy[object]], **odd: st.SearchStrategy[str]
) -> st.SearchStrategy[JournalRow]:
    fields = {
        "id": st.uuids().map(str),
        "number": st.integers(1, 2**40),
        "date": DAY,
        "created": st.just(""),
        "lines": st.lists(st.builds(JournalLineRow, **line), min_size=1, max_size=4),
        "reference": OPTIONAL,
        "source": OPTIONAL,
    }
    return st.builds(JournalRow, **(fields | odd))


USUAL = journals(USUAL_LINE)
ODD = journals(ODD_LINE, id=st.sampled_from(["j1", " ", ""]), date=DAY | st.just("31/01/2026"))


@given(st.lists(USUAL, min_size=1, max_size=4))
def test_usual_journals_are_read_by_column(page: list[JournalRow]) -> None:
    lines = Page(page).lines(CHART)
    assert lines.at_once() is not None
    assert outcome(lines, WholeLedger()) == outcome(one_by_one(lines), WholeLedger())


@given(st.lists(USUAL | ODD, min_size=1, max_size=3))
def test_odd_journals_are_written_or_refused_as_they_are_one_by_one(page: list[JournalRow]) -> None:
    lines = Page(page).lines(CHART)
    assert outcome(lines) == outcome(one_by_one(lines))


def test_journals_without_lines_are_none() -> None:
    page = [JournalRow("j1", 1, "2026-01-31", "", [])]
    assert outcome(Page(page).lines(CHART)) == outcome(iter(()))
