"""CSV files: layouts, detection of marks, questions."""

from datetime import date
from decimal import Decimal

import pytest
from files_kit import HASH, STANDARD, STANDARD_HEADER, read, refusal, typed_words

from monitr_pipelines.files import Mode
from monitr_pipelines.ledger.changes import (
    FiscalYearsOfItsLines,
    MonthsOfItsLines,
    Replace,
    Upsert,
    WholeLedger,
)
from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.lifecycle.advice import option as option_written

SIGNED = "date;account_code;amount\n"


def test_standard_layout() -> None:
    found = read(STANDARD)
    first = found.lines[0]
    assert first.booking_date == date(2026, 1, 5)
    assert first.account_code == "700000"
    assert first.amount == Decimal("-1210.50")
    assert first.description == "Invoice 1"
    assert first.axes == (("dimension1", "Shop"), ("dimension2", "North"))
    assert first.booking is None
    assert [line.amount for line in found.lines[1:]] == [Decimal("1210.50"), Decimal(250)]
    assert found.file.accounts["400000"] == Account("400000", "Customers")
    assert AxisValue("dimension2", "North", "North") in found.file.axes
    assert found.file.format_name == "CSV, standard layout"
    assert found.file.keys_by_content


def test_interpretation_says_how_each_setting_is_known() -> None:
    told = read(STANDARD).file.interpretation
    assert told["decimal"] == ", (detected from 1.210,50 in line 2)"
    assert told["delimiter"].startswith("semicolon (detected")
    assert told["date format"] == "YYYY-MM-DD (detected from 2026-01-05 in line 2)"
    assert told["encoding"].startswith("utf-8")


def test_columns_may_stand_in_any_order_and_case() -> None:
    found = read("CREDIT,Debit,Account_Code,DATE,Account_Name\n,12.50,1000,2026-01-31,Cash\n")
    assert found.lines[0].amount == Decimal("12.50")


def test_a_negative_debit_is_a_reversal() -> None:
    assert read(STANDARD_HEADER + "2026-01-05;1000;a;b;-5,25;;;\n").lines[0].amount == Decimal("-5.25")


def test_older_layout() -> None:
    found = read(
        "Date Booking;Period;Account Number;Account Name;Amount;Description;User Booking Name;Journal Code;"
        "Journal Description;Relation Name;Cost Center A;Cost Center B\n"
        "03-04-2026;4;0400;Debtors;-12,50;Paid;jan;BNK;Bank;Jansen;N1;\n"
    )
    line = found.lines[0]
    assert (line.booking_date, line.period, line.account_code) == (date(2026, 4, 3), "4", "0400")
    assert (line.amount, line.journal, line.relation) == (Decimal("-12.50"), "BNK", "Jansen")
    assert line.axes == (("Cost Center A", "N1"),)
    assert found.file.format_name == "CSV, older layout"


def test_columns_map_our_names_to_any_header() -> None:
    columns = {
        "date": "Boekdatum",
        "account_code": "Rekening",
        "amount": "4",
        "booking": "Boekstuk",
        "axis:afdeling": "Afd",
        "foreign_amount": "Valutabedrag",
        "foreign_currency": "Valuta",
        "opening": "Begin",
    }
    found = read(
        "Boekdatum;Rekening;Afd;Bedrag;Boekstuk;Valutabedrag;Valuta;Begin\n31.12.2025;1000;A;12,50;7;13,75;usd;ja\n",
        columns=columns,
    )
    line = found.lines[0]
    assert (line.amount, line.booking, line.axes) == (Decimal("12.50"), "7", (("afdeling", "A"),))
    assert (line.foreign_amount, line.foreign_currency, line.opening) == (Decimal("13.75"), "USD", True)


def test_extra_columns_of_our_names_are_read_in_the_standard_layout() -> None:
    header = STANDARD_HEADER.strip() + ";account_type;journal;booking;document_number;relation\n"
    found = read(header + "2026-01-05;1000;Cash;x;1;;;;balans;BNK;7;D1;Jan\n")
    line = found.lines[0]
    assert (line.journal, line.booking, line.document_number, line.relation) == ("BNK", "7", "D1", "Jan")
    assert found.file.accounts["1000"].type is AccountType.BALANCE_SHEET


def test_a_chart_of_accounts_has_no_change() -> None:
    found = read("account_code,account_name,account_type\n1000,Cash,B\n7000,Sales,P&L\n")
    assert found.changes == []
    assert found.file.accounts["7000"] == Account("7000", "Sales", AccountType.PROFIT_AND_LOSS)
    assert found.file.format_name == "CSV, chart of accounts"


