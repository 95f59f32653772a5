"""Columns are proposed by the headers that programs write, with the first rows beside them."""

import io
import json
import re
from decimal import Decimal

import pytest
from files_kit import read, refusal, settings, typed_words, workbook

from monitr_pipelines.files.reading.problems import NeedsAnswer
from monitr_pipelines.files.tables.proposals import proposed_columns
from monitr_pipelines.importing.preview import preview

HEADERS = {
    "nl": ("Boekdatum;Grootboekrekening;Omschrijving;Debet;Credit;Dagboek", "05-01-2024;1000;Kas;10,50;;MEM"),
    "fr": (
        "Journal;Date;Compte;Intitulé du compte;Libellé;Débit;Crédit",
        "AN;05/01/2024;512;Banque;x;10,50;",
    ),
    "de": ("Buchungsdatum;Konto;Buchungstext;Betrag;S/H", "05.01.2024;1000;Kasse;10,50;S"),
    "en": ("Posting Date;G/L Account;Account Description;Amount", "2024-01-25;1000;Cash;10.50"),
}
RIGHT = {
    "nl": {
        "date": "Boekdatum", "account_code": "Grootboekrekening", "description": "Omschrijving",
        "debit": "Debet", "credit": "Credit", "journal": "Dagboek",
    },
    "fr": {
        "date": "Date", "account_code": "Compte", "account_name": "Intitulé du compte",
        "description": "Libellé", "debit": "Débit", "credit": "Crédit", "journal": "Journal",
    },
    "de": {
        "date": "Buchungsdatum", "account_code": "Konto", "description": "Buchungstext", "amount": "Betrag",
        "side": "S/H",
    },
    "en": {
        "date": "Posting Date", "account_code": "G/L Account", "account_name": "Account Description",
        "amount": "Amount",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(HEADERS))
def test_headers_are_proposed_and_what_is_printed_answers(language: str) -> None:
    header, first = HEADERS[language]
    content = f"{header}\n{first}\n"
    found = refusal(content)
    assert isinstance(found, NeedsAnswer)
    assert dict(found.proposed) == RIGHT[language]
    written = re.search(r"--columns '([^']*)'", typed_words(found))
    assert written is not None
    more = {"date_format": "DD-MM-YYYY"} if language == "nl" else {}
    more = {"date_format": "DD/MM/YYYY"} if language == "fr" else more
    more = {"date_format": "DD.MM.YYYY"} if language == "de" else more
    lines = read(content, columns=json.loads(written[1]), **more).lines
    assert [line.amount for line in lines] == [Decimal("10.50")]


def test_the_first_rows_stand_beside_each_proposal() -> None:
    rows = "".join(f"2024-01-0{day};100{day};1,50\n" for day in range(1, 6))
    (asked,) = _asked(f"Datum;Rekening;Bedrag\n{rows}").questions
    assert asked.values["proposed"] == (
        "date = Datum (2024-01-01, 2024-01-02, 2024-01-03); account_code = Rekening (1001, 1002, 1003); "
        "amount = Bedrag (1,50, 1,50, 1,50)"
    )


def test_a_workbook_and_the_wizard_get_them_too() -> None:
    content = workbook(["Datum", "Konto", "Betrag"], ["2024-01-05", "1000", 5])
    seen = preview(io.BytesIO(content), settings())
    assert seen.proposed == {"date": "Datum", "account_code": "Konto", "amount": "Betrag"}
    assert seen.headers == ("Datum", "Konto", "Betrag")


def test_what_is_not_enough_is_asked_as_before_with_what_is_likely() -> None:
    found = _asked("Datum;Nummer;Bedrag\n2024-01-05;1000;1,00\n")
    assert [asked.kind for asked in found.questions] == ["columns"]
    assert dict(found.proposed) == {"date": "Datum", "amount": "Bedrag"}


def test_a_header_that_comes_twice_is_left_to_the_user() -> None:
    assert "date" not in _asked("Datum;Datum;Konto;Betrag\n2024-01-05;2024-01-05;1;1,00\n").proposed


def test_an_apostrophe_in_a_header_does_not_end_the_option() -> None:
    found = _asked("Date d'écriture;Compte;Montant\n2024-01-05;512;1,00\n")
    written = re.search(r"--columns '([^']*)'", typed_words(found))
    assert written is not None
    assert json.loads(written[1])["date"] == "Date d'écriture"


def _asked(content: str) -> NeedsAnswer:
    found = refusal(content)
    assert isinstance(found, NeedsAnswer)
    return found


def test_a_chart_of_accounts_is_proposed_where_nothing_is_of_a_booking() -> None:
    chart = {"account_code": "code", "account_name": "name"}
    assert proposed_columns(["id", "name", "code", "account_type", "tag_ids"]) == chart
    assert proposed_columns(["Code", "Libellé"]) == {"account_code": "Code", "account_name": "Libellé"}
    assert proposed_columns(["code", "name", "date", "bedrag"])["relation"] == "name"
    assert "account_code" not in proposed_columns(["code", "code", "name"])


@pytest.mark.parametrize(
    "header", ["Stuknummer", "Stuknr.", "Documentnr", "N° pièce", "Numéro pièce", "Voucher no"]
)
def test_numbers_of_vouchers_are_documents(header: str) -> None:
    assert proposed_columns(["Datum", header])["document_number"] == header
