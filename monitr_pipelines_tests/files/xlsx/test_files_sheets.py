"""Which sheets of a workbook are read: named, chosen, one ledger of several; what is hidden is told."""

import io

import openpyxl
import pytest
from common_kit import reference
from files_kit import read, refusal, typed_words
from openpyxl.chart import BarChart
from workbooks_kit import HEADER, HEADER_ROW, book, by_hand, day, inline, row, sale, saved

from monitr_pipelines.files.reading.contract import SavedSheet
from monitr_pipelines.files.reading.problems import NeedsAnswer
from monitr_pipelines.lifecycle.messages import Option

JANUARY, FEBRUARY, MARCH = (
    [HEADER, *sale(day(f"2024-{month}-05"), amount)]
    for month, amount in (("01", 100), ("02", 200), ("03", 300))
)
MONTHS = {"Jan": JANUARY, "Feb": FEBRUARY, "Mar": MARCH}
NOTES = [["Prepared by the office"], ["Check before use"]]
CHART = [["account_code", "account_name"], ["550000", "Bank"]]


def bank(content: bytes, **given: object) -> int:
    return int(sum(line.amount for line in read(content, **given).lines if line.account_code == "550000"))


def asked(content: bytes, **given: object) -> tuple[str, tuple[object, ...]]:
    """The kind of the one question, and what answers it."""
    problem = refusal(content, **given)
    assert isinstance(problem, NeedsAnswer)
    (question,) = problem.questions
    (answer,) = question.answers
    assert answer.name == Option.SHEET
    return question.kind, answer.candidates


def told(content: bytes, **given: object) -> dict[str, str]:
    told = read(content, **given).file.interpretation
    return {name: told[name] for name in ("sheet", "sheets not read") if name in told}


def inline_month(number: int) -> str:
    """A month as LibreOffice and many web programs write it: inline text, nothing numbered."""
    cells = inline(f"2024-0{number}-05", "550000", "Bank", "Sale") + f"<c><v>{number}00</v></c>"
    return HEADER_ROW + row(cells)


def with_a_chart() -> bytes:
    made = openpyxl.load_workbook(io.BytesIO(book(MONTHS)))
    made.create_chartsheet("Graph", 0).add_chart(BarChart())
    return saved(made)


@pytest.mark.parametrize(
    "content",
    [
        book(MONTHS),
        by_hand({name: inline_month(number) for number, name in enumerate(MONTHS, start=1)}),
        with_a_chart(),
        book({"Notes": NOTES, **MONTHS, "Accounts": CHART, "Empty": []}),
    ],
    ids=["openpyxl", "inline text", "a sheet of a chart", "other sheets beside"],
)
def test_sheets_of_one_header_are_asked_for_and_read_as_one_ledger(content: bytes) -> None:
    assert asked(content) == ("sheets", ("*", "Jan", "Feb", "Mar"))
    assert bank(content, sheet="*") == 600
    assert bank(content, sheet="Feb") == 200
    assert bank(content, sheet="Jan/Mar") == 400
    assert told(content, sheet="*")["sheet"] == "Jan, Feb, Mar"


def test_what_is_not_read_is_told() -> None:
    content = book({"Notes": NOTES, "Ledger": JANUARY, "Accounts": CHART, "Empty": []}, Accounts="hidden")
    assert bank(content) == 100
    assert told(content) == {"sheet": "Ledger", "sheets not read": "Notes, Accounts (hidden)"}
    assert told(book({"Ledger": JANUARY, "Empty": []})) == {"sheet": "Ledger"}


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_never_left_out_nor_read_in_silence(state: str) -> None:
    content = book(MONTHS, Mar=state)
    kind, candidates = asked(content)
    assert kind == "sheets_hidden"
    assert candidates == ("*", "Jan/Feb", "Jan", "Feb", "Mar")
    assert "(Mar)" in typed_words(refusal(content))
    assert bank(content, sheet="Jan/Feb") == 300
    assert told(content, sheet="Jan/Feb") == {"sheet": "Jan, Feb", "sheets not read": "Mar (hidden)"}
    assert told(content, sheet="*") == {"sheet": "Jan, Feb, Mar (hidden)"}


def test_a_ledger_that_only_a_hidden_sheet_holds_is_asked_for() -> None:
    content = by_hand(
        {"Cover": row(inline("Books of 2024")), "Data": inline_month(1)}, states={"Data": "veryHidden"}
    )
    assert asked(content) == ("sheets_differ", ("Cover", "Data"))
    assert bank(content, sheet="Data") == 100


def test_sheets_of_two_headers_are_asked_for_and_not_mixed() -> None:
    other = [["date", "account_code", "amount"], ["2024-04-05", "550000", 7]]
    content = book({"Jan": JANUARY, "Feb": FEBRUARY, "Other": other})
    assert asked(content) == ("sheets_differ", ("Jan/Feb", "Jan", "Feb", "Other"))
    assert bank(content, sheet="Jan/Feb") == 300
    assert bank(content, sheet="Other") == 7
    assert asked(content, sheet="*")[0] == "sheets_differ"
    assert asked(content, sheet="Feb/Other")[0] == "sheets_differ"


