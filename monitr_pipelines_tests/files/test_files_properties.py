"""Whatever is written is read back the same; whatever is thrown at the readers is refused in words."""

import csv
import io
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from files_kit import FEC, STANDARD, XAF, read, workbook
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr_pipelines.files.reading.amounts import AmountEvidence, AmountReader
from monitr_pipelines.files.reading.dates import DateFormat, DateReader
from monitr_pipelines.lifecycle.errors import InconsistentData

CENTS = st.integers(min_value=-(10**13), max_value=10**13).map(lambda cents: Decimal(cents).scaleb(-2))
DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
NOTATIONS = ["%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%Y/%m/%d"]
# Text that survives each of the encodings; blanks around a field are not part of it.
WORDS = st.text(alphabet="abcXYZ éüß€0189,;|\"\n'.-", max_size=20).map(str.strip)
XLSX = workbook(["date", "account_code", "amount"], ["2026-01-31", 1000, 5])
MARKS = [
    (",", "."),
    (",", ""),
    (",", " "),
    (",", "\u00a0"),
    (",", "\u202f"),
    (".", ","),
    (".", ""),
    (".", "'"),
]


def written(amount: Decimal, decimal: str, thousands: str) -> str:
    return f"{amount:,.2f}".replace(",", "#").replace(".", decimal).replace("#", thousands)


def day_text(day: date, notation: str) -> str:
    parts = {"%d": f"{day.day:02}", "%m": f"{day.month:02}", "%Y": f"{day.year:04}"}
    for token, text in parts.items():
        notation = notation.replace(token, text)
    return notation


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(DAYS, st.from_regex(r"[1-9][0-9]{5}", fullmatch=True), WORDS, CENTS), max_size=8),
    notation=st.sampled_from(NOTATIONS),
    delimiter=st.sampled_from(";,\t|"),
    marks=st.sampled_from(MARKS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_csv_is_read_back(
    *,
    rows: list[tuple[date, str, str, Decimal]],
    notation: str,
    delimiter: str,
    marks: tuple[str, str],
    encoding: str,
    line_end: str,
) -> None:
    if encoding == "cp1252" and marks[1] == "\u202f":
        marks = (",", " ")
    # One row that leaves no doubt about the format, as the reader asks otherwise.
    rows = [(date(2026, 1, 31), "100000", "", Decimal("1234.50")), *rows]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(["date", "account_code", "description", "amount"])
    for day, code, text, amount in rows:
        writer.writerow([day_text(day, notation), code, text, written(amount, *marks)])
    found = read(stream.getvalue().encode(encoding)).lines
    assert [
        (line.booking_date, line.account_code, line.description or "", line.amount) for line in found
    ] == rows


@given(CENTS, st.sampled_from(MARKS), st.sampled_from(["{}", "€ {}", "{} EUR", " {} "]))
def test_amounts_are_read_back(amount: Decimal, marks: tuple[str, str], form: str) -> None:
    text = form.format(written(amount, *marks))
    evidence = AmountEvidence()
    evidence.add(text, 1)
    assert evidence.decimal == marks[0]
    assert AmountReader(marks[0], None, "").read(text) == amount


@given(CENTS, st.sampled_from(MARKS))
def test_minus_forms_are_read_back(amount: Decimal, marks: tuple[str, str]) -> None:
    reader = AmountReader(marks[0], None, "")
    text = written(abs(amount), *marks)
    for form in (f"-{text}", f"{text}-", f"({text})", f"- {text}", f"\u2212{text}"):
        assert reader.read(form) == -abs(amount)


@given(DAYS, st.sampled_from(NOTATIONS))
def test_dates_are_read_back(day: date, notation: str) -> None:
    assert DateReader(DateFormat.make(notation, "")).read(day_text(day, notation)) == day


def swallow(content: bytes) -> None:
    with suppress(InconsistentData):
        read(content)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    swallow(content)


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(
        [b"<", b"<?xml ", b"PK\x03\x04", b"date;account_code;amount\n", b"\xff\xfe", FEC[:200].encode()]
    ),
    st.binary(max_size=200),
)
def test_any_bytes_behind_a_known_start_are_read_or_refused(start: bytes, rest: bytes) -> None:
    swallow(start + rest)


def _flip(chance: random.Random, content: bytearray) -> None:
    for _ in range(chance.randint(1, 4)):
        content[chance.randrange(len(content))] = chance.randrange(256)


def _cut(chance: random.Random, content: bytearray) -> None:
    del content[chance.randrange(len(content)) :]


def _drop(chance: random.Random, content: bytearray) -> None:
    start = chance.randrange(len(content))
    del content[start : start + chance.randint(1, 30)]


def _double(chance: random.Random, content: bytearray) -> None:
    start = chance.randrange(len(content))
    content[start:start] = content[start : start + chance.randint(1, 60)]


@pytest.mark.parametrize("change", [_flip, _cut, _drop, _double])
@pytest.mark.parametrize(
    "content",
    [STANDARD.encode(), STANDARD.encode("utf-16"), FEC.encode(), XAF.encode(), XLSX],
    ids=["csv", "utf-16", "fec", "xaf", "xlsx"],
)
def test_damaged_files_are_read_or_refused(
    content: bytes, change: Callable[[random.Random, bytearray], None]
) -> None:
    chance = random.Random(20260105)  # noqa: S311 - the same damage in each run
    for _ in range(60):
        damaged = bytearray(content)
        change(chance, damaged)
        swallow(bytes(damaged))
