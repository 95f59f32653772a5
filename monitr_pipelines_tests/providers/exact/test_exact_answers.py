"""Answers of Exact Online that cannot be: told by who must act, and never by what stood in them."""

import pytest
from exact_kit import DIVISION, Exact, played

from monitr_pipelines.lifecycle.errors import InconsistentData, OurFault
from monitr_pipelines.providers.exact import datasets

LINES = datasets.LINES.path


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"Date": "2026-01-05"}, "Date"),
        ({"Date": None}, "Date"),
        ({"Date": "/Date(999999999999999)/"}, "Date"),
        ({"AmountDC": None}, "AmountDC"),
        ({"AmountDC": "Jan Peeters"}, "AmountDC"),
        ({"AmountDC": True}, "AmountDC"),
        ({"EntryID": ""}, "EntryID"),
        ({"GLAccountCode": None}, "GLAccountCode"),
        ({"Description": 7}, "Description"),
        ({"Type": "Jan Peeters"}, "Type"),
    ],
)
def test_a_value_that_is_none_is_told_by_its_field_alone(
    exact: Exact, fields: dict[str, object], told: str
) -> None:
    exact.book("1", **fields)
    with pytest.raises(OurFault) as fault:
        exact.read()
    assert told in fault.value.detail
    assert "Peeters" not in f"{fault.value!r} {fault.value} {fault.value.detail}"


def test_a_field_that_is_missing_is_no_empty_one(exact: Exact) -> None:
    row = {"Timestamp": 1, "Division": DIVISION, "ID": "1", "Modified": None}
    exact.before = lambda path: (200, {"d": {"results": [row]}}) if path == LINES else None
    with pytest.raises(OurFault, match="form"):
        exact.read()


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({}, OurFault),
        ({"d": None}, OurFault),
        ({"d": {"result": []}}, OurFault),
        ({"d": {"results": {}}}, OurFault),
        ({"d": {"results": ["row"]}}, OurFault),
        ({"d": {"results": [], "__next": 7}}, OurFault),
        ({"error": {"message": {"value": "Jan Peeters"}}}, OurFault),
        ([], OurFault),
        ({"d": {"results": [], "__next": "https://x/?a"}}, InconsistentData),
    ],
)
def test_an_envelope_that_nobody_knows_is_no_empty_page(
    exact: Exact, document: object, kind: type[Exception]
) -> None:
    exact.before = lambda path: (200, document) if path == LINES else None
    with pytest.raises(kind) as raised:
        exact.read()
    assert "Peeters" not in f"{raised.value} {raised.value!r}"


def test_a_page_that_comes_twice_is_noticed(exact: Exact) -> None:
    exact.page = 2
    exact.book("1")
    exact.book("2")
    pages: list[object] = []

    def repeat(path: str) -> tuple[int, object] | None:
        if path != LINES:
            return None
        if not pages:
            pages.append(exact.answer(f"/api/v1/{DIVISION}/{LINES}", QUERY)[1])
        return 200, pages[0]

    exact.before = repeat
    with pytest.raises(InconsistentData):
        exact.read()


QUERY = {"$select": [",".join(datasets.LINES.fields)], "$filter": ["Timestamp gt 0L"]}


def test_lines_of_another_division_are_refused(exact: Exact) -> None:
    exact.book("1", Division=DIVISION + 1)
    with pytest.raises(InconsistentData):
        exact.read()


def test_lines_are_decoded_without_another_question(exact: Exact) -> None:
    exact.book("1")
    source = exact.source()
    items = list(source.transactions(None))
    before = len(exact.asked)
    assert sum(len(item.lines) for item in played(items) if hasattr(item, "lines")) == 2
    assert len(exact.asked) == before
