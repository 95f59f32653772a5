"""Choices as tables: what is written is read as it was, and all that is wrong with a file is told."""

import csv
import io

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from monitr_pipelines.ledger.mapping import table
from monitr_pipelines.ledger.mapping.check import Grounds, Known, problems
from monitr_pipelines.ledger.mapping.lines import Line, Lines
from monitr_pipelines.ledger.mapping.placing import Choice, Difference, Given, Placing, changed, differences

PL, BS = "profit_and_loss", "balance_sheet"


def line(code: str, statement: str, parent: str | None = None, *, leaf: bool = True, name: str = "") -> Line:
    name = name or f"Name {code}"
    level = 1 if parent else 0
    return Line(code, statement, parent, level, None, {"en": name, "nl": name, "fr": name}, leaf)


LINES = Lines(
    [
        line("70/76", PL, leaf=False),
        line("70", PL, "70/76", name="Turnover"),
        line("74", PL, "70/76", name="Other"),
        line("40", BS, name="Debtors"),
        line("41", BS, name="Other"),
    ]
)
ACCOUNTS = {
    "700": Known("700", "Sales", PL, PL),
    "400": Known("400", "Debtors", None, BS),
    "900": Known("900", "Odd", None, BS),
}
GROUNDS = Grounds(LINES, ACCOUNTS, "cost")
CELLS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=8).map(
    lambda text: text.strip(" ")
)
NAMED_CELLS = st.tuples(CELLS.filter(bool), CELLS)


def kinds(content: str, grounds: Grounds = GROUNDS) -> list[tuple[int | None, str]]:
    read = table.read(content.encode(), grounds.lines, grounds.axis)
    return [(found.line, found.code) for found in read.findings or problems(read.given, grounds, {})]


@settings(max_examples=100)
@hypothesis_given(
    st.dictionaries(st.tuples(CELLS.filter(bool), CELLS), st.tuples(CELLS.filter(bool), CELLS), max_size=4)
)
def test_what_is_written_is_read_as_it_was(rows: dict[tuple[str, str], tuple[str, str]]) -> None:
    """Formulas, apostrophes, quotes and ends of lines too."""
    nothing = Lines([])
    choices = {
        Placing(account, "cost" if value else "", value): Choice(*choice)
        for (account, value), choice in rows.items()
    }
    read = table.read(table.written(choices, {}).encode(), nothing, "cost")
    assert read.findings == []
    assert {each.placing: each.choice for each in read.given} == choices


def test_no_cell_is_a_formula() -> None:
    hostile = ("=1+1", "+1", "-1", "@x", "'=1", "\t=1")
    choices = {Placing(code): Choice("70", code) for code in hostile}
    rows = list(csv.reader(io.StringIO(table.written(choices, dict.fromkeys(hostile, "=HYPERLINK()")))))
    assert rows[0] == list(table.HEADS)
    assert len(rows) == 1 + len(hostile)
    assert all(cell[:1] not in tuple("=+-@\t\r\n") for row in rows for cell in row if cell)


@pytest.mark.parametrize("written", ["70", "70 · Turnover", "turnover", "70 · whatever"])
@pytest.mark.parametrize("form", ["{0},{1}", "{0};{1}", "{0}\t{1}"])
def test_a_line_is_named_by_its_id_or_its_name(written: str, form: str) -> None:
    content = "\n".join([form.format("ACCOUNT", "Line"), form.format(" 700", written), "", ""])
    read = table.read(b"\xef\xbb\xbf" + content.encode(), LINES, "")
    assert read.given == [Given(Placing("700"), Choice("70"), 2)]


def test_a_file_of_windows_is_read_and_rows_without_a_line_place_nothing() -> None:
    content = 'Account;Line;Comment\n700;70;"réglé\nhier"\n400;;later\n900;74;\n'.encode("cp1252")
    read = table.read(content, LINES, "")
    assert read.given == [
        Given(Placing("700"), Choice("70", "réglé\nhier"), 2),
        Given(Placing("900"), Choice("74"), 5),
    ]


def test_everything_that_is_wrong_is_told_with_its_line() -> None:
    content = "\n".join(
        [
            "Account,Axis value,Line,Comment",
            ",,70,",
            "700,,99,",
            "700,1,70/76,",
            "700,2,40,",
            "400,,Other,",
            "400,,40,",
            f"{'9' * 101},,40,",
            f"900,,41,{'c' * 1001}",
            "900,1,74,",
        ]
    )
    assert kinds(content) == [
        (2, "mapping_no_account"),
        (3, "mapping_no_line"),
        (4, "mapping_no_leaf"),
        (5, "mapping_other_statement"),
        (6, "mapping_no_line"),
        (7, "mapping_twice"),
        (8, "text_too_long"),
        (9, "text_too_long"),
        (10, "mapping_other_statement"),
    ]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("", "mapping_no_columns"),
        ("Konto,Zeile\n1,2\n", "mapping_no_columns"),
        ("Account,Line\n1\0,2\n", "mapping_no_text"),
        ('Account,Line\n"' + "x" * 200_000, "mapping_no_text"),
    ],
)
def test_what_is_no_table_is_refused(content: str, kind: str) -> None:
    assert kinds(content) == [(1, kind)]


def test_values_need_a_primary_axis_and_follow_their_account() -> None:
    without = Grounds(LINES, ACCOUNTS, "")
    assert kinds("Account,Axis value,Line\n900,1,40\n", without) == [(2, "mapping_no_axis")]
    assert kinds("Account,Axis value,Line\n900,1,74\n900,,70\n") == []
    assert kinds("Account,Axis value,Line\nnew,1,74\nnew,2,40\n") == []


def test_what_differs_between_two_sets() -> None:
    before = {Placing("1"): Choice("70"), Placing("2"): Choice("40", "why")}
    given_rows = [Given(Placing("2"), Choice("40")), Given(Placing("1"), None), Given(Placing("3"), None)]
    after = changed(before, [*given_rows, Given(Placing("0"), Choice("41"))])
    assert differences(before, after) == [
        Difference(Placing("0"), None, Choice("41")),
        Difference(Placing("1"), Choice("70"), None),
        Difference(Placing("2"), Choice("40", "why"), Choice("40")),
    ]
    assert differences(after, after) == []
