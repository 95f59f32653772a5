"""Adjusting entries in a file: what is taken, and every refusal with its line and its column."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.ledger.reported.adjusting import AdjustingEntry, as_csv, read_entries

HEADER = "month,account,line,axis,axis_value,amount,reason\n"
GOOD = "2026-01,400000,,,,1.50,Accrual"
PRINTED = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=9).map(str.strip)


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("2026-13,400000,,,,1.50,Accrual", "adjusting_month", "month"),
        ("2026-01,400000,,,,NaN,Accrual", "adjusting_amount", "amount"),
        ("2026-01,400000,,,,1.23456,Accrual", "adjusting_amount", "amount"),
        ("2026-01,400000,,,,1e3,Accrual", "adjusting_amount", "amount"),
        ("2026-01,400000,,,,1_000,Accrual", "adjusting_amount", "amount"),
        ('2026-01,400000,,,,"1.234,50",Accrual', "adjusting_amount", "amount"),
        ("2026-01,400000,,,,0.00,Accrual", "adjusting_zero", "amount"),
        ("2026-01,400000,,,,1.50,", "adjusting_reason", "reason"),
        ("2026-01,,,,,1.50,Accrual", "adjusting_place", "account"),
        ("2026-01,400000,sales,,,1.50,Accrual", "adjusting_place", "account"),
        ("2026-01,400000,,Project,,1.50,Accrual", "adjusting_axis", "axis"),
        (f"2026-01,400000,,,,1.50,{'x' * 501}", "adjusting_too_long", "reason"),
        ("2026-01,40\0000,,,,1.50,Accrual", "adjusting_control", "account"),
        ("2026-01,400000,,,,1.50,Accrual,more", "adjusting_too_many", None),
        (f"2026-01,400000,,,,1.50,{'x' * 131_073}", "adjusting_unreadable", None),
    ],
)
def test_what_is_wrong_is_told_with_its_place(row: str, code: str, column: str | None) -> None:
    read = read_entries(f"{HEADER}\n{row}\n")
    assert [(found.code, found.line, found.column) for found in read.findings] == [(code, 3, column)]
    assert read.entries == []


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ("", ["adjusting_no_column"] * 4),
        ("month,amount,reason\n", ["adjusting_no_column"]),
        ("month,account,amount,reason,reason\n", ["adjusting_unknown_column"] * 2),
        ("month,account,amount,reason,who\n", ["adjusting_unknown_column"]),
    ],
)
def test_a_header_that_is_none(header: str, codes: list[str]) -> None:
    read = read_entries(f"{header}{GOOD}\n" if header else "")
    assert [(found.code, found.line) for found in read.findings] == [(code, 1) for code in codes]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_each_delimiter_and_either_decimal_mark(delimiter: str) -> None:
    text = delimiter.join(["month", "account", "amount", "reason"]) + "\n"
    text += delimiter.join(["2026-01", "400000", '"-1,50"', "Accrual"])
    (entry,) = read_entries(text).entries
    assert entry == AdjustingEntry(Month(2026, 1), "400000", "", "", "", Decimal("-1.50"), "Accrual", 2)


@given(PRINTED.filter(bool), PRINTED, st.decimals(-999, 999, places=4).filter(bool))
def test_what_is_written_reads_in_again(account: str, value: str, amount: Decimal) -> None:
    entry = AdjustingEntry(
        Month(2026, 1), account, "", "Axis" if value else "", value, amount, "two\nlines", None
    )
    (again,) = read_entries(as_csv([entry])).entries
    assert again._replace(row=None) == entry
