"""Openings of a Dutch audit file: in a section, in a journal, in both, in a journal that holds everything."""

from decimal import Decimal

import pytest
from common_kit import reference
from files_kit import Read, read, refusal, xaf, xaf_line, xaf_transaction

SECTION = (
    "<openingBalance><opBalDate>2026-01-01</opBalDate>"
    "<obLine><nr>1</nr><accID>1300</accID><amnt>8.00</amnt><amntTp>D</amntTp></obLine>"
    "<obLine><nr>2</nr><accID>0800</accID><amnt>5.00</amnt><amntTp>C</amntTp></obLine>"
    "<obLine><nr>3</nr><accID>0900</accID><amnt>3.00</amnt><amntTp>C</amntTp></obLine></openingBalance>"
)
REPEATED = xaf_line("1300", "8.00", "D") + xaf_line("0800", "5.00") + xaf_line("0900", "3.00")
SALE = xaf_transaction(xaf_line() + xaf_line("1300", side="D"), "9", "2026-03-10")


def journal(code: str, kind: str, transactions: str) -> str:
    return f"</journal><journal><jrnID>{code}</jrnID><jrnTp>{kind}</jrnTp>{transactions}"


def opening(lines: str = REPEATED, *, number: str = "1", day: str = "2026-01-01", period: str = "1") -> str:
    text = xaf_transaction(lines, number, day)
    return text.replace("<periodNumber>1<", f"<periodNumber>{period}<")


def balances(found: Read, *, openings: bool | None = None) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for line in found.lines:
        if openings is None or line.opening is openings:
            sums[line.account_code] = sums.get(line.account_code, Decimal(0)) + line.amount
    return sums


def codes(found: Read) -> list[str]:
    return [finding.code for finding in found.file.findings]


ONCE = {
    "1300": Decimal("108.00"),
    "0800": Decimal("-5.00"),
    "0900": Decimal("-3.00"),
    "8000": Decimal("-100.00"),
}


@pytest.mark.parametrize(
    "repeated",
    [
        journal("BEG", "O", opening()),
        journal(
            "BEG",
            "O",
            opening(xaf_line("1300", "8.00", "D"))
            + opening(xaf_line("0800", "5.00") + xaf_line("0900", "3.00"), number="2"),
        ),
        journal("MEM", "M", opening(period="0")),
        journal(
            "MEM",
            "M",
            opening(xaf_line("1300", "8.00", "D"), period="0")
            + opening(xaf_line("0800", "5.00") + xaf_line("0900", "3.00"), number="2", period="0"),
        ),
        journal("MEM", "M", opening(REPEATED.replace("Factuur", "Beginbalans 2026"))),
        journal("MEM", "Z", opening()),
        journal("BEG", "O", opening(day="2025-12-31", period="0")),
        journal("ALL", "O", opening() + xaf_transaction(xaf_line("8000", "0.00"), "7", "2026-04-01")),
    ],
)
def test_an_opening_that_a_journal_states_again_is_counted_once(repeated: str) -> None:
    found = read(xaf(SALE + repeated, before=SECTION))
    assert balances(found) == ONCE
    assert "opening_twice" in codes(found)
    assert "is counted once, and 3 lines are left out" in " ".join(map(str, found.file.findings))


def test_a_journal_of_type_o_alone_is_the_opening() -> None:
    found = read(xaf(SALE + journal("BEG", "O", opening())))
    assert balances(found) == ONCE
    assert balances(found, openings=True) == {name: ONCE[name] for name in ("0800", "0900")} | {
        "1300": Decimal("8.00")
    }
    assert codes(found) == []


def test_one_journal_of_type_o_that_holds_everything_is_an_ordinary_one() -> None:
    everything = opening(period="0") + xaf_transaction(
        xaf_line() + xaf_line("1300", side="D"), "9", "2026-03-10"
    )
    found = read(xaf(journal("ALL", "O", everything)))
    assert balances(found) == ONCE
    assert balances(found, openings=False) == {"1300": Decimal("100.00"), "8000": Decimal("-100.00")}
    assert codes(found) == ["opening_journal_ordinary"]


def test_a_journal_of_type_o_with_a_year_of_sales_opens_nothing() -> None:
    sales = "".join(
        xaf_transaction(xaf_line() + xaf_line("1300", side="D"), str(month), f"2026-{month:02}-01")
        for month in range(1, 13)
    )
    found = read(xaf(journal("ALL", "O", sales)))
    assert [line.opening for line in found.lines] == [False] * 24
    assert codes(found) == ["opening_journal_ordinary"]


def test_entries_of_the_first_day_that_repeat_nothing_stay_as_they_are() -> None:
    first_day = xaf_transaction(xaf_line() + xaf_line("1300", side="D"), "9", "2026-01-01")
    found = read(xaf(first_day, before=SECTION))
    assert balances(found) == ONCE
    assert balances(found, openings=False) == {"1300": Decimal("100.00"), "8000": Decimal("-100.00")}
    assert codes(found) == []


def test_an_invoice_that_happens_to_equal_a_small_opening_is_counted() -> None:
    small = SECTION.replace("8.00", "5.00").replace("3.00", "0.00")
    lines = xaf_line("1300", "5.00", "D") + xaf_line("0800", "5.00")
    found = read(xaf(xaf_transaction(lines, day="2026-01-01"), before=small))
    assert balances(found)["1300"] == Decimal("10.00")


def test_an_opening_that_contradicts_the_section_is_refused_with_its_accounts() -> None:
    other = REPEATED.replace("8.00", "9.00").replace("3.00", "4.00")
    error = refusal(xaf(SALE + journal("BEG", "O", opening(other)), before=SECTION))
    assert "0900 (-3.00 / -4.00), 1300 (8.00 / 9.00)" in str(error.findings[0])


def test_an_opening_entry_that_adds_to_the_section_is_counted_and_told() -> None:
    more = xaf_line("0900", "3.00", "D") + xaf_line("0800", "3.00")
    found = read(xaf(SALE + journal("BEG", "O", opening(more)), before=SECTION))
    assert balances(found, openings=True) == {
        "1300": Decimal("8.00"),
        "0800": Decimal("-8.00"),
        "0900": Decimal(0),
    }
    assert codes(found) == ["opening_added"]


def test_an_opening_too_long_to_be_held_is_what_its_journal_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitr_pipelines.files.audit.openings.MOST_HELD", 2)
    found = read(xaf(SALE + journal("BEG", "O", opening() + opening(number="2"))))
    assert [line.opening for line in found.lines] == [False] * 2 + [True] * 6
    assert codes(found) == []


@pytest.mark.parametrize(
    ("name", "account", "amount", "openings"),
    [
        ("01_opening_stated_twice.xaf", "1100", "1700.00", 3),
        ("10_opening_holds_result_accounts.xaf", "8000", "-350.00", 3),
        ("11_date_before_year_of_file.xaf", "8000", "-171.00", 2),
    ],
)
def test_inputs_that_were_read_wrongly(name: str, account: str, amount: str, openings: int) -> None:
    found = read(reference("inputs", name).read_bytes())
    assert balances(found)[account] == Decimal(amount)
    assert sum(line.opening for line in found.lines) == openings
    assert {line.booking_date.year for line in found.lines} == {2024}
