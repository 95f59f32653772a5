"""Amounts, sides, dates and names as programs and spreadsheets print them."""

from datetime import date
from decimal import Decimal

import pytest
from files_kit import FEC_HEADER, STANDARD_HEADER, fec_line, read, refusal, typed_words, workbook

STANDARD_SIX = "date;account_code;account_name;description;debit;credit\n"


def amounts(content: str | bytes, **settings: object) -> list[Decimal]:
    return [line.amount for line in read(content, **settings).lines]


@pytest.mark.parametrize("dash", ["-", "\u2013", "\u2014", " - ", "€ -", "- €", " €  -   ", "-\u00a0€"])
def test_a_dash_is_nothing(dash: str) -> None:
    content = (
        STANDARD_SIX + f"2024-01-05;550000;Bank;x;500,00;{dash}\n2024-01-05;700000;Sales;x;{dash};500,00\n"
    )
    assert amounts(content) == [Decimal(500), Decimal(-500)]


def test_a_dash_in_other_formats() -> None:
    assert amounts("date,account_code,amount\n2024-01-05,1000,-\n2024-01-05,1000,1.50\n") == [
        Decimal(0),
        Decimal("1.50"),
    ]
    fec = FEC_HEADER + fec_line(debit="-") + fec_line(account="411000", debit="100,00", credit="\u2013")
    assert amounts(fec) == [Decimal(-100), Decimal(100)]
    sheet = workbook(*[["date", "account_code", "debit", "credit"], ["2024-01-05", "1000", 5, "-"]])
    assert amounts(sheet) == [Decimal(5)]


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("(€ 67,00)", "-67"), ("(67,00 €)", "-67"), ("(67,00)", "-67"), ("€ (67,00)", "-67"),
        ("€ -5,10", "-5.10"),
        ("EUR 5,10", "5.10"), ("5,10-", "-5.10"), ("67,00 CR", "-67"), ("67,00 Dr.", "67"),
        ("€ 67,00 C", "-67"),
        ("1.234,50 H", "-1234.50"), ("67,00S", "67"),
    ],
)  # fmt: skip
def test_signs(written: str, amount: str) -> None:
    content = f"date;account_code;amount\n2024-01-05;1000;{written}\n2024-01-05;1000;2,50\n"
    assert amounts(content) == [Decimal(amount), Decimal("2.50")]


@pytest.mark.parametrize("written", ["-67,00 CR", "(67,00) DR", "()", "CR", "€"])
def test_two_signs_or_no_digits_are_no_amount(written: str) -> None:
    assert "bad_amount" in {
        finding.code
        for finding in refusal(f"date;account_code;amount\n2024-01-05;1000;{written}\n", decimal=",").findings
    }


@pytest.mark.parametrize(
    ("debit", "credit"),
    [
        ("D", "C"), ("S", "H"), ("+", "-"), ("Debet", "Credit"), ("Débit", "Crédit"), ("Soll", "Haben"),
        ("Debe", "Haber"), ("Dare", "Avere"), ("Dr.", "Cr."), (" d ", "c"),
    ],
)  # fmt: skip
def test_a_column_for_the_side(debit: str, credit: str) -> None:
    content = (
        "date;account_code;amount;side\n"
        f"2024-01-05;1000;10,50;{debit}\n2024-01-05;1000;10,50;{credit}\n2024-01-05;1000;-2,00;{credit}\n"
    )
    assert amounts(content) == [Decimal("10.50"), Decimal("-10.50"), Decimal(2)]


def test_the_side_in_a_workbook_and_by_a_map() -> None:
    rows = [
        ["Datum", "Konto", "Betrag", "S/H"],
        ["2024-01-05", "1000", 10, "S"],
        ["2024-01-05", "8400", 10, "H"],
    ]
    columns = {"date": "Datum", "account_code": "Konto", "amount": "Betrag", "side": "S/H"}
    assert amounts(workbook(*rows), columns=columns) == [Decimal(10), Decimal(-10)]


def test_a_side_that_is_none_is_refused_in_its_column() -> None:
    content = "date;account_code;amount;side\n2024-01-05;1000;10,50;x\n2024-01-05;1000;0,00;\n"
    (finding,) = refusal(content).findings
    assert (finding.code, finding.line, finding.column) == ("bad_side", 2, "side")


@pytest.mark.parametrize(
    "written",
    [
        "5 mrt 2024",
        "05-mars-2024",
        "5. März 2024",
        "5 Mar 2024",
        "March 5, 2024",
        "5 marzo 2024",
        "5-mrt.-2024",
    ],
)
def test_months_have_names(written: str) -> None:
    found = read(f'date;account_code;amount\n"{written}";1000;1,00\n5 okt 2024;1000;1,00\n')
    assert [line.booking_date for line in found.lines] == [date(2024, 3, 5), date(2024, 10, 5)]
    assert found.file.interpretation["date format"] == f"DD month YYYY (detected from {written} in line 2)"


def test_a_word_that_is_no_month_is_no_date() -> None:
    assert refusal("date;account_code;amount\n5 foo 2024;1000;1,00\n").findings[0].code == "bad_date"


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_renamed_account_has_the_name_of_its_latest_date(*, newest_first: bool) -> None:
    lines = ["2024-02-01;550000;Dexia;x;5,00;;;\n", "2024-08-01;550000;Belfius;x;10,00;;;\n"]
    lines = lines[::-1] if newest_first else lines
    assert read(STANDARD_HEADER + "".join(lines)).file.accounts["550000"].name == "Belfius"
    fec = [
        fec_line(date="20260105", account="512000", account_label="Dexia"),
        fec_line(date="20260601", account="512000", account_label="Belfius"),
    ]
    assert (
        read(FEC_HEADER + "".join(fec[::-1] if newest_first else fec)).file.accounts["512000"].name
        == "Belfius"
    )


def test_a_renamed_account_in_journals_one_behind_the_other() -> None:
    days = [("2024-02-01", "Dexia"), ("2024-08-01", "Belfius"), ("2024-01-01", "Dexia")]
    lines = "".join(f"{day};550000;{name};x;5,00;;;\n" for day, name in days)
    assert read(STANDARD_HEADER + lines).file.accounts["550000"].name == "Belfius"


def test_zeros_are_put_back_where_codes_have_so_many_digits() -> None:
    table = "date;account_code;amount\n2024-01-05;400;1,50\n2024-01-05;1100;1,50\n2024-01-05;A1;1,50\n"
    assert [line.account_code for line in read(table, code_digits="4").lines] == ["0400", "1100", "A1"]
    assert [line.account_code for line in read(table, code_digits="0").lines] == ["400", "1100", "A1"]
    fec = FEC_HEADER + fec_line(account="5120") + fec_line(account="411000", debit="100,00", credit="0,00")
    assert [line.account_code for line in read(fec, code_digits="6").lines] == ["005120", "411000"]
    sheet = workbook(["date", "account_code", "amount"], ["2024-01-05", 400, 5])
    assert read(sheet, code_digits="4").lines[0].account_code == "0400"


@pytest.mark.parametrize("digits", ["x", "-1", "21", "4.0"])
def test_a_number_of_digits_that_is_none_is_asked(digits: str) -> None:
    assert "--code-digits" in typed_words(refusal(STANDARD_HEADER, code_digits=digits))
