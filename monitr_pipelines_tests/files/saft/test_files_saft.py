"""The Portuguese SAF-T 1.04_01: the demonstration of the tax authority, and variants of a small one."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from common_kit import reference
from files_kit import assert_refused, read, refusal

from monitr_pipelines.files import Mode
from monitr_pipelines.ledger.changes import Dates, Replace, Upsert, WholeLedger
from monitr_pipelines.ledger.periods import FiscalYear, Month
from monitr_pipelines.ledger.records import AccountType

DEMONSTRATION = "SAFT_IDEMO599999999_v1.04.xml"


def account(code: str, opening: str = "", closing: str = "", category: str = "GM") -> str:
    """An account; `opening` and `closing` are amounts, negative for credit."""
    sides = "".join(
        f"<{which}DebitBalance>{'0' if amount.startswith('-') else amount}</{which}DebitBalance>"
        f"<{which}CreditBalance>{amount[1:] if amount.startswith('-') else '0'}</{which}CreditBalance>"
        for which, amount in (("Opening", opening or "0"), ("Closing", closing or "0"))
    )
    return (
        f"<Account><AccountID>{code}</AccountID><AccountDescription>Conta {code}</AccountDescription>{sides}"
        f"<GroupingCategory>{category}</GroupingCategory></Account>\n"
    )


def line(side: str, code: str, amount: str, number: str = "1") -> str:
    return (
        f"<{side}Line><RecordID>{number}</RecordID><AccountID>{code}</AccountID><Description>Linha</Description>"
        f"<{side}Amount>{amount}</{side}Amount></{side}Line>\n"
    )


def transaction(
    lines: str, number: str = "2025-02-10 VND 1", day: str = "2025-02-10", period: str = "2"
) -> str:
    return (
        f"<Transaction><TransactionID>{number}</TransactionID><Period>{period}</Period>"
        f"<TransactionDate>{day}</TransactionDate><Description>Venda</Description>"
        f"<DocArchivalNumber>7</DocArchivalNumber><TransactionType>N</TransactionType>"
        f"<GLPostingDate>2025-03-01</GLPostingDate><CustomerID>C1</CustomerID>\n<Lines>{lines}</Lines></Transaction>\n"
    )


ACCOUNTS = (
    account("12", "100.00", "150.00", "GR")
    + account("121", "100.00", "150.00")
    + account("51", "-100.00", "-100.00")
    + account("711", "", "-50.00")
)
SALE = line("Debit", "121", "50.00") + line("Credit", "711", "50.00", "2")


def saft(transactions: str, accounts: str = ACCOUNTS, totals: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01">\n'
        "<Header><FiscalYear>2025</FiscalYear><StartDate>2025-01-01</StartDate>"
        "<EndDate>2025-12-31</EndDate><CurrencyCode>EUR</CurrencyCode></Header>\n"
        f"<MasterFiles><GeneralLedgerAccounts>{accounts}</GeneralLedgerAccounts>"
        "<Customer><CustomerID>C1</CustomerID><CompanyName>Silva</CompanyName></Customer></MasterFiles>\n"
        f"<GeneralLedgerEntries>{totals}<Journal><JournalID>VND</JournalID><Description>Vendas</Description>\n"
        f"{transactions}</Journal></GeneralLedgerEntries></AuditFile>\n"
    )


SAFT = saft(transaction(SALE))


def test_the_demonstration_of_the_tax_authority() -> None:
    found = read(reference("data", "saft", "pt_idemo_invoices", DEMONSTRATION).read_bytes())
    moves = [one for one in found.lines if not one.opening]
    assert len(moves) == 165
    assert len({one.booking for one in moves}) == 52
    assert sum(one.amount for one in moves if one.amount > 0) == Decimal("370502.414")
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    for one in moves:
        sums[one.booking] += one.amount
    assert set(sums.values()) == {Decimal(0)}
    assert len(found.file.accounts) == 57
    assert found.file.fiscal_year == FiscalYear(Month(2017, 2), Month(2018, 1))
    differ = (
        "1421 (0.00 / 100.00), 2432131 (10.80 / 0.00), 243421 (-21.47 / 0.00), 4158 (0.00 / 2000.00), 51.1 "
    )
    assert [finding.code for finding in found.file.findings] == ["balances_differ"]
    assert f"(5): {differ}" in found.file.findings[0].message
    assert "Gravatas Belinha, Lda." in {one.name for one in found.file.accounts.values()}


def test_a_line() -> None:
    found = read(SAFT)
    opening, capital, bank, sale = found.lines
    assert (opening.account_code, opening.amount, opening.opening) == ("121", Decimal("100.00"), True)
    assert (capital.booking, capital.booking_date, capital.amount) == (
        "opening",
        date(2025, 1, 1),
        Decimal("-100.00"),
    )
    assert bank.external_id == "2025-01-01..2025-12-31/VND/2025-02-10 VND 1/1"
    assert (sale.booking_date, sale.amount, sale.account_code) == (
        date(2025, 2, 10),
        Decimal("-50.00"),
        "711",
    )
    assert (sale.journal, sale.period, sale.document_number, sale.line_number) == ("VND", "2", "7", "2")
    assert (sale.relation, sale.description) == ("Silva", "Linha")
    kinds = {code: one.type for code, one in found.file.accounts.items()}
    assert kinds == {
        "121": AccountType.BALANCE_SHEET,
        "51": AccountType.BALANCE_SHEET,
        "711": AccountType.PROFIT_AND_LOSS,
    }
    assert found.file.findings == []


def test_scopes() -> None:
    year = read(SAFT).changes[0]
    assert isinstance(year, Replace)
    assert year.scope == Dates(date(2025, 1, 1), date(2026, 1, 1))
    whole = read(SAFT, mode=Mode.OVERWRITE).changes[0]
    assert isinstance(whole, Replace)
    assert isinstance(whole.scope, WholeLedger)
    assert isinstance(read(SAFT, mode=Mode.APPEND).changes[0], Upsert)


@pytest.mark.parametrize(
    "raw",
    [
        SAFT.replace("utf-8", "Windows-1252").replace("Silva", "Conceição").encode("cp1252"),
        SAFT.replace("<", "<n:")
        .replace("<n:/", "</n:")
        .replace("<n:?", "<?")
        .replace("xmlns=", "xmlns:n=")
        .replace("Silva", "Conceição")
        .encode(),
        SAFT.replace("Silva", "Conceição").replace("utf-8", "utf-16").encode("utf-16"),
    ],
)
def test_encodings_and_prefixes_make_no_difference(raw: bytes) -> None:
    found = read(raw)
    assert [one.relation for one in found.lines[2:]] == ["Conceição"] * 2
    assert found.file.findings == []


def test_what_differs_or_was_moved_is_told_once() -> None:
    totals = (
        "<NumberOfEntries>1</NumberOfEntries><TotalDebit>51.00</TotalDebit><TotalCredit>50.00</TotalCredit>"
    )
    early = transaction(SALE, "2024-12-30 VND 2", "2024-12-30", "1")
    found = read(saft(transaction(SALE) + early, totals=totals))
    assert {one.booking_date for one in found.lines[4:]} == {date(2025, 1, 1)}
    assert [finding.code for finding in found.file.findings] == [
        "control_total_debit",
        "control_total_credit",
        "balances_differ",
        "days_moved",
    ]


def test_an_untrue_encoding_and_control_characters_are_told() -> None:
    found = read(SAFT.replace("Silva", "Conceição").replace("Linha", "Li\x1fnha").encode("cp1252"))
    assert (found.lines[2].relation, found.lines[2].description) == ("Conceição", "Li nha")
    assert [finding.code for finding in found.file.findings] == ["encoding_untrue", "control_characters"]


def test_a_line_on_an_account_that_adds_up_others_is_kept() -> None:
    found = read(saft(transaction(SALE.replace("121", "12"))))
    assert found.file.accounts["12"].name == "Conta 12"


@pytest.mark.parametrize(
    ("content", "line_number", "told"),
    [
        (SAFT.replace("2025-02-10</TransactionDate>", "10-02-2025</TransactionDate>"), 11, "not a date"),
        (SAFT.replace(">50.00</Debit", ">50,00</Debit"), 11, "not an amount"),
        (
            SAFT.replace("<AccountID>711</AccountID><Description>", "<Description>"),
            12,
            "account code is empty",
        ),
        (SAFT.replace("2025-12-31", "2024-12-31"), 3, "before it starts"),
        (saft("", accounts=""), None, "nothing to import"),
        (SAFT[:-40], 14, "cut off"),
        (SAFT.replace("<AuditFile", "<!DOCTYPE AuditFile [<!ENTITY a 'b'>]><AuditFile"), 1, "DOCTYPE"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(content: str, line_number: int | None, told: str) -> None:
    assert_refused(content, line_number, told)


@pytest.mark.parametrize(
    "namespace",
    [
        "urn:StandardAuditFile-Taxation-Financial:NO",
        "urn:OECD:StandardAuditFile-Taxation/2.00",
        "urn:OECD:StandardAuditFile-Tax:PT_1.03_01",
        "",
    ],
)
def test_of_other_countries_and_versions_the_name_is_told(namespace: str) -> None:
    error = refusal(SAFT.replace("urn:OECD:StandardAuditFile-Tax:PT_1.04_01", namespace))
    assert error.code == "unknown_format"
    assert f"SAF-T audit file of another country or version (namespace '{namespace}')" in error.message
