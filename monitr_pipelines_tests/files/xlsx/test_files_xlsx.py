"""Spreadsheets: the layouts of CSV files in typed cells, and wrong ones."""

import io
import os
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from threading import BoundedSemaphore

import pytest
from files_kit import assert_refused, read, refusal, workbook

from monitr_pipelines.files.xlsx import archive, look
from monitr_pipelines.files.xlsx.cells import cell_text

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
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (7, "7"),
        (411000.0, "411000"),
        (0.1, "0.1"),
        (1e21, "1000000000000000000000"),
        (1.005, "1.0050"),
        (date(2026, 1, 5), "2026-01-05"),
        (datetime(2026, 1, 5, 13, 30), "2026-01-05 13:30:00"),  # noqa: DTZ001
    ],
)
def test_cells(value: object, text: str) -> None:
    assert cell_text(value) == text


@pytest.mark.parametrize(
    ("rows", "line", "told"),
    [
        ([HEADER], 1, "nothing to import"),
        ([], 1, "empty"),
        ([HEADER, [46027, *LINE[1:]]], 2, "not a date"),
        ([HEADER, ["2026-02-30", *LINE[1:]]], 2, "not a day"),
        ([HEADER, [None, *LINE[1:]]], 2, "date is empty"),
        ([HEADER, [LINE[0], "411000.0", *LINE[2:]]], 2, "turned into a number"),
        ([HEADER, [LINE[0], "4.11E+05", *LINE[2:]]], 2, "turned into a number"),
        ([HEADER, [LINE[0], None, *LINE[2:]]], 2, "account code is empty"),
        ([HEADER, LINE, HEADER, LINE], 3, "header once more"),
        ([HEADER, [*LINE[:4], "many", None]], 2, "not an amount"),
        ([HEADER, [*LINE[:4], 1.5, 2.5]], 2, "both a debit"),
        ([HEADER, [*LINE[:4], None, None]], 2, "neither a debit"),
        ([HEADER, [*LINE[:4], 1e300, None]], 2, "amount"),
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


def test_a_look_sees_the_first_rows_as_the_import_reads_them() -> None:
    rows = [HEADER, *[LINE] * 30]
    whole = read(workbook(*rows))
    assert read(workbook(*rows), most_rows=21).lines == whole.lines[:20]
    assert "damaged" in refusal(repacked(GOOD, emptied), most_rows=10).message


@pytest.mark.parametrize("most_rows", [None, 10])
def test_a_cell_that_cannot_be_read_is_quoted_no_further_than_someone_reads(most_rows: int | None) -> None:
    letters = b"a" * 900_000 + b".5"
    spoilt = repacked(GOOD, lambda name, data: data.replace(b"12.5", letters) if "sheet1" in name else data)
    told = str(refusal(spoilt, most_rows=most_rows))
    assert "damaged" in told
    assert "aaaa" in told
    assert len(told) < 1_000


def emptied(name: str, data: bytes) -> bytes:
    return b"" if "sheet1" in name else data


def test_a_look_refuses_what_must_be_read_whole_and_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_WHOLE_PARTS", 100_000)
    styled = repacked(GOOD, lambda name, data: data + b" " * 100_000 if "styles" in name else data)
    assert "Save the sheet as CSV and import that file" in refusal(styled, most_rows=10).message
    assert len(read(styled).lines) == 1, "the import has a process of its own"
    sheet = workbook(HEADER, *[LINE] * 5_000)
    assert len(read(sheet, most_rows=10).lines) == 9


def test_a_look_takes_the_same_memory_on_a_machine_of_many_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """No limit of memory is met by it here: threads are never more than the cores that there are."""
    run, given = subprocess.run, []
    monkeypatch.setattr(subprocess, "run", lambda *told, **how: given.append(how["env"]) or run(*told, **how))
    assert len(read(GOOD, most_rows=10).lines) == 1
    assert given == [os.environ | {"OPENBLAS_NUM_THREADS": "1"}]


def test_a_look_that_takes_long_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "MOST_SECONDS", 0.05)
    assert "Save the sheet as CSV and import that file" in refusal(GOOD, most_rows=10).message


def test_one_workbook_is_looked_at_and_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "PATIENCE_SECONDS", 0.05)
    with look.TURN, pytest.raises(look.WorkbooksBusy):
        read(GOOD, most_rows=10)
    monkeypatch.setattr(look, "PATIENCE_SECONDS", 600)
    monkeypatch.setattr(look, "PLACES", BoundedSemaphore(1))
    with look.PLACES, pytest.raises(look.WorkbooksBusy):
        read(GOOD, most_rows=10)
    assert len(read(GOOD, most_rows=10).lines) == 1