def test_columns_that_the_user_names_make_sheets_a_ledger_too() -> None:
    rows = [["Datum", "Rekening", "Bedrag"], ["2024-01-05", "550000", 5]]
    columns = {"date": "Datum", "account_code": "Rekening", "amount": "Bedrag"}
    content = book({"Notes": NOTES, "Een": rows, "Twee": rows})
    assert asked(content, columns=columns) == ("sheets", ("*", "Een", "Twee"))
    assert bank(content, columns=columns, sheet="*") == 10


def test_a_sheet_that_is_not_there_is_asked_for() -> None:
    assert asked(book(MONTHS), sheet="Apr") == ("sheet_unknown", ("*", "Jan", "Feb", "Mar"))
    assert asked(book({**MONTHS, "Empty": []}), sheet="Jan/Empty")[0] == "sheet_unknown"


def test_every_question_tells_the_sheets_that_could_be_chosen() -> None:
    unknown = [["a", "b"], [1, 2]]
    problem = refusal(book({"One": unknown, "Two": [["c"]]}))
    assert isinstance(problem, NeedsAnswer)
    assert (problem.questions[0].kind, problem.sheets) == ("columns", ("One", "Two"))


def test_a_sheet_beside_the_remembered_ones_is_asked_for() -> None:
    """A later workbook brings another part of the ledger under the same header."""
    saved_sheet = SavedSheet("Jan/Feb", tuple(HEADER))
    first = book({"Notes": NOTES, "Jan": JANUARY, "Feb": FEBRUARY})
    assert bank(first, saved_sheet=saved_sheet) == 300
    problem = refusal(book(MONTHS), saved_sheet=saved_sheet)
    assert isinstance(problem, NeedsAnswer)
    assert problem.proposed_sheet == "Jan/Feb"
    assert asked(book(MONTHS), saved_sheet=saved_sheet) == ("sheets", ("Jan/Feb", "*", "Jan", "Feb", "Mar"))
    assert bank(book(MONTHS), saved_sheet=saved_sheet, sheet="*") == 600
    assert bank(book(MONTHS, Mar="hidden"), saved_sheet=saved_sheet) == 300
    assert bank(book(MONTHS), saved_sheet=SavedSheet("*", tuple(HEADER))) == 600
    assert bank(book(MONTHS), saved_sheet=saved_sheet, read_before=True) == 300, "a reset reads as before"


def test_a_problem_is_told_with_its_sheet_and_row() -> None:
    spoilt = [HEADER, *sale(day("2024-02-05"), "many")]
    words = typed_words(refusal(book({"Jan": JANUARY, "Feb": spoilt}), sheet="*"))
    assert "line 2, column debit: in sheet Feb: 'many' is not an amount" in words
    assert "in sheet" not in typed_words(refusal(book({"Feb": spoilt})))
    doubtful = [HEADER, *sale("05/02/2024", 1)]
    assert "05/02/2024 in line 2 (Feb)" in typed_words(
        refusal(book({"Jan": JANUARY, "Feb": doubtful}), sheet="*")
    )


def test_the_header_of_a_later_sheet_may_stand_in_another_row() -> None:
    content = book({"Jan": JANUARY, "Feb": [["Ledger February"], [], ["EUR"], *FEBRUARY]})
    assert bank(content, sheet="*") == 300


def test_a_cell_beside_the_table_is_told_with_its_sheet() -> None:
    noted = [*FEBRUARY[:2], [*FEBRUARY[2], None, None, "note"]]
    found = read(book({"Jan": JANUARY, "Feb": noted}), sheet="*")
    assert len(found.lines) == 4
    (finding,) = found.file.findings
    assert finding.message.startswith("in sheet Feb: cell I3 stands beside the table, whose last column is F")


def test_hidden_rows_are_read_and_told() -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    for cells in [*JANUARY, *sale(day("2024-02-05"), 200)]:
        sheet.append(cells)
    sheet.row_dimensions[4].hidden = True
    sheet.row_dimensions[5].hidden = True
    found = read(saved(made))
    assert len(found.lines) == 4
    assert [finding.message for finding in found.file.findings] == [
        "2 rows are hidden, the first is row 4; they were read like all others"
    ]
    filtered = HEADER_ROW + row(
        inline("2024-01-05", "1", "", "") + "<c><v>1</v></c>", ' hidden="true" collapsed="1"'
    )
    assert [finding.code for finding in read(by_hand({"A": filtered})).file.findings] == ["hidden_rows"]


def test_one_part_is_no_two_sheets() -> None:
    content = by_hand({"A": inline_month(1), "B": inline_month(2)})
    twice = content.replace(b"sheet2.xml", b"sheet1.xml")
    assert "damaged" in typed_words(refusal(twice))


def test_the_lines_of_several_sheets_are_one_change() -> None:
    found = read(book(MONTHS), sheet="*")
    assert (len(found.changes), len(found.lines)) == (1, 6)


def test_the_shared_workbook_of_a_sheet_a_month() -> None:
    content = reference("inputs", "04_sheet_a_month.xlsx").read_bytes()
    assert asked(content)[0] == "sheets"
    assert bank(content, sheet="*") == 600
