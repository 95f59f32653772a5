"""Wrong files of every format: each is refused with its line and its cause."""

import pytest
from files_kit import (
    FEC,
    FEC_HEADER,
    STANDARD,
    STANDARD_HEADER,
    XAF,
    XAF_HEADER,
    assert_refused,
    fec_line,
    refusal,
    xaf,
    xaf_line,
    xaf_transaction,
)

GOOD = "2026-01-05;1000;Cash;x;12,50;;;\n"
LONG_QUOTE = '2026-01-05;1000;"' + "x\n" * 5_000_000 + '";x;12,50;;;\n'
BOMB = "".join(
    ["<!DOCTYPE b [<!ENTITY a0 'aaaaaaaaaa'>"]
    + [f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)]
    + ["]>"]
)
PLAIN_XAF = XAF.split("\n", 1)[1]


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        ("", 1, "empty"),
        ("  \r\n\n", 1, "empty"),
        (STANDARD_HEADER, 1, "nothing to import"),
        ("account_code;account_name\n", 1, "nothing to import"),
        (STANDARD_HEADER + GOOD + "2026-01-05;1000;Ca", 3, "has 3 fields where the header has 8"),
        (STANDARD_HEADER + GOOD + "2026-01-05,1000,Cash,x,12.50,,,\n", 3, "separated by ','"),
        (STANDARD_HEADER + "2026-02-30;1000;Cash;x;12,50;;;\n", 2, "'2026-02-30' is not a day"),
        (STANDARD_HEADER + "0026-01-05;1000;Cash;x;12,50;;;\n", 2, "between 1900 and 2200"),
        (STANDARD_HEADER + GOOD + "05/01/2026;1000;Cash;x;12,50;;;\n", 3, "is not a date written YYYY-MM-DD"),
        (STANDARD_HEADER + ";1000;Cash;x;12,50;;;\n", 2, "date is empty"),
        (STANDARD_HEADER + "2026-01-05;411000.0;Cash;x;12,50;;;\n", 2, "spreadsheet turned into a number"),
        (STANDARD_HEADER + "2026-01-05;4.11E+05;Cash;x;12,50;;;\n", 2, "spreadsheet turned into a number"),
        (STANDARD_HEADER + "2026-01-05; ;Cash;x;12,50;;;\n", 2, "account code is empty"),
        (STANDARD_HEADER + "2026-01-05;1000;Ca\0sh;x;12,50;;;\n", 2, "NUL byte"),
        (STANDARD_HEADER + "2026-01-05;10\x0700;Cash;x;12,50;;;\n", 2, "U+0007"),
        (STANDARD_HEADER + GOOD + STANDARD_HEADER + GOOD, 4, "header and the first line come once more"),
        (STANDARD_HEADER + GOOD + f"2026-01-05;1000;{'x' * 10_000_000};x;12,50;;;\n", 3, "longer than"),
        (STANDARD_HEADER + GOOD + LONG_QUOTE, 3, "longer than"),
        (STANDARD_HEADER + GOOD + '2026-01-05;1000;"Cash;x;12,50;;;\n' + GOOD, 3, "quoted field"),
        (STANDARD_HEADER + GOOD + '2026-01-05;1000;"Ca"sh;x;12,50;;;\n', 3, "closing quote"),
        (STANDARD_HEADER + "2026-01-05;1000;Cash;x;12,50;1,00;;\n", 2, "both a debit"),
        (STANDARD_HEADER + "2026-01-05;1000;Cash;x;;;;\n", 2, "neither a debit nor a credit"),
        (STANDARD_HEADER + GOOD + "2026-01-05;1000;Cash;x;12.50;;;\n", 3, "'12.50' is not an amount"),
        (STANDARD_HEADER + GOOD + "2026-01-05;1000;Cash;x;1,2E+05;;;\n", 3, "scientific"),
        (STANDARD_HEADER + GOOD + "2026-01-05;1000;Cash;x;NaN;;;\n", 3, "not an amount"),
        (STANDARD_HEADER + GOOD + "2026-01-05;1000;Cash;x;$ 5;;;\n", 3, "not an amount"),
        (STANDARD_HEADER + GOOD + "2026-01-05;1000;Cash;x;1,00001;;;\n", 3, "does not fit"),
        (STANDARD_HEADER + GOOD + "2026-01-05;1000;Cash;x;1000000000000000;;;\n", 3, "does not fit"),
        ("account_code;account_name;account_type\n1000;Cash;nonsense\n", 2, "not a type of account"),
        (
            STANDARD.encode() + b"2026-01-05;1000;\xc3\xa9;x;12,50;;;\n2026-01-05;1000;x\xc3",
            6,
            "in the middle of a character",
        ),
        (STANDARD.encode() + b"2026-01-05;1000;x\xc3", 5, "in the middle of a character"),
        (STANDARD.encode("utf-16")[:-1], 4, "is not utf-16"),
    ],
)
def test_csv(content: str | bytes, line: int, told: str) -> None:
    assert_refused(content, line, told)


