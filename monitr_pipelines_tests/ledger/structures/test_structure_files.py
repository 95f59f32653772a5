"""A structure as a file: what is read and written back, and every rule, each broken once."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr_pipelines.ledger.structures.lines import COLUMNS, Line, Role, Statement, Structure
from monitr_pipelines.ledger.structures.problems import BadStructure
from monitr_pipelines.ledger.structures.reading import LARGEST_FILE, MOST_LINES, read
from monitr_pipelines.ledger.structures.writing import write

GOOD = """\
line,statement,parent,position,top,name_en,name_nl,name_fr,accounts,accounts_debit,accounts_credit,cash_flow,role
BS,balance_sheet,,1,,Balance,Balans,Bilan,,,,,
FIX,balance_sheet,BS,2,1,Fixed assets,,,2,,,CF1,
BANK,balance_sheet,BS,3,,Bank,,,,55,,,cash
DEBT,balance_sheet,BS,4,,Debt,,,1 *,,55,CF1,
RES,balance_sheet,BS,5,,Result,,,,,,,result_of_year
PL,profit_and_loss,,1,,Result,,,,,,,net_result
SALES,profit_and_loss,PL,2,,,Omzet,,7,,,CF1,
CF,cash_flow,,1,,Net,,,,,,,net_cash_flow
CF1,cash_flow,CF,2,,All,,,,,,,
OPEN,cash_flow,,3,,Start,,,,,,,opening_cash
CLOSE,cash_flow,,4,,End,,,,,,,closing_cash
"""


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(GOOD)))


def text_of(lines: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def problems(content: bytes) -> list[str]:
    with pytest.raises(BadStructure) as bad:
        read(content)
    assert all(problem.what.count(". ") for problem in bad.value.problems), "each with what to do"
    return [problem.text for problem in bad.value.problems]


def changed(line: str, /, **cells: str) -> bytes:
    lines = rows()
    next(row for row in lines if row["line"] == line).update(cells)
    return text_of(lines)


def test_names_fall_back_and_every_line_without_a_parent_is_at_the_top() -> None:
    lines = {line.line: line for line in read(GOOD.encode()).lines}
    assert lines["SALES"].names == {"en": "Omzet", "nl": "Omzet", "fr": "Omzet"}
    assert lines["BS"].names["fr"] == "Bilan"
    assert [name for name, line in lines.items() if line.top] == ["BS", "FIX", "PL", "CF", "OPEN", "CLOSE"]
    assert lines["DEBT"].accounts == {"accounts": ("1", ""), "accounts_debit": (), "accounts_credit": ("55",)}


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace(",", ";").encode("utf-8-sig"),
        GOOD.replace("\n", "\r\n").encode(),
        (GOOD + "\n,,,,,,,,,,,,\n").encode(),
    ],
    ids=["semicolons and a mark", "Windows", "empty lines"],
)
def test_spreadsheets_save_it_in_several_ways(content: bytes) -> None:
    assert read(content) == read(GOOD.encode())


def test_columns_that_are_not_needed_may_be_missing() -> None:
    kept = ("role", "position", "name_fr", "parent", "statement", "line", "accounts")
    text = io.StringIO()
    writer = csv.DictWriter(text, kept, extrasaction="ignore")
    writer.writeheader()
    writer.writerows({**row, "name_fr": "Ligne"} for row in rows())
    assert {line.names["nl"] for line in read(text.getvalue().encode()).lines} == {"Ligne"}


def test_lines_are_ordered_by_rank_below_their_parent() -> None:
    lines = rows()
    lines[1]["position"], lines[2]["position"] = "3", "2"
    structure = read(text_of(list(reversed(lines))))
    ordered = [(level, line.line) for level, line in structure.in_order()]
    assert [each for each in ordered if each[1] in {"BS", "BANK", "FIX", "DEBT", "RES"}] == [
        (0, "BS"), (1, "BANK"), (1, "FIX"), (1, "DEBT"), (1, "RES"),
    ]  # fmt: skip


BROKEN = {
    "no code": ({"line": "SALES", "new": ""}, "Line 8: It has no code."),
    "a long code": ({"line": "SALES", "new": "x" * 61}, "61 characters"),
    "a code of ours": ({"line": "SALES", "new": "(result)"}, "given this line by itself"),
    "another code of ours": ({"line": "SALES", "new": "unmapped:x"}, "given this line by itself"),
    "a code twice": ({"line": "SALES", "new": "FIX"}, "Line 3 of the file has this code too."),
    "a statement": ({"line": "SALES", "statement": "equity"}, "'equity' is not a statement."),
    "no parent": ({"line": "SALES", "parent": "P"}, "There is no line 'P' for its parent."),
    "its own parent": ({"line": "SALES", "parent": "SALES"}, "It is its own parent."),
    "a parent elsewhere": ({"line": "SALES", "parent": "BS"}, "of another statement."),
    "a rank in words": ({"line": "SALES", "position": "first"}, "'first' is not a position."),
    "a rank of nothing": ({"line": "SALES", "position": "0"}, "'0' is not a position."),
    "a rank of Thai digits": ({"line": "SALES", "position": "๒"}, "is not a position."),
    "a rank twice": ({"line": "SALES", "position": "1"}, "Line 7 of the file has position 1"),
    "no name": ({"line": "SALES", "name_nl": ""}, "It has no name."),
    "a long name": ({"line": "SALES", "name_nl": "x" * 301}, "name_nl has 301 characters."),
    "two lines in a cell": ({"line": "SALES", "name_nl": "a\nb"}, "name_nl holds a control character."),
    "a flag": ({"line": "SALES", "top": "yes"}, "top is 'yes'."),
    "not at the top": ({"line": "PL", "top": "0"}, "top is 0, but it has no parent."),
    "accounts above": ({"line": "BS", "accounts": "9"}, "has lines below it."),
    "accounts of cash flow": ({"line": "CF1", "accounts": "9"}, "cash flow statement has no accounts."),
    "accounts of the result": ({"line": "RES", "accounts": "9"}, "is computed, and has no accounts."),
    "a beginning twice": ({"line": "DEBT", "accounts": "1 2"}, "accounts holds 2, as does line 3"),
    "a beginning twice in a cell": ({"line": "SALES", "accounts": "7 7"}, "accounts holds 7, as does line"),
    "a long beginning": ({"line": "SALES", "accounts": "7" * 101}, "a beginning of 101 characters."),
    "a flow from above": ({"line": "BS", "cash_flow": "CF1"}, "cash_flow is filled, but it has lines"),
    "a flow into a total": ({"line": "SALES", "cash_flow": "CF"}, "'CF' of the cash flow statement is"),
    "a flow to nowhere": ({"line": "SALES", "cash_flow": "BANK"}, "no line 'BANK' in the cash flow"),
    "a flow of cash": ({"line": "BANK", "cash_flow": "CF1"}, "It is cash, whose change"),
    "a flow of the result": ({"line": "RES", "cash_flow": "CF1"}, "A line that is computed leads to no"),
    "a flow of a flow": ({"line": "CF1", "cash_flow": "CF1"}, "A line that is computed leads to no"),
    "a role": ({"line": "SALES", "role": "sales"}, "'sales' is not a role."),
    "a role of ours": ({"line": "FIX", "role": "unmapped"}, "'unmapped' is not a role."),
    "a role elsewhere": ({"line": "SALES", "role": "cash"}, "The role cash is of balance_sheet."),
    "a role twice": ({"line": "SALES", "role": "net_result"}, "Line 7 of the file has the role net"),
    "cash in cash": ({"line": "BS", "role": "cash"}, "A line above it is cash already."),
    "no result": ({"line": "RES", "role": ""}, "No line has the role result_of_year."),
    "no net result": ({"line": "PL", "role": ""}, "No line has the role net_result."),
    "a result of nothing": ({"line": "SALES", "parent": ""}, "Line 7 (PL): It is the net result and has no"),
    "no net cash flow": ({"line": "CF", "role": ""}, "has the role net_cash_flow."),
    "no opening cash": ({"line": "OPEN", "role": ""}, "has the role opening_cash."),
    "a flow of its own": ({"line": "CF1", "parent": ""}, "It is in no net cash flow."),
    "the end below": ({"line": "CLOSE", "parent": "CF"}, "A line with the role closing_cash is at the top."),
    "a result in cash": ({"line": "RES", "parent": "BANK"}, "below a line that is cash."),
    "parts of the result": ({"line": "FIX", "parent": "RES"}, "is computed, and has no lines below."),
}  # fmt: skip


@pytest.mark.parametrize(("change", "found"), BROKEN.values(), ids=BROKEN.keys())
def test_every_rule(change: dict[str, str], found: str) -> None:
    cells = {("line" if name == "new" else name): cell for name, cell in change.items() if name != "line"}
    told = problems(changed(change["line"], **cells))
    assert [text for text in told if found in text], told


def test_circles_are_told_once() -> None:
    lines = rows()
    lines[0]["parent"] = "BANK"
    told = [text for text in problems(text_of(lines)) if "lead back" in text]
    assert len(told) == 1
    assert "BS - BANK - BS" in told[0]


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    lines = rows()
    lines[1]["position"] = "x"
    lines[3].update(role="debt", parent="nothing")
    told = problems(text_of(lines))
    assert [text.split(":")[0] for text in told] == ["Line 3 (FIX)", "Line 5 (DEBT)", "Line 5 (DEBT)"]


FILES = {
    "not UTF-8": (GOOD.replace("Bilan", "Bilancé").encode("cp1252"), "not in UTF-8"),
    "empty": (b"", "There is no column 'line'."),
    "a column too few": (GOOD.replace("position,", "rank,", 1).encode(), "no column 'position'"),
    "an unknown column": (GOOD.replace("role", "rolle", 1).encode(), "'rolle' is not a column."),
    "a column twice": (GOOD.replace("name_nl,", "name_en,", 1).encode(), "'name_en' stands twice."),
    "cells too many": (GOOD.replace("Bank", "Bank, savings").encode(), "the header has 13."),
    "an open quote": (GOOD.replace("Fixed", '"Fixed').encode(), "It cannot be read"),
    "too large": (b" " * (LARGEST_FILE + 1), "The file has"),
    "too many lines": ((GOOD + "x,,,,,,,,,,,,\n" * MOST_LINES).encode(), "more than"),
}


@pytest.mark.parametrize(("content", "found"), FILES.values(), ids=FILES.keys())
def test_files_that_are_no_structure(content: bytes, found: str) -> None:
    assert any(found in text for text in problems(content))


words = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from("=+-@'\";,"),
    min_size=1,
    max_size=8,
)
cells = words.filter(
    lambda word: word not in {"(result)", "start", "end"} and not word.startswith("unmapped:")
)
prefix = words.filter(lambda word: word != "*")


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    codes = draw(st.lists(cells, min_size=6, max_size=12, unique=True))
    result, net, total, flow, *leaves = codes
    free = iter(draw(st.lists(prefix, min_size=8, max_size=8, unique=True)))
    none: dict[str, tuple[str, ...]] = {"accounts": (), "accounts_debit": (), "accounts_credit": ()}

    def names() -> dict[str, str]:
        return {language: draw(words) for language in ("en", "nl", "fr")}

    top = True
    lines = [
        Line(result, Statement.BALANCE_SHEET, "", 1, top, names(), none, "", Role.RESULT_OF_YEAR),
        Line(net, Statement.PROFIT_AND_LOSS, "", 1, top, names(), none, "", Role.NET_RESULT),
        Line(total, Statement.CASH_FLOW, "", 1, top, names(), none, "", Role.NET_CASH_FLOW),
        Line("start", Statement.CASH_FLOW, "", 3, top, names(), none, "", Role.OPENING_CASH),
        Line("end", Statement.CASH_FLOW, "", 4, top, names(), none, "", Role.CLOSING_CASH),
        Line(flow, Statement.CASH_FLOW, total, 2, draw(st.booleans()), names(), none, "", None),
    ]
    for position, code in enumerate(leaves, start=2):
        is_result = position == 2 or draw(st.booleans())
        accounts = {**none, draw(st.sampled_from(sorted(none))): (next(free),)}
        statement = Statement.PROFIT_AND_LOSS if is_result else Statement.BALANCE_SHEET
        parent = net if is_result else ""
        top = not parent or draw(st.booleans())
        lines.append(
            Line(
                code,
                statement,
                parent,
                position,
                top,
                names(),
                accounts,
                draw(st.sampled_from(["", flow])),
                None,
            )
        )
    return Structure(tuple(draw(st.permutations(lines))))


@settings(max_examples=25, deadline=None)
@given(structures())
def test_what_is_written_is_read_as_it_was_and_is_no_formula(structure: Structure) -> None:
    text = write(structure)
    assert read(text.encode()) == structure
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
