"""Typed cells and text cells are judged apart; a formula without a value is none, and no day is guessed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from common_kit import reference
from files_kit import read, refusal, typed_words
from workbooks_kit import HEADER, HEADER_ROW, book, by_hand, day, inline, row, sale, saved

from monitr_pipelines.files.reading.problems import NeedsAnswer


def ledger(*bookings: list[list[object]]) -> bytes:
    return book({"Ledger": [HEADER, *(line for booking in bookings for line in booking)]})


def days(content: bytes, **given: object) -> list[str]:
    return [line.booking_date.isoformat() for line in read(content, **given).lines[::2]]


def amounts(content: bytes, **given: object) -> list[Decimal]:
    return [line.amount for line in read(content, **given).lines[::2]]


def kinds(content: bytes, **given: object) -> list[str]:
    problem = refusal(content, **given)
    assert isinstance(problem, NeedsAnswer), problem
    return [question.kind for question in problem.questions]


def line(first: str, amount: str = "<c><v>1</v></c>", code: str = inline("1000")) -> str:
    """A line by hand: its date, account and debit as cells."""
    return row(first + code + inline("", "") + amount)


def by_hand_ledger(*lines: str, formats: Sequence[str] = (), workbook: str = "") -> bytes:
    return by_hand({"Ledger": HEADER_ROW + "".join(lines)}, formats=formats, workbook=workbook)


TURNED = ledger(sale("13/01/2024", 1), sale(day("2024-05-02"), 2), sale("28/02/2024", 3))


def test_dates_that_may_have_been_turned_round_are_asked_for() -> None:
    assert kinds(TURNED) == ["turned_dates"]
    words = typed_words(refusal(TURNED))
    assert "line 4 holds 2024-05-02, which may be 2024-02-05" in words
    assert "13/01/2024 in line 2" in words
    assert days(TURNED, date_cells="turned") == ["2024-01-13", "2024-02-05", "2024-02-28"]
    assert days(TURNED, date_cells="stored") == ["2024-01-13", "2024-05-02", "2024-02-28"]


@pytest.mark.parametrize(
    "bookings",
    [
        (sale("02/13/2024", 1), sale(day("2024-05-02"), 2)),
        (sale(day("2024-05-02"), 2), sale("13.2.24", 1)),
        (sale(day("2024-05-02"), 2), sale("13-01-2024 08:30", 1)),
    ],
    ids=["month first", "short year, text last", "with a time"],
)
def test_other_ways_to_write_turned_dates(bookings: Sequence[list[list[object]]]) -> None:
    assert "turned_dates" in kinds(ledger(*bookings))


def test_turned_dates_in_a_workbook_that_counts_from_1904() -> None:
    made = openpyxl.Workbook()
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for cells in [HEADER, *sale("13/01/2024", 1), *sale(day("2024-05-02"), 2)]:
        made.active.append(cells)
    assert kinds(saved(made)) == ["turned_dates"]
    assert days(saved(made), date_cells="turned") == ["2024-01-13", "2024-02-05"]


@pytest.mark.parametrize(
    "bookings",
    [
        (sale("13/01/2024", 1), sale(day("2024-01-14"), 2), sale(day("2024-05-02"), 3)),
        (sale("13/01/2024", 1), sale("05/02/2024", 1), sale(day("2024-05-02"), 3)),
        (sale("2024-01-13", 1), sale(day("2024-05-02"), 3)),
        (sale("13/01/2024", 1), sale(day("2024-03-03"), 3)),
    ],
    ids=[
        "a day that was not turned",
        "text that would have been turned",
        "year first",
        "the same either way",
    ],
)
def test_dates_that_were_not_turned_are_not_asked_for(bookings: Sequence[list[list[object]]]) -> None:
    assert len(days(ledger(*bookings))) == len(bookings)


def test_the_format_of_text_says_nothing_of_date_cells() -> None:
    mixed = ledger(sale(day("2024-01-14"), 2), sale("13/01/2024", 1))
    assert days(mixed) == ["2024-01-14", "2024-01-13"]
    assert kinds(TURNED, date_format="DD/MM/YYYY") == ["turned_dates"]
    assert kinds(TURNED, date_cells="maybe") == ["date_cells_unknown"]


def test_a_day_that_cannot_have_been_turned_is_refused_where_it_is_turned_back() -> None:
    content = ledger(sale("13/01/2024", 1), sale(day("2024-01-14"), 2))
    assert "not a day" in typed_words(refusal(content, date_cells="turned"))


def test_of_a_moment_its_day_counts() -> None:
    content = ledger(sale(day("2024-05-02T13:30:00"), 1), sale("05/05/2024 23:59", 2))
    assert days(content) == ["2024-05-02", "2024-05-05"]
    zoned = ledger(sale("2024-05-14T23:59:00Z", 2))
    assert "not a date" in typed_words(refusal(zoned))


def test_a_column_of_numbers_of_days_is_one_of_dates() -> None:
    assert days(ledger(sale(45296, 1), sale(45297, 2))) == ["2024-01-05", "2024-01-06"]
    told = read(ledger(sale(45296, 1), sale(day("2024-01-06"), 2))).file.interpretation
    assert told["date cells"] == "numbers of days, such as 45296 for 2024-01-05"


def test_numbers_of_days_from_1904() -> None:
    content = by_hand_ledger(line("<c><v>43834</v></c>"), workbook='<workbookPr date1904="1"/>')
    assert days(content) == ["2024-01-05"]


def test_a_number_among_dates_in_text_is_asked_for() -> None:
    content = ledger(sale(45296, 1), sale("13/01/2024", 2))
    assert "day_number" in kinds(ledger(sale(45296, 1), sale("2024-01-13", 2)))
    assert kinds(content) == ["turned_dates"]
    assert days(content, date_cells="stored") == ["2024-01-05", "2024-01-13"]
    assert days(content, date_cells="turned") == ["2024-05-01", "2024-01-13"]


def test_numbers_that_may_be_days_months_and_years_are_asked_for() -> None:
    assert kinds(ledger(sale(40124, 1), sale(50224, 2))) == ["day_number"]
    assert days(ledger(sale(20240105, 1))) == ["2024-01-05"]
    assert "not a date" in typed_words(refusal(ledger(sale(101, 1))))


def test_typed_numbers_are_exact_and_text_is_judged_by_text() -> None:
    content = ledger(sale(day("2024-01-05"), 12.5), sale(day("2024-01-06"), "1.234"))
    assert kinds(content) == ["decimal"]
    assert amounts(content, decimal="comma") == [Decimal("12.5"), 1234]
    assert amounts(content, decimal="point") == [Decimal("12.5"), Decimal("1.234")]
    settled = ledger(sale(day("2024-01-05"), 12.5), sale(day("2024-01-06"), "1.234,56"))
    assert amounts(settled) == [Decimal("12.5"), Decimal("1234.56")]
    english = ledger(sale(day("2024-01-05"), 1234.5), sale(day("2024-01-06"), "1,234"))
    assert kinds(english) == ["decimal"]
    assert amounts(ledger(sale(day("2024-01-05"), 1.234)), decimal="comma") == [Decimal("1.234")]


def test_text_of_several_pieces_is_judged_as_text() -> None:
    header = row("".join(f'<c t="s"><v>{place}</v></c>' for place in range(6)))
    texts = [f"<t>{name}</t>" for name in HEADER]
    rich = "<r><rPr><b/></rPr><t>1</t></r><r><t>.234</t></r>"
    shared = f'<c t="s"><v>{len(texts)}</v></c>'
    content = by_hand(
        {"A": header + line(inline("2024-01-05"), "<c><v>12.5</v></c>") + line(inline("2024-01-06"), shared)},
        texts=[*texts, rich],
    )
    assert kinds(content) == ["decimal"]


def test_the_zero_that_an_accounting_format_shows_as_a_dash() -> None:
    dash = "_-* #,##0.00_-;-* #,##0.00_-;_-* &quot;-&quot;??_-;_-@_-"
    content = by_hand_ledger(line(inline("2024-01-05"), '<c s="1"><v>0</v></c>'), formats=[dash])
    assert [one.amount for one in read(content).lines] == [0]


def test_codes_keep_the_zeros_that_their_format_shows() -> None:
    numbers = ((0, 400), (1, 400), (2, 400), (3, 12))
    codes = [f'<c s="{style}"><v>{number}</v></c>' for style, number in numbers]
    lines = [line(inline("2024-01-05"), code=code) for code in codes]
    content = by_hand_ledger(*lines, formats=["0000", "000000;[Red]-000000", "\\0\\000"])
    assert [one.account_code for one in read(content).lines] == ["400", "0400", "000400", "0012"]
    made = openpyxl.Workbook()
    for cells in [HEADER, [day("2024-01-05"), 400, "Machines", "", 1, None]]:
        made.active.append(cells)
    made.active["B2"].number_format = "00000"
    assert read(saved(made)).lines[0].account_code == "00400"


WITHOUT = {
    "openpyxl": book({"Ledger": [HEADER, [day("2024-01-05"), "1", "", "", "=F3", 0]]}),
    "no value at all": by_hand_ledger(line(inline("2024-01-05"), "<c><f>F3</f></c>")),
    "an empty value": by_hand_ledger(line(inline("2024-01-05"), "<c><f>F3</f><v/></c>")),
    "a shared formula": by_hand_ledger(line(inline("2024-01-05"), '<c><f t="shared" si="0"/></c>')),
    "a formula of text": by_hand_ledger(line(inline("2024-01-05"), '<c t="str"><f>F3</f></c>')),
    "one behind a formula that gives no text": by_hand_ledger(
        line('<c t="str"><f>F3</f><v></v></c>', '<c t="str"><f>F3</f></c>')
    ),
    "a zero that is to be computed": by_hand_ledger(
        line(inline("2024-01-05"), "<c><f>F3</f><v>0</v></c>"), workbook='<calcPr fullCalcOnLoad="1"/>'
    ),
}


@pytest.mark.parametrize("content", WITHOUT.values(), ids=WITHOUT)
def test_a_formula_without_a_value_is_refused_by_its_cell(content: bytes) -> None:
    assert "cell Ledger!E2 holds a formula whose value was not stored" in typed_words(refusal(content))


def test_a_formula_with_a_value_is_that_value() -> None:
    first = inline("2024-01-05")
    content = by_hand_ledger(
        line(first, "<c><f>6*2</f><v>12</v></c>"),
        line(first, '<c><f t="shared" si="0"/><v>13.5</v></c>'),
        line(first, "<c><f>1-1</f><v>0</v></c>"),
        line(first, "<c><v>7</v></c>" + '<c t="str"><f>IF(1,"","x")</f><v></v></c>'),
    )
    assert [one.amount for one in read(content).lines] == [12, Decimal("13.5"), 0, 7]
    computed = by_hand_ledger(
        line(first, "<c><f>6*2</f><v>12</v></c>"), workbook='<calcPr fullCalcOnLoad="1"/>'
    )
    assert [one.amount for one in read(computed).lines] == [12]


def test_the_shared_workbooks() -> None:
    mixed = reference("inputs", "03_mixed_dates.xlsx").read_bytes()
    assert kinds(mixed) == ["turned_dates"]
    by_month = {line.booking_date.month: 0 for line in read(mixed, date_cells="turned").lines}
    for one in read(mixed, date_cells="turned").lines:
        by_month[one.booking_date.month] += max(one.amount, 0)
    assert (by_month[2], by_month[3]) == (500, 400)
    formulas = typed_words(refusal(reference("inputs", "05_formula_without_value.xlsx").read_bytes()))
    assert "Ledger!E2" in formulas
    assert "Ledger!F3" in formulas
    thousands = reference("inputs", "06_text_thousands.xlsx").read_bytes()
    assert kinds(thousands) == ["decimal"]
    found = read(thousands, decimal="comma").lines
    assert sum(one.amount for one in found if one.account_code == "550000") == Decimal("1246.5")
    assert {one.booking_date for one in found} == {date(2024, 1, 5), date(2024, 1, 6)}
    codes = read(reference("inputs", "07_codes_as_numbers.xlsx").read_bytes()).lines
    assert [one.account_code for one in codes] == ["400", "500", "1100"]