def test_csv_of_an_encoding_given_wrongly() -> None:
    content = (STANDARD_HEADER + GOOD + GOOD.replace("Cash", "Café")).encode("cp1252")
    assert_refused(content, 3, "0xE9 is not utf-8", "--encoding", encoding="utf-8")
    curly = (STANDARD_HEADER + GOOD.replace("Cash", "l\u2019an")).encode("cp1252")
    assert_refused(curly, 2, "is the file cp1252", encoding="latin-1")


@pytest.mark.parametrize(
    ("content", "seems"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n", "picture"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), ".xls"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
        (b"<html lang='nl'>", "web page"),
        (b"<?xml version='1.0'?><AuditFile xmlns='urn:OECD:StandardAuditFile-Tax:NO_1.0'/>", "SAF-T"),
        (b"<?xml version='1.0'?><Document/>", "Document"),
        (b'{"lines": []}', "JSON"),
        (b'"EXTF";700;21;"Buchungsstapel"\n', "DATEV"),
        (b"just a letter\nwith lines\n", "no columns"),
        (b"PK\x05\x06" + bytes(18), "ZIP archive"),
    ],
)
def test_other_content_is_named(content: bytes, seems: str) -> None:
    error = refusal(content)
    assert error.code == "unknown_format"
    assert seems in error.message
    assert "XAF" in error.message


