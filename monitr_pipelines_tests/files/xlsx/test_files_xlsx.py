"""Spreadsheets: the layouts of CSV files in typed cells, and wrong ones."""

import io
import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from files_kit import assert_refused, read, refusal, workbook

from monitr_pipelines.files.reading.problems import BadValueError
from monitr_pipelines.files.xlsx import archive, strings
from monitr_pipelines.files.xlsx.cells import Days, number_of, text_of
from monitr_pipelines.files.xlsx.parts import is_date_format
from monitr_pipelines.files.xlsx.sheet import column_letters

HEADER = ["date", "account_code", "account_name", "description", "debit", "credit"]
LINE = [datetime(2026, 1, 5), 411000, "Customers", "Invoice", 12.5, None]  # noqa: DTZ001 - as in a cell


def repacked(content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return stream.getvalue()


GOOD = workbook(HEADER, LINE)


def test_standard_layout() -> None:
    found = read(workbook(HEADER, LINE, ["2026-01-06", "0700", "Sales", None, None, 0.1 + 0.2]))
    first, second = found.lines
    assert (first.booking_date, first.account_code, first.amount) == (
        date(2026, 1, 5),
        "411000",
        Decimal("12.5"),
    )
    assert (second.booking_date, second.account_code, second.amount) == (
        date(2026, 1, 6),
        "0700",
        Decimal("-0.3"),
    )
    assert found.file.accounts["411000"].name == "Customers"
    assert found.file.format_name == "Excel, standard layout"


def test_columns_may_be_given() -> None:
    rows = [["Datum", "Rek", "Bedrag"], [datetime(2026, 1, 5), "1000", -3]]  # noqa: DTZ001
    found = read(workbook(*rows), columns={"date": "Datum", "account_code": "Rek", "amount": "Bedrag"})
    assert found.lines[0].amount == Decimal(-3)


def test_amounts_in_text_cells_are_read_like_those_of_csv() -> None:
    line = ["31/01/2026", "1000", "Cash", "x", "1.234,56", None]
    found = read(workbook(HEADER, line))
    assert (found.lines[0].amount, found.lines[0].booking_date) == (Decimal("1234.56"), date(2026, 1, 31))


def test_three_decimals_in_a_number_are_no_thousands() -> None:
    assert read(workbook(HEADER, [*LINE[:4], 1.234, None])).lines[0].amount == Decimal("1.234")


def test_a_chart_of_accounts() -> None:
    found = read(workbook(["account_code", "account_name", "account_type"], [1000, "Cash", "B"]))
    assert found.changes == []
    assert found.file.accounts["1000"].name == "Cash"


def test_empty_rows_are_left_out_and_counted() -> None:
    content = workbook(HEADER, [None] * 6, LINE, [*LINE[:4], "x", None])
    assert_refused(content, 4, "'x' is not an amount")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("7", "7"),
        ("0", "0"),
        ("-12.5", "-12.5"),
        ("411000.0", "411000"),
        ("1.50", "1.5"),
        ("0.1", "0.1"),
        ("0.30000000000000004", "0.3"),
        ("1234567.1000000001", "1234567.1"),
        ("123456789012345.6789", "123456789012345.6789"),
        ("99999999999.99", "99999999999.99"),
        ("1E+21", "1000000000000000000000"),
        ("1.5E-3", "0.0015"),
        ("1.005", "1.0050"),
        ("0.123456", "0.123456"),
    ],
)
def test_numbers_keep_every_digit_that_a_ledger_holds(written: str, text: str) -> None:
    assert number_of(written) == text