@pytest.mark.parametrize(
    ("mode", "scope"),
    [
        (Mode.YEARS, FiscalYearsOfItsLines),
        (Mode.MONTHS, MonthsOfItsLines),
        (Mode.OVERWRITE, WholeLedger),
    ],
)
def test_a_replace_has_keys_of_content(mode: Mode, scope: type) -> None:
    twice = STANDARD_HEADER + "2026-01-05;1000;a;b;5,25;;;\n" * 2
    found = read(twice, mode=mode)
    change = found.changes[0]
    assert isinstance(change, Replace)
    assert type(change.scope) is scope
    assert found.lines[0].external_id == found.lines[1].external_id
    assert found.file.keys_by_content


def test_keys_of_content_do_not_depend_on_the_way_of_writing() -> None:
    one = read("date;account_code;debit;credit\n2026-01-31;1000;1.234,50;\n").lines[0]
    other = read("account_code,date,amount\n1000,31/01/2026,1234.5\n").lines[0]
    assert one == other


def test_appended_lines_have_keys_of_the_file() -> None:
    found = read(STANDARD, mode=Mode.APPEND)
    assert isinstance(found.changes[0], Upsert)
    assert [line.external_id for line in found.lines] == [f"{HASH[:16]}:{n}" for n in (1, 2, 3)]
    assert not found.file.keys_by_content


def test_quoted_fields_may_hold_delimiters_quotes_and_line_ends() -> None:
    text = (
        STANDARD_HEADER + '2026-01-05;1000;"A;B";"two\r\nlines ""quoted""";1,50;;;\n2026-01-06;1000;;;x;;;\n'
    )
    error = refusal(text)
    assert "line 4" in str(error)
    assert read(text.replace(";x;", ";1;")).lines[0].description == 'two\r\nlines "quoted"'


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252")],
)
def test_encodings_are_detected(encoding: str, told: str) -> None:
    found = read((STANDARD_HEADER + "2026-01-05;1000;Café €;b;5,25;;;\n").encode(encoding))
    assert found.file.accounts["1000"].name == "Café €"
    assert found.file.interpretation["encoding"].startswith(f"{told} (detected")


def test_an_encoding_may_be_given() -> None:
    found = read((STANDARD_HEADER + "2026-01-05;1000;Café;b;5,25;;;\n").encode("cp850"), encoding="cp850")
    assert found.file.accounts["1000"].name == "Café"


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("12,50", "12.50"),
        ("-12,50", "-12.50"),
        ("12,50-", "-12.50"),
        ("(12,50)", "-12.50"),
        ("\u221212,50", "-12.50"),
        ("€ 12,50", "12.50"),
        ("12,50 EUR", "12.50"),
        ("-€ 12,50", "-12.50"),
        ("+12,50", "12.50"),
        ("1 234 567,89", "1234567.89"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1'234,56", "1234.56"),
        ("1.234.567,8", "1234567.8"),
        (",5", "0.5"),
        ("0", "0"),
    ],
)
def test_amounts_are_read_however_written(written: str, amount: str) -> None:
    lines = read(f"{SIGNED}2026-01-05;1000;{written}\n2026-01-05;1000;0,01\n").lines
    assert lines[0].amount == Decimal(amount)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["1,234", "1.50"], ["1234", "1.50"]),
        (["1.234", "1.234.567"], ["1234", "1234567"]),
        (["1.234", "0,5"], ["1234", "0.5"]),
        (["1.234", "1234.567"], ["1.234", "1234.567"]),
        (["12", "1500"], ["12", "1500"]),
    ],
)
def test_one_amount_tells_how_to_read_the_others(amounts: list[str], expected: list[str]) -> None:
    rows = "".join(f"2026-01-05;1000;{amount}\n" for amount in amounts)
    assert [line.amount for line in read(SIGNED + rows).lines] == [Decimal(text) for text in expected]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["03/04/2026", "13/04/2026"], date(2026, 4, 3)),
        (["03/04/2026", "04/13/2026"], date(2026, 3, 4)),
        (["3.4.2026", "31.12.2026"], date(2026, 4, 3)),
        (["05/05/2026", "06/06/2026"], date(2026, 5, 5)),
        (["20260403"], date(2026, 4, 3)),
        (["2026-04-03 00:00:00"], date(2026, 4, 3)),
        (["2026/04/03"], date(2026, 4, 3)),
    ],
)
def test_dates_tell_their_format(dates: list[str], expected: date) -> None:
    found = read(SIGNED + "".join(f"{day};1000;1\n" for day in dates))
    assert found.lines[0].booking_date == expected


@pytest.mark.parametrize("notation", ["DD/MM/YYYY", "dd/mm/yyyy", "%d/%m/%Y"])
def test_a_date_format_may_be_given(notation: str) -> None:
    found = read(SIGNED + "03/04/2026;1000;1\n", date_format=notation)
    assert found.lines[0].booking_date == date(2026, 4, 3)
    assert found.file.interpretation["date format"] == "DD/MM/YYYY (given)"


def test_a_year_of_two_digits_is_read_when_the_format_is_given() -> None:
    assert read(SIGNED + "03/04/26;1000;1\n", date_format="DD/MM/YY").lines[0].booking_date == date(
        2026, 4, 3
    )


