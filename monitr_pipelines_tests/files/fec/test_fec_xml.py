"""The FEC as XML reads like the one as text."""

from datetime import date
from decimal import Decimal

import pytest
from files_kit import FEC_HEADER, assert_refused, fec_line, read, refusal

from monitr_pipelines.ledger.periods import FiscalCalendar, FiscalYear, Month

ENTRY = (
    "<EcritureNum>1</EcritureNum><EcritureDate>2026-01-05</EcritureDate><EcritureLib>Facture 1</EcritureLib>"
    "<PieceRef>F1</PieceRef><PieceDate>2026-01-05</PieceDate><ValidDate>2026-01-31</ValidDate>\n"
)
SALE = (
    "<ligne><CompteNum>701000</CompteNum><CompteLib>Ventes</CompteLib><Debit>0.00</Debit>"
    "<Credit>100.00</Credit></ligne>\n"
)
CLIENT = (
    "<ligne><CompteNum>411000</CompteNum><CompteLib>Clients</CompteLib><CompAuxNum>C1</CompAuxNum>"
    "<CompAuxLib>Dupont</CompAuxLib><Montantdevise>110.00</Montantdevise><Idevise>USD</Idevise>"
    "<Debit>100.00</Debit><Credit>0.00</Credit></ligne>\n"
)
OPENING = (
    "<journal><JournalCode>AN</JournalCode><JournalLib>A nouveaux</JournalLib>\n"
    "<ecriture><EcritureNum>1</EcritureNum>"
    "<EcritureDate>2026-01-01</EcritureDate><EcritureLib>AN</EcritureLib><PieceRef>AN</PieceRef>\n"
    "<ligne><CompteNum>512000</CompteNum><CompteLib>Banque</CompteLib><Debit>50.00</Debit><Credit>0</Credit></ligne>"
    "<ligne><CompteNum>101000</CompteNum><CompteLib>Capital</CompteLib><Debit>0</Debit><Credit>50.00</Credit></ligne>"
    "</ecriture></journal>"
)


def xml_fec(journals: str, closing: str = "2026-12-31") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<comptabilite>\n<exercice>\n'
        f"<DateCloture>{closing}</DateCloture>\n{journals}</exercice></comptabilite>\n"
    )


def sales(entry: str = ENTRY + SALE + CLIENT) -> str:
    return (
        "<journal><JournalCode>VE</JournalCode><JournalLib>Ventes</JournalLib>\n"
        f"<ecriture>{entry}</ecriture></journal>\n"
    )


FEC_XML = xml_fec(OPENING + sales())


def test_it_reads_like_the_text() -> None:
    client = fec_line(
        account="411000", account_label="Clients", auxiliary="C1", auxiliary_label="Dupont",
        debit="100,00", credit="0,00", foreign="110,00", currency="USD",
    )  # fmt: skip
    found, text = read(xml_fec(sales())), read(FEC_HEADER + fec_line() + client)
    assert found.lines == text.lines
    assert found.file.accounts == text.file.accounts
    assert (found.file.format_name, found.file.keys_by_content) == ("FEC (XML)", False)
    assert found.file.findings == []


def test_the_opening_journal() -> None:
    opening = [line for line in read(FEC_XML).lines if line.opening]
    assert [(line.account_code, line.amount) for line in opening] == [
        ("512000", Decimal("50.00")),
        ("101000", Decimal("-50.00")),
    ]


@pytest.mark.parametrize(
    ("closing", "start_month", "first", "last"),
    [
        ("2026-12-31", 1, Month(2026, 1), Month(2026, 12)),
        ("2026-12-31T00:00:00", 1, Month(2026, 1), Month(2026, 12)),
        ("2026-03-31", 1, Month(2025, 4), Month(2026, 3)),
        ("2026-03-31", 4, Month(2025, 4), Month(2026, 3)),
    ],
)
def test_the_year_is_the_one_that_closes(closing: str, start_month: int, first: Month, last: Month) -> None:
    found = read(xml_fec(sales(), closing), calendar=FiscalCalendar(start_month))
    assert found.file.fiscal_year == FiscalYear(first, last)


def test_detailed_openings_move() -> None:
    found = read(FEC_XML.replace("2026-01-01", "2024-06-30"))
    assert {line.booking_date for line in found.lines if line.opening} == {date(2026, 1, 1)}
    assert [finding.code for finding in found.file.findings] == ["opening_moved"]


@pytest.mark.parametrize(
    "raw",
    [
        FEC_XML.replace(
            "<Debit>100.00</Debit><Credit>0.00</Credit>", "<Montant>100.00</Montant><Sens>D</Sens>"
        ).encode(),
        FEC_XML.replace("UTF-8", "iso-8859-15").encode("iso-8859-15"),
        FEC_XML.replace("2026-01-05", "2026-01-05T00:00:00").encode(),
        FEC_XML.replace(
            "<comptabilite>", '<comptabilite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        ).encode(),
    ],
)
def test_what_programs_make_of_the_format_reads_the_same(raw: bytes) -> None:
    expected = read(FEC_XML).lines
    assert [line[1:] for line in read(raw).lines] == [line[1:] for line in expected]
    assert len({line.external_id for line in read(raw).lines}) == len(expected)


def test_an_untrue_encoding_and_control_characters_are_told() -> None:
    found = read(FEC_XML.replace("Facture", "Fact\x1fé").encode("cp1252"))
    assert found.lines[2].description == "Fact é 1"
    assert [finding.code for finding in found.file.findings] == ["encoding_untrue", "control_characters"]


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (FEC_XML.replace("2026-12-31", "31 décembre"), 4, "column DateCloture"),
        (FEC_XML.replace("<DateCloture>2026-12-31</DateCloture>", ""), 5, "the date is empty"),
        (FEC_XML.replace("2026-01-05", "2026-02-30"), 9, "column EcritureDate"),
        (FEC_XML.replace("<CompteNum>701000</CompteNum>", ""), 9, "column CompteNum"),
        (FEC_XML.replace("<Credit>100.00", "<Credit>100,00"), 9, "column Credit"),
        (FEC_XML.replace("<Debit>0.00", "<Debit>1.00"), 9, "both a debit"),
        (xml_fec(sales(ENTRY)), None, "nothing to import"),
        (FEC_XML[:-20], 12, "cut off"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(content: str, line: int | None, told: str) -> None:
    assert_refused(content, line, told)


def test_other_xml_is_named() -> None:
    assert "its root is 'compta'" in refusal(FEC_XML.replace("comptabilite>", "compta>")).message
