"""The French FEC: spellings, encodings, entry numbers, opening journals."""

from datetime import date
from decimal import Decimal

import pytest
from files_kit import FEC, FEC_HEADER, fec_line, read

from monitr_pipelines.files import Mode
from monitr_pipelines.files.fec.opening import opens_the_year
from monitr_pipelines.ledger.changes import (
    FiscalYearsOfItsLines,
    MonthsOfItsLines,
    Replace,
    Upsert,
    WholeLedger,
)
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.ledger.records import Account


def test_a_line() -> None:
    found = read(
        FEC_HEADER + fec_line(auxiliary="C1", auxiliary_label="Client", foreign="110,00", currency="usd")
    )
    line = found.lines[0]
    assert line.external_id == "2026-01..2026-12/VE/1/1"
    assert line.booking == "2026-01..2026-12/VE/1"
    assert line.booking_date == date(2026, 1, 5)
    assert (line.account_code, line.amount) == ("701000", Decimal("-100.00"))
    assert (line.journal, line.document_number, line.relation) == ("VE", "F1", "Client")
    assert (line.foreign_amount, line.foreign_currency) == (Decimal("-110.00"), "USD")
    assert found.file.accounts == {"701000": Account("701000", "Ventes")}
    assert found.file.format_name == "FEC"
    assert not found.file.keys_by_content


@pytest.mark.parametrize(
    ("mode", "scope"),
    [
        (Mode.YEARS, FiscalYearsOfItsLines),
        (Mode.MONTHS, MonthsOfItsLines),
        (Mode.OVERWRITE, WholeLedger),
    ],
)
def test_scope(mode: Mode, scope: type) -> None:
    change = read(FEC, mode=mode).changes[0]
    assert isinstance(change, Replace)
    assert type(change.scope) is scope
    assert isinstance(read(FEC, mode=Mode.APPEND).changes[0], Upsert)


def test_lines_of_an_entry_are_numbered_even_when_they_stand_apart() -> None:
    text = FEC_HEADER + fec_line() + fec_line(number="2") + fec_line() + fec_line(date="20270105")
    assert [line.external_id for line in read(text).lines] == [
        "2026-01..2026-12/VE/1/1",
        "2026-01..2026-12/VE/2/1",
        "2026-01..2026-12/VE/1/2",
        "2027-01..2027-12/VE/1/1",
    ]


def test_the_year_is_that_of_the_calendar() -> None:
    calendar = FiscalCalendar(start_month=9)
    assert read(FEC, calendar=calendar).lines[0].external_id == "2025-09..2026-08/VE/1/1"


@pytest.mark.parametrize("number", ["", "0", "000"])
def test_without_entry_numbers_the_document_stands_in(number: str) -> None:
    text = (
        FEC_HEADER + fec_line(number=number) + fec_line(number=number, piece="F2") + fec_line(number=number)
    )
    assert [line.external_id for line in read(text).lines] == [
        "2026-01..2026-12/VE/20260105-F1/1",
        "2026-01..2026-12/VE/20260105-F2/1",
        "2026-01..2026-12/VE/20260105-F1/2",
    ]


@pytest.mark.parametrize(
    "text",
    [
        FEC.replace("\t", "|"),
        FEC.replace("\n", "\r\n"),
        FEC.rstrip("\n"),
        FEC.replace("\n", "\t\n"),
        FEC.replace("Idevise\n", "Idevise\t\n"),
        FEC.replace("JournalCode", "journal_code").replace("EcritureDate", "Écriture Date"),
        FEC.replace("Montantdevise", "MontantDevise").replace("CompteNum", "COMPTENUM"),
        FEC.replace("Idevise\n", "Idevise\tDateRglt\tModeRglt\tNatOp\tIdClient\n").replace(
            "\t\t\n", "\t\t\t\t\t\t\n"
        ),
        FEC.replace("100,00", "0000000100,00"),
        FEC.replace("100,00", "100.00").replace("0,00", "0.00"),
        FEC.replace("0,00\t100,00", "\t100,00"),
        FEC.replace("100,00", "     100,00   "),
        FEC.replace("VE", "VE  ").replace("701000", "701000  "),
        FEC.replace("20260105", "05/01/2026"),
        FEC.replace("20260105", "2026-01-05"),
        FEC.replace("Debit\tCredit", "Montant\tSens")
        .replace("0,00\t100,00", "100,00\tC")
        .replace("100,00\t0,00", "100,00\tD"),
        FEC.replace("Debit\tCredit", "Montant\tSens")
        .replace("0,00\t100,00", "100,00\t-1")
        .replace("100,00\t0,00", "100,00\t+1"),
        "\n".join('"' + line.replace("\t", '"\t"') + '"' for line in FEC.rstrip("\n").split("\n")),
        "\ufeff" + FEC,
    ],
)
def test_what_software_makes_of_the_format_reads_the_same(text: str) -> None:
    assert read(text).lines == read(FEC).lines


def test_a_quote_in_a_label_is_a_character() -> None:
    assert read(FEC_HEADER + fec_line(label='"Le Zinc')).lines[0].description == '"Le Zinc'


def test_thousands_blanks_are_tolerated() -> None:
    assert read(FEC_HEADER + fec_line(credit="1 234 567,80")).lines[0].amount == Decimal("-1234567.80")


def test_signed_amounts() -> None:
    assert read(FEC_HEADER + fec_line(credit="-12,50")).lines[0].amount == Decimal("12.50")


@pytest.mark.parametrize(
    ("encoding", "label", "told"),
    [
        ("utf-8", "Été à 5 €", "utf-8"),
        ("cp1252", "Été à 5 €", "cp1252"),
        ("cp1252", "l\u2019été", "cp1252"),
        ("iso-8859-15", "Été à 5 €", "iso-8859-15"),
        ("iso-8859-15", "Œuvre cœur", "iso-8859-15"),
        ("latin-1", "Été", "cp1252"),
    ],
)
def test_encodings(encoding: str, label: str, told: str) -> None:
    found = read((FEC_HEADER + fec_line(label=label)).encode(encoding))
    assert found.lines[0].description == label
    assert found.file.interpretation["encoding"].startswith(f"{told} (")


@pytest.mark.parametrize(
    ("code", "label", "opening"),
    [
        ("AN", "OD54", True),
        ("ano", "A nouveaux", True),
        ("A-N", "", True),
        ("A.N.", "", True),
        ("RAN", "", True),
        ("OUV", "", True),
        ("X", "À nouveaux", True),
        ("X", "A-NOUVEAU", True),
        ("X", "Reports à nouveau", True),
        ("X", "Journal des à-nouveaux", True),
        ("X", "Bilan d'ouverture", True),
        ("X", "Bilan d\u2019ouverture", True),
        ("X", "OUVERTURE", True),
        ("X", "A nouveaux 2026", True),
        ("VE", "Beaujolais nouveau", False),
        ("VE", "Ventes nouveaux clients", False),
        ("AC", "Frais d'ouverture de compte", False),
        ("ANT", "Antilles", False),
        ("BAN", "Banque", False),
        ("REN", "Renouveau", False),
    ],
)
def test_opening_journals(code: str, label: str, opening: bool) -> None:  # noqa: FBT001 - a table of cases
    assert opens_the_year(code, label) is opening
    assert read(FEC_HEADER + fec_line(journal=code, journal_label=label)).lines[0].opening is opening