@pytest.mark.parametrize("written", ["", "a", "NaN", "Infinity", "1e9999", "0x1", "1,5", "\u0661"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(BadValueError, match="is a number"):
        number_of(written)


@pytest.mark.parametrize(
    ("written", "from_1904", "text"),
    [
        ("46027", False, "2026-01-05"),
        ("46027.5625", False, "2026-01-05 13:30:00"),
        ("46026.99999999", False, "2026-01-05"),
        ("0.75", False, "18:00:00"),
        ("1", False, "1900-01-01"),
        ("59", False, "1900-02-28"),
        ("60", False, "1900-02-29"),
        ("61", False, "1900-03-01"),
        ("2958465", False, "9999-12-31"),
        ("44565", True, "2026-01-05"),
    ],
)
def test_days_are_counted_as_excel_does(written: str, *, from_1904: bool, text: str) -> None:
    assert Days(from_1904=from_1904).text_of(written) == text


@pytest.mark.parametrize("written", ["-1", "2958466", "1e300", "x"])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(BadValueError):
        Days(from_1904=False).text_of(written)


@pytest.mark.parametrize(
    ("code", "shows_date"),
    [
        ("dd/mm/yyyy", True),
        ("[$-813]d\\ mmmm\\ yyyy;@", True),
        ("[h]:mm:ss", True),
        ("General", False),
        ("#,##0.00", False),
        ('_-* #,##0.00\\ "d"_-', False),
        ("[Red]-0.00;dd", False),
        ("0.00E+00", False),
        ("", False),
    ],
)
def test_formats_of_dates(code: str, *, shows_date: bool) -> None:
    assert is_date_format(code) is shows_date


def test_columns_are_called_as_excel_calls_them() -> None:
    assert [column_letters(column) for column in (0, 25, 26, 701, 702, 16_383)] == [
        "A", "Z", "AA", "ZZ", "AAA", "XFD",
    ]  # fmt: skip


def test_escaped_characters_are_those_that_they_stand_for() -> None:
    assert text_of("two_x000A_lines, _x0041_ and _y0041_") == "two\nlines, A and _y0041_"


def test_what_else_a_cell_may_hold() -> None:
    line = ["2026-01-05", "1000", True, datetime(2026, 1, 5, 13, 30), 1, None]  # noqa: DTZ001
    found = read(workbook(HEADER, line, [*line[:3], time(9, 5), 1, None])).lines
    assert [one.description for one in found] == ["2026-01-05 13:30:00", "09:05:00"]
    assert read(workbook(HEADER, line)).file.accounts["1000"].name == "true"


@pytest.mark.parametrize(
    ("rows", "line", "told"),
    [
        ([HEADER], 1, "nothing to import"),
        ([], 1, "empty"),
        ([HEADER, [460270, *LINE[1:]]], 2, "not a date"),
        ([HEADER, ["2026-02-30", *LINE[1:]]], 2, "not a day"),
        ([HEADER, [None, *LINE[1:]]], 2, "date is empty"),
        ([HEADER, [LINE[0], "411000.0", *LINE[2:]]], 2, "turned into a number"),
        ([HEADER, [LINE[0], "4.11E+05", *LINE[2:]]], 2, "turned into a number"),
        ([HEADER, [LINE[0], None, *LINE[2:]]], 2, "account code is empty"),
        ([HEADER, LINE, HEADER, LINE], 3, "header and the first line come once more"),
        ([HEADER, [*LINE[:4], "many", None]], 2, "not an amount"),
        ([HEADER, [*LINE[:4], 1.5, 2.5]], 2, "both a debit"),
        ([HEADER, [*LINE[:4], None, None]], 2, "neither a debit"),
        ([HEADER, [*LINE[:4], 1e300, None]], 2, "does not fit"),
        ([HEADER, [*LINE[:3], "a\x90b", *LINE[4:]]], 2, "control character"),
        ([["Datum", "Rek"], [1, 2]], None, "--columns"),
    ],
)
def test_wrong_sheets(rows: list[list[object]], line: int | None, told: str) -> None:
    assert_refused(workbook(*rows), line, told)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (GOOD[: len(GOOD) // 2], "damaged or cut off"),
        (repacked(GOOD, lambda name, data: None if name == "xl/workbook.xml" else data), "ZIP archive"),
        (repacked(GOOD, lambda name, data: b"" if "sheet1" in name else data), "damaged"),
        (repacked(GOOD, lambda name, data: b"<a" if name == "xl/workbook.xml" else data), "damaged"),
        (repacked(GOOD, lambda name, data: data + b" " * 80_000_000 if "sheet1" in name else data), "unpack"),
        (
            repacked(GOOD, lambda name, data: b"<!DOCTYPE a []>" + data if "sheet1" in name else data),
            "DOCTYPE",
        ),
        (b"PK\x03\x04" + bytes(200), "damaged"),
    ],
)
def test_wrong_archives(content: bytes, told: str) -> None:
    assert told in refusal(content).message


@pytest.mark.parametrize("spoilt", [b"a" * 900_000 + b".5", b"12..5"])
def test_a_cell_that_cannot_be_read_is_quoted_no_further_than_someone_reads(spoilt: bytes) -> None:
    damaged = in_sheet(lambda data: data.replace(b"12.5", spoilt))
    assert_refused(damaged, 2, "damaged", spoilt[:4].decode())
    assert len(str(refusal(damaged))) < 1_000


def in_sheet(change: Callable[[bytes], bytes], content: bytes = GOOD) -> bytes:
    return repacked(content, lambda name, data: change(data) if "sheet1" in name else data)


def rows(xml: str, content: bytes = GOOD) -> bytes:
    """The workbook with rows more, as XML."""
    return in_sheet(lambda data: data.replace(b"</sheetData>", xml.encode() + b"</sheetData>"), content)


NOTE = '<c r="{0}" t="inlineStr"><is><t>note</t></is></c>'


def test_a_gap_of_rows_and_columns_costs_nothing_and_is_told() -> None:
    far = rows('<row r="1048576">' + NOTE.format("XFD1048576") + "</row>")
    found = read(far)
    assert len(found.lines) == 1
    assert [finding.code for finding in found.file.findings] == ["outside_table"]
    assert "XFD1048576 stands beside the table, whose last column is F" in found.file.findings[0].message


def test_a_line_after_a_gap_is_read_and_named_by_its_row() -> None:
    cells = GOOD_ROW.replace("{row}", "1048576")
    assert len(read(rows(f'<row r="1048576">{cells}</row>')).lines) == 2
    assert_refused(rows(f'<row r="1048576">{cells.replace("<v>1", "<v>x")}</row>'), 1_048_576, "number")


GOOD_ROW = '<c r="A{row}"><v>46027</v></c><c r="B{row}"><v>1000</v></c><c r="E{row}"><v>1</v></c>'.replace(
    '<c r="A{row}"><v>46027</v>', '<c r="A{row}" t="d"><v>2026-01-05</v>'
)


@pytest.mark.parametrize(
    ("xml", "told"),
    [
        ('<row r="1048577"/>', "a row '1048577'; a sheet has at most 1,048,576 rows"),
        ('<row r="1000000000000"/>', "a row '1000000000000'"),
        (f'<row r="{"9" * 5000}"/>', "a row '999"),
        ('<row r="0"/>', "a row '0'"),
        ('<row r="-3"/>', "a row '-3'"),
        ('<row r="3">' + NOTE.format("XFE3") + "</row>", "column 'XFE'; a sheet has at most 16,384 columns"),
        ('<row r="3">' + NOTE.format("ABCDEFG3") + "</row>", "column 'ABCDEFG'"),
        ('<row r="3"><c r="XFD3"/><c/></row>', "column 16,385"),
        ('<row r="2"/>', "row 2 comes behind row 2"),
        ('<row r="3">' + NOTE.format("A4") + "</row>", "'A4' stands in row 3"),
        ('<row r="3">' + NOTE.format("B3") + NOTE.format("A3") + "</row>", "not in its order"),
        ('<row r="3">' + NOTE.format("A3") * 2 + "</row>", "twice"),
        ('<row r="3"><row r="4"/></row>', "row 4 comes behind row 3"),
        ('<row r="3"><c r="A3"><c r="B3"/></c></row>', "where none can be"),
        ('<row r="3">' + NOTE.format("33") + "</row>", "named ''"),
        ('<row r="3"><c r="A3" t="s"><v>5</v></c></row>', "shared text '5'"),
        ('<row r="3"><c r="A3" t="s"><v>-1</v></c></row>', "shared text '-1'"),
        ("<a>" * 200 + "</a>" * 200, "nested more than 100 deep"),
    ],
)
def test_impossible_sheets_are_refused(xml: str, told: str) -> None:
    assert_refused(rows(xml), None, told)


def test_rows_and_cells_need_not_be_numbered() -> None:
    plain = '<row><c t="d"><v>2026-01-06</v></c><c><v>1000</v></c><c/><c/><c><v>1</v></c></row>'
    assert [line.amount for line in read(rows(plain)).lines] == [Decimal("12.5"), Decimal(1)]


@pytest.mark.parametrize("pad", [10, 70_000, 2_000_000])
@pytest.mark.parametrize("part", ["sheet1.xml", "workbook.xml", "workbook.xml.rels", "styles.xml"])
def test_a_document_type_is_refused_wherever_it_stands(part: str, pad: int) -> None:
    start = b"<!--" + random.Random(1).randbytes(pad // 2).hex().encode() + b"-->"  # noqa: S311 - hard to pack

    def change(name: str, data: bytes) -> bytes:
        return (
            start + b'<!DOCTYPE a [<!ENTITY b "c">]>' + data.partition(b"?>")[2]
            if name.endswith(part)
            else data
        )

    told = refusal(repacked(GOOD, change)).message
    assert "DOCTYPE" in told or "longer than 1,000,000 bytes" in told


SHARED = (
    '<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</sst>'
)


def sharing(*texts: str) -> bytes:
    """The workbook with a line for each shared text, which is its description."""
    lines = "".join(
        f'<row r="{row}">{GOOD_ROW.replace("{row}", str(row))}</row>'.replace(
            f'<c r="E{row}">', f'<c r="D{row}" t="s"><v>{row - 3}</v></c><c r="E{row}">'
        )
        for row in range(3, len(texts) + 3)
    )
    stream = io.BytesIO(rows(lines))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive_:
        archive_.writestr("xl/sharedStrings.xml", SHARED.format("".join(texts)))
    return stream.getvalue()


def test_shared_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    content = sharing(
        "<si><t>plain</t></si>",
        "<si><r><t>in </t></r><r><t>pieces</t></r><rPh><t>as said</t></rPh><phoneticPr/></si>",
        "<si><t xml:space='preserve'> é€ </t></si>",
        f"<si><t>{'long ' * 100}</t></si>",
    )
    expected = ["Invoice", "plain", "in pieces", "é€", ("long " * 100).strip()]
    assert [line.description for line in read(content).lines] == expected
    monkeypatch.setattr(strings, "IN_MEMORY_BYTES", 10)
    monkeypatch.setattr(strings, "MOST_REMEMBERED", 1)
    assert [line.description for line in read(content).lines] == expected


def test_shared_texts_that_are_too_long_or_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert_refused(sharing("<si><t>x</t></si>", f"<si><t>{'x' * 40_000}</t></si>"), 4, "longer than a cell")
    assert len(read(sharing(f"<si><t>{'x' * 32_767}</t></si>")).lines[1].description or "") == 32_767
    monkeypatch.setattr(strings, "MOST_STRINGS", 2)
    assert_refused(sharing("<si/>", "<si/>", "<si><t>x</t></si>"), None, "more than 2 texts")


def test_an_archive_that_lists_countless_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_DIRECTORY", 300)
    assert "lists its parts in" in refusal(GOOD).message


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_that_excel_does_not_use_is_refused(packing: int) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(stream, "w", packing) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert "packed in a way" in refusal(stream.getvalue()).message


def test_a_sheet_of_a_chart_is_passed_over() -> None:
    def change(name: str, data: bytes) -> bytes:
        if name == "xl/workbook.xml":
            return data.replace(
                b"<sheets>",
                b'<sheets><sheet name="Chart" sheetId="9" r:id="rId99" '
                b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>',
            )
        if name == "xl/_rels/workbook.xml.rels":
            return data.replace(
                b"</Relationships>",
                b'<Relationship Id="rId99" Type="x/chartsheet" '
                b'Target="chartsheets/sheet1.xml"/></Relationships>',
            )
        return data

    assert len(read(repacked(GOOD, change)).lines) == 1
    assert_refused(
        repacked(GOOD, lambda name, data: data.replace(b'/worksheet"', b'/chartsheet"')), None, "no sheet"
    )


def test_a_column_without_a_name_beside_the_table_can_be_chosen() -> None:
    found = read(
        workbook(["date", "account_code"], ["2026-01-05", 1000, 5]),
        columns={"date": "date", "account_code": "account_code", "amount": "3"},
    )
    assert found.lines[0].amount == 5


def test_printed_rows_of_a_sheet_are_left_out_and_told() -> None:
    titles = [["Bakkerij Peeters"], ["Grootboek 2026"], []]
    second = [*LINE[:3], "Second", *LINE[4:]]
    pages = [HEADER, LINE, [None, None, None, "Subtotaal", *LINE[4:]], ["Bakkerij Peeters"], HEADER, second]
    printed = read(workbook(*titles, *pages, [None, None, None, "Totaal", 2 * LINE[4], None], ["Pagina 2"]))
    assert [line.amount for line in printed.lines] == [
        line.amount for line in read(workbook(HEADER, LINE, second)).lines
    ]
    assert [finding.code for finding in printed.file.findings] == ["rows_left_out"]