def test_marks_may_be_given() -> None:
    assert read(SIGNED + "2026-01-05;1000;1.234\n", decimal="point").lines[0].amount == Decimal("1.234")
    assert read(SIGNED + "2026-01-05;1000;1.234\n", decimal=",").lines[0].amount == Decimal(1234)
    assert read(SIGNED + "2026-01-05;1000;1.234\n", thousands=".").lines[0].amount == Decimal(1234)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        (SIGNED + "03/04/2026;1000;1\n04/03/2026;1000;1\n", "--date-format"),
        (SIGNED + "03/04/26;1000;1\n", "--date-format"),
        (SIGNED + "2026-01-05;1000;1.234\n2026-01-05;1000;5\n", "--decimal"),
        (SIGNED + "2026-01-05;1000;1,234\n", "--decimal"),
        ("Datum;Rek;Bedrag\n2026-01-05;1000;1\n", "--columns"),
        ("a;b,c\n1;2,3\n", "--delimiter"),
        ("date;date;account_code;amount\n", "--columns"),
        (b"date;account_code;amount;description\n2026-01-05;1000;1;caf\x81\n", "--encoding"),
        (
            "date;account_code;amount;description\n2026-01-05;1000;1;é\n".encode() + b"2026;1;1;\xe9\n",
            "--encoding",
        ),
        (STANDARD.encode("utf-16-le"), "--encoding utf-16-le"),
    ],
)
def test_what_the_file_does_not_tell_is_a_question(text: str | bytes, option: str) -> None:
    error = refusal(text)
    assert error.code == "needs_answer"
    assert option in typed_words(error)
    assert "--" not in error.message
    (answer,) = error.messages[0].answers
    assert option_written(answer.name) == option.partition(" ")[0]


@pytest.mark.parametrize(
    "given",
    [
        {"date_format": "QQ"},
        {"date_format": "DD/MM"},
        {"decimal": ";"},
        {"thousands": "x"},
        {"decimal": ",", "thousands": ","},
        {"delimiter": "ab"},
        {"encoding": "nonsense"},
        {"encoding": "unicode_escape"},
        {"encoding": "rot13"},
        {"columns": {"date": "Nope", "account_code": "account_code", "amount": "amount"}},
        {"columns": {"nonsense": "date"}},
    ],
)
def test_an_option_that_makes_no_sense_is_a_question(given: dict[str, object]) -> None:
    error = refusal(SIGNED + "2026-01-05;1000;1,5\n", **given)
    assert error.code == "needs_answer"
    assert f"--{next(iter(given)).replace('_', '-')}" in typed_words(error)
    assert "--" not in error.message


def test_a_missing_column_is_named_with_those_present() -> None:
    error = refusal("Datum;Rek\n", columns={"date": "Datum", "account_code": "Rekening", "amount": "Rek"})
    assert "Rekening" in error.message
    assert "Datum, Rek" in error.message
    assert "line 1" in error.message


def test_both_questions_are_asked_at_once() -> None:
    error = refusal(SIGNED + "03/04/2026;1000;1.234\n")
    assert "--date-format" in typed_words(error)
    assert "--decimal" in typed_words(error)


def test_problems_are_collected_up_to_a_hundred() -> None:
    few = refusal(SIGNED + "2026-01-05;1000;x\n2026-02-30;1000;1\n2026-01-05;1000;1\n")
    assert [(finding.line, finding.column) for finding in few.findings] == [(2, "amount"), (3, "date")]
    assert few.code == "file_refused"
    many = refusal(SIGNED + "2026-01-05;1000;x\n" * 150)
    assert len(many.findings) == 100


def test_a_file_can_be_read_twice() -> None:
    found = read(STANDARD)
    again = [line for change in found.file.changes() for line in change.lines]  # type: ignore[union-attr]
    assert again == found.lines


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\n" + STANDARD,
        STANDARD.replace("\n", ";\n"),
        STANDARD.replace("dimension2\n", "dimension2;\n"),
        STANDARD.replace(";;\n", ";;;\n"),
        STANDARD + ";;;;;;;\n\n",
        STANDARD.rstrip("\n"),
        STANDARD.replace("\n", "\r"),
        "\ufeff" + STANDARD,
    ],
)
def test_what_software_makes_of_the_layout_reads_the_same(text: str) -> None:
    assert read(text).lines == read(STANDARD).lines
    assert read(text, encoding="utf-8").lines == read(STANDARD).lines


def test_lines_are_counted_after_a_stated_delimiter() -> None:
    assert "line 3, column amount" in str(refusal("sep=;\n" + SIGNED + "2026-01-05;1000;x\n"))


def test_impossible_dates_are_problems_and_no_questions() -> None:
    error = refusal(SIGNED + "45/13/2026;1000;1\n")
    assert error.code == "file_refused"
    assert "line 2" in str(error)
