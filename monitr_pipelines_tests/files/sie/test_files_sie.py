"""The Swedish SIE 4: real files against their own balances, and what programs make of the format."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from common_kit import reference
from files_kit import Read, assert_refused, read, refusal

from monitr_pipelines.files import Mode
from monitr_pipelines.ledger.changes import Dates, FiscalYearsOfItsLines, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.periods import FiscalYear, Month
from monitr_pipelines.ledger.records import AccountType, AxisValue

HEAD = (
    '#FLAGGA 0\n#PROGRAM "Bokföring" 1.0\n#FORMAT PC8\n#GEN 20260301\n#SIETYP 4\n#FNAMN "Övning AB"\n'
    "#RAR 0 20250701 20260630\n#RAR -1 20240701 20250630\n"
)
MASTER = (
    '#KONTO 1510 "Kundfordringar"\n#KONTO 1930 Bank\n#KONTO 2081 "Aktiekapital"\n#KONTO 3001 "Försäljning"\n'
    '#DIM 1 "Kostnadsställe"\n#OBJEKT 1 10 "Göteborg"\n'
    "#IB 0 1930 100.00\n#IB -1 1930 7.00\n#IB 0 2081 -100.00\n#UB 0 1930 150.00\n#UB 0 2081 -100\n"
    "#RES 0 3001 -50.00\n"
    "#RES -1 3001 -9.00\n"
)
VERIFICATION = (
    '#VER A 1 20250805 "Sälj \\"kontant\\"" 20250806\n{\n#TRANS 1930 {} 50.00\n'
    '#TRANS 3001 {1 "10" 6 P1} -50.00 20250804 "Rad å" 2\n}\n'
)
SIE = HEAD + MASTER + VERIFICATION


def sie(text: str, written: str = "cp437", **given: object) -> Read:
    return read(text.encode(written), **given)


@pytest.mark.parametrize(
    ("name", "accounts", "vouchers", "count", "closing", "axes"),
    # Of the 177 verifications of the last, three have no lines.
    [
        ("Test4.SE", 81, 167, 1464, "-718781.23", 0),
        ("MAMUT_SIE4_EXPORT.SE", 412, 168, 458, "10219647.90", 391),
        ("typ4.se", 299, 81, 287, "-28073.88", 9),
        ("Bokslut_Norstedts_SIE_4E.se", 351, 174, 678, "1094488.11", None),
    ],
)
def test_real_files(
    *, name: str, accounts: int, vouchers: int, count: int, closing: str, axes: int | None
) -> None:
    found = read(reference("data", "sie", "jsisie_test_files", name).read_bytes())
    moves = [line for line in found.lines if not line.opening]
    assert len(moves) == count
    assert len({line.booking for line in moves}) == vouchers
    assert len({line.external_id for line in found.lines}) == len(found.lines)
    assert len(found.file.accounts) == accounts
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    balance_sheet = result = Decimal(0)
    for line in found.lines:
        sums[line.booking] += line.amount
        if found.file.accounts[line.account_code].type is AccountType.BALANCE_SHEET:
            balance_sheet += line.amount
        else:
            result += line.amount
    assert set(sums.values()) == {Decimal(0)}
    # No finding: opening and verifications make the closing balance and the result of every account.
    assert found.file.findings == []
    assert (balance_sheet, result) == (Decimal(closing), -Decimal(closing))
    if axes is not None:
        assert sum(bool(line.axes) for line in moves) == axes
    assert "?" not in "".join(account.name for account in found.file.accounts.values())


def test_a_line() -> None:
    found = sie(SIE)
    opening, capital, bank, sale = found.lines
    assert (opening.booking, opening.booking_date, opening.opening) == ("opening", date(2025, 7, 1), True)
    assert (opening.account_code, opening.amount, capital.amount) == (
        "1930",
        Decimal("100.00"),
        Decimal("-100.00"),
    )
    assert sale.external_id == "2025-07-01..2026-06-30/A/1/2"
    assert (sale.booking, sale.journal, sale.document_number) == ("2025-07-01..2026-06-30/A/1", "A", "1")
    assert (sale.booking_date, sale.amount) == (date(2025, 8, 5), Decimal("-50.00"))
    assert (bank.description, sale.description) == ('Sälj "kontant"', "Rad å")
    assert sale.axes == (("Kostnadsställe", "10"), ("project", "P1"))
    assert found.file.axes == {
        AxisValue("Kostnadsställe", "10", "Göteborg"),
        AxisValue("project", "P1", "P1"),
    }
    assert found.file.accounts["3001"].name == "Försäljning"
    assert found.file.accounts["3001"].type is AccountType.PROFIT_AND_LOSS
    assert found.file.fiscal_year == FiscalYear(Month(2025, 7), Month(2026, 6))
    assert found.file.findings == []


def test_scopes() -> None:
    year = sie(SIE).changes[0]
    assert isinstance(year, Replace)
    assert year.scope == Dates(date(2025, 7, 1), date(2026, 7, 1))
    whole = sie(SIE, mode=Mode.OVERWRITE).changes[0]
    assert isinstance(whole, Replace)
    assert isinstance(whole.scope, WholeLedger)
    assert isinstance(sie(SIE, mode=Mode.APPEND).changes[0], Upsert)


def test_a_file_for_import_has_no_year() -> None:
    found = sie(SIE.replace("#RAR", "#KPTYP").replace("#SIETYP 4", "#SIETYP 4I"))
    assert [line.opening for line in found.lines] == [False, False]
    assert found.file.fiscal_year is None
    change = found.changes[0]
    assert isinstance(change, Replace)
    assert isinstance(change.scope, FiscalYearsOfItsLines)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
def test_a_file_that_is_not_pc8_is_told_and_read(encoding: str) -> None:
    found = sie(SIE, encoding)
    assert found.lines == sie(SIE).lines
    assert found.file.accounts == sie(SIE).file.accounts
    assert [finding.code for finding in found.file.findings] == ["encoding_untrue"]


def test_the_encoding_that_was_given_holds() -> None:
    found = sie(SIE, "cp850", encoding="cp850")
    assert found.lines == sie(SIE).lines
    assert found.file.findings == []


@pytest.mark.parametrize(
    "text",
    [
        SIE.replace("\n", "\r\n"),
        SIE.replace(" ", "\t").replace("Rad\tå", "Rad å").replace('Sälj\t\\"', 'Sälj \\"'),
        SIE.replace("#", "  #").replace("#TRANS", "#trans"),
        SIE.replace("\n#", "\n\n#"),
        SIE.replace(
            "#TRANS 1930 {} 50.00", '#RTRANS 1930 {} 50.00\n#TRANS 1930 {} 50.00\n#BTRANS 1930 {} 9.00 "x"'
        ),
        SIE.replace("50.00", "50"),
        SIE.replace(
            "#UB", "#OIB 0 1930 {1 10} 100.00\n#OUB 0 1930 {1 10} 5.00\n#PSALDO 0 202507 1930 {} 5.00\n#UB", 1
        ),
        SIE.replace("#FLAGGA 0\n", ""),
        SIE.replace('"Kundfordringar"', '"Kundfordringar"\n#SRU 1510 7251\n#ENHET 1510 st\n#UNKNOWN x'),
    ],
)
def test_what_programs_make_of_the_format_reads_the_same(text: str) -> None:
    found = sie(text)
    assert found.lines == sie(SIE).lines
    assert found.file.findings == []


def test_verifications_without_a_number_stay_apart() -> None:
    bare = VERIFICATION.replace("#VER A 1", '#VER A ""')
    found = sie(HEAD + bare + bare)
    assert len({line.booking for line in found.lines}) == 2
    assert len({line.external_id for line in found.lines}) == 4


def test_balances_that_its_lines_do_not_make_are_told() -> None:
    found = sie(SIE.replace("#UB 0 1930 150.00", "#UB 0 1930 151.00"))
    assert [(finding.code, finding.message) for finding in found.file.findings] == [
        (
            "balances_differ",
            "balances that the file states differ from what its lines make (1): 1930 (151.00 / 150.00)",
        )
    ]


def test_types_come_from_what_the_file_says_of_an_account() -> None:
    found = sie(SIE.replace("#KONTO 1930 Bank", "#KONTO 1930 Bank\n#KTYP 1510 K").replace("3001", "8999"))
    kinds = {code: account.type for code, account in found.file.accounts.items()}
    assert kinds["1510"] is AccountType.PROFIT_AND_LOSS
    assert (kinds["1930"], kinds["8999"]) == (AccountType.BALANCE_SHEET, AccountType.PROFIT_AND_LOSS)


def test_a_day_outside_the_year_is_counted_in_it() -> None:
    found = sie(SIE + VERIFICATION.replace("A 1 20250805", "A 2 20250628"))
    assert found.lines[-1].booking_date == date(2025, 7, 1)
    assert "days_moved" in [finding.code for finding in found.file.findings]


def test_control_characters_in_labels_are_blanks_and_in_codes_refused() -> None:
    found = sie(SIE.replace("Rad å", "Rad\x01å"))
    assert found.lines[-1].description == "Rad å"
    assert [finding.code for finding in found.file.findings] == ["control_characters"]
    assert_refused(SIE.replace("#VER A 1", "#VER A 1\x02").encode("cp437"), 22, "U+0002")


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (SIE.replace("#SIETYP 4", "#SIETYP 1"), 5, "type '1', which holds balances alone"),
        (SIE.replace("#SIETYP 4", "#SIETYP 3"), 5, "export type 4"),
        (SIE.replace("20250701", "20251301"), 7, "not a day of the calendar"),
        (SIE.replace("20250701", "20270701"), 7, "before it starts"),
        (SIE.replace("20250805", "2025-08-05"), 22, "not a date written"),
        (SIE.replace("50.00 20250804", "50,00"), 25, "not an amount"),
        (SIE.replace("#TRANS 1930 {} 50.00", "#TRANS"), 24, "account code is empty"),
        (SIE.rstrip("}\n"), 22, "not closed"),
        (SIE.replace("{\n#TRANS", "#TRANS"), 23, "in no verification"),
        (HEAD, None, "nothing to import"),
        (SIE.replace('"Rad å"', f'"{"x" * 1_100_000}"'), 25, "longer than"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int | None, told: str) -> None:
    assert_refused(text.encode("cp437"), line, told)


def test_a_text_that_only_begins_like_one_is_no_sie_file() -> None:
    assert refusal(b"#1 list\nof things\n").code == "unknown_format"