@pytest.mark.parametrize(
    "content",
    [
        f"{'x' * 100_000};b\n1;2\n",
        ";".join(f"column {number}" for number in range(10_000)) + "\n",
        f"Date{'.' * 100_000};date;account_code;amount\n",
        STANDARD_HEADER + f"2026-01-05;1000;Cash;x;{'1' * 100_000}.500;;;\n",
    ],
)
def test_a_refusal_quotes_no_more_of_a_file_than_someone_reads(content: str) -> None:
    assert len(str(refusal(content))) < 6_000


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (FEC_HEADER, 1, "nothing to import"),
        (FEC[:-30], 3, "cut off"),
        (FEC_HEADER + fec_line() + fec_line().replace("\t", "|"), 3, "separated by '|'"),
        (FEC_HEADER + fec_line(date="20260230"), 2, "'20260230' is not a day"),
        (FEC_HEADER + fec_line(date=""), 2, "EcritureDate: the date is empty"),
        (FEC_HEADER + fec_line(date="18000101"), 2, "between 1900 and 2200"),
        (FEC_HEADER + fec_line(date="janvier"), 2, "'janvier' is not a date"),
        (FEC_HEADER + fec_line(account=""), 2, "CompteNum: the account code is empty"),
        (FEC_HEADER + fec_line(account="411000.0"), 2, "turned into a number"),
        (FEC_HEADER + fec_line(account="4.11E+05"), 2, "turned into a number"),
        (FEC_HEADER + fec_line() + FEC_HEADER + fec_line(), 3, "header once more"),
        (FEC_HEADER + fec_line(label="a\0b"), 2, "NUL byte"),
        (FEC_HEADER + fec_line() + fec_line(label="x" * 10_000_000), 3, "longer than"),
        (FEC_HEADER + fec_line() + fec_line(credit="100.00"), 3, "Credit: '100.00' is not an amount"),
        (FEC_HEADER + fec_line(debit="1,00"), 2, "both a debit"),
        (FEC_HEADER + fec_line(credit="", debit=""), 2, "neither a debit"),
        (FEC_HEADER + fec_line(credit="1e5"), 2, "scientific"),
        (FEC_HEADER.replace("\tCredit", "\tAvoir") + fec_line(), 1, "lacks the column credit"),
        (FEC_HEADER.replace("PieceRef", "CompteNum") + fec_line(), 1, "twice"),
        ("JournalCode\tEcritureNum\tEcritureDate\tCompteNum\tDebit\tCredit\n", 1, "6 columns"),
        (FEC_HEADER.replace("Debit\tCredit", "Montant\tSens") + fec_line(credit="X"), 2, "neither D"),
        (FEC.encode() + fec_line(label="é").encode() + fec_line(label="é").encode("cp1252"), 5, "--encoding"),
        (FEC.encode() + fec_line(label="\x81").encode("latin-1"), 4, "--encoding"),
    ],
)
def test_fec(content: str | bytes, line: int, told: str) -> None:
    assert_refused(content, line, told)


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (XAF[:-40], 11, "cut off"),
        (XAF.replace("</trLine>", "</trline>", 1), 8, "faulty"),
        (XAF.replace("3.2", "3.1"), 1, "version 3.1"),
        (XAF.replace("http://www.auditfiles.nl/XAF/3.2", ""), 1, "another version"),
        (BOMB + PLAIN_XAF.replace("Verkoop", "&a9;"), 1, "DOCTYPE"),
        ('<!DOCTYPE auditfile SYSTEM "http://localhost/x.dtd">' + PLAIN_XAF, 1, "DOCTYPE"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + PLAIN_XAF, 1, "DOCTYPE"),
        (f"<!--{'x' * 70_000}--><!DOCTYPE auditfile []>{PLAIN_XAF}", 1, "DOCTYPE"),
        (XAF.replace("Factuur", "&nbsp;", 1), 8, "entity"),
        (XAF.replace("Factuur", "\0", 1), 8, "faulty"),
        (XAF.replace("Factuur", "x" * 11_000_000, 1), 8, "faulty"),
        (XAF.replace("2026-01-05", "2026-02-30"), 8, "'2026-02-30' is not a day"),
        (XAF.replace("2026-01-05", "05-01-2026"), 8, "not a date"),
        (XAF.replace("2026-01-05", "1967-12-31"), 7, "outside the year of the file"),
        (XAF.replace("<trDt>2026-01-05</trDt>", ""), 8, "not a date"),
        (XAF.replace("100.00", "100,00", 1), 8, "not an amount"),
        (XAF.replace("100.00", "", 1), 8, "not an amount"),
        (XAF.replace(">C<", ">X<"), 8, "neither D"),
        (XAF.replace("<accID>8000</accID><docRef>", "<docRef>"), 8, "account code is empty"),
        (XAF.replace("<accID>8000</accID><docRef>", "<accID>8.0E+03</accID><docRef>"), 8, "number"),
        (XAF.replace(XAF_HEADER, ""), 3, "startDate"),
        (XAF.replace("2026-12-31", "2025-12-31"), 3, "before it starts"),
        (XAF.replace("<header>", "<kop>").replace("</header>", "</kop>"), 1, "no header"),
        (xaf(""), None, "nothing to import"),
        (XAF.replace("UTF-8", "klingon"), 1, "faulty"),
        (XAF + XAF, 12, "faulty"),
    ],
)
def test_xaf(content: str | bytes, line: int | None, told: str) -> None:
    assert_refused(content, line, told)


def test_every_line_of_a_faulty_audit_file_is_told_of() -> None:
    error = refusal(xaf(xaf_transaction(xaf_line("x", "1e5") + xaf_line("y", side="?") + xaf_line())))
    assert [(finding.line, finding.column) for finding in error.findings] == [(8, "amnt"), (9, "amntTp")]


def test_lines_beyond_65535_are_counted() -> None:
    lines = xaf_line() * 70_000 + xaf_line(amount="x")
    assert_refused(xaf(xaf_transaction(lines)), 70_008, "'x' is not an amount")
