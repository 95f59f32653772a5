"""Which column probably holds what, by the headers that programs write in Dutch, French, German and English.

It is a proposal, never taken for granted: the question which column is which shows it with the first rows
beside it, and whoever imports the file confirms it.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from itertools import islice

from monitr_pipelines.files.reading.headers import listed, plain_name, short
from monitr_pipelines.files.reading.problems import NeedsAnswer, Question, QuietProblems
from monitr_pipelines.files.reading.records import RecordSource
from monitr_pipelines.files.tables.layout import recognise
from monitr_pipelines.ledger.wording import cut
from monitr_pipelines.lifecycle.messages import Answer, Option

# The likelier headers of each column come first.
HEADERS = {
    "date": """
        boekdatum, boekingsdatum, datum boeking, date comptable, date ecriture, date d'ecriture, date
        d'operation, buchungsdatum, posting date, booking date, transaction date, entry date, gl date,
        datum, date, belegdatum
    """,
    "account_code": """
        grootboekrekening, grootboekrekeningnummer, grootboeknummer, grootboek, rekeningnummer,
        rekeningnr, rekeningcode, rekening, numero de compte, numero compte, n° de compte, n° compte, no
        compte, compte general, compte comptable, compte, sachkonto, kontonummer, kontonr, konto nr,
        konto, gl account, g/l account, general ledger account, account number, account no, account nr,
        account code, nominal code, ledger account, account
    """,
    "account_name": """
        grootboekrekening naam, grootboekrekening omschrijving, grootboekomschrijving, omschrijving
        grootboekrekening, omschrijving rekening, rekeningomschrijving, rekeningnaam, naam rekening,
        naam grootboekrekening, intitule du compte, intitule compte, intitule, libelle du compte,
        libelle compte, nom du compte, kontobezeichnung, kontoname, bezeichnung, account name, account
        description, gl account name, nominal name
    """,
    "description": """
        omschrijving boeking, boekingsomschrijving, omschrijving, libelle ecriture, libelle de
        l'ecriture, libelle de l'operation, libelle operation, libelle, buchungstext, beschreibung,
        text, description, memo, narrative, details, toelichting, commentaire
    """,
    "debit": """
        bedrag debet, debet, debetbedrag, montant debit, debit, sollbetrag, betrag soll, soll, umsatz
        soll, debit amount, debits, dr
    """,
    "credit": """
        bedrag credit, credit, creditbedrag, krediet, montant credit, habenbetrag, betrag haben, haben,
        umsatz haben, credit amount, credits, cr
    """,
    "amount": """
        bedrag eur, bedrag, saldo, montant eur, montant, solde, betrag eur, betrag, umsatz ohne
        soll/haben-kz, umsatz, amount eur, amount, net amount, value
    """,
    "side": """
        debet/credit, debet credit, d/c, dc, d of c, sens, debit/credit, debit credit, soll/haben-
        kennzeichen, soll/haben, s/h, sh, s/h-kennzeichen, dr/cr, drcr, +/-
    """,
    "booking": """
        boekstuknummer, boekstuknr, boekstuk, boekingsnummer, boeknummer, boeking, numero d'ecriture, ecriture
        num, numero ecriture, n° ecriture, buchungsnummer, buchungsnr, journal entry, entry number, entry no,
        transaction number
    """,
    "line_number": """
        regelnummer, regel, numero de ligne, zeile, line number, line
    """,
    "journal": """
        dagboekcode, dagboek, code journal, journal code, code du journal, journal, buchungskreis,
        journal name, dagboek omschrijving
    """,
    "document_number": """
        factuurnummer, documentnummer, documentnr, stuknummer, stuknr, stuk, document, numero de piece,
        numero piece, n° de piece, n° piece, no piece, piece comptable, piece, ref piece, reference piece,
        n° document, numero de document, belegnummer, belegnr, beleg, document number, document no, voucher
        number, voucher no, voucher, invoice number, invoice no, reference, referentie
    """,
    "relation": """
        relatie, relatienaam, naam relatie, klant/leverancier, tiers, nom du tiers, auxiliaire,
        geschaftspartner, kunde/lieferant, relation, customer/supplier, contact, name
    """,
    "period": """
        boekperiode, periode, periode comptable, buchungsperiode, period
    """,
}
# A chart of accounts says less of its columns: these are one only where nothing is of a booking.
CODES = ("code", "number", "nummer", "numero")
NAMES = ("name", "naam", "nom", "libelle", "intitule", "description", "omschrijving", "bezeichnung")
OF_BOOKINGS = frozenset({"date", "account_code", "debit", "credit", "amount"})
SHOWN_ROWS = 3
LONGEST_VALUE = 30


def with_proposals(question: NeedsAnswer, headers: Sequence[str], source: RecordSource) -> NeedsAnswer:
    """The question which column is which, with what its headers make likely where that tells enough."""
    proposed = proposed_columns(headers)
    if recognise(headers, proposed) is not None:
        with closing(source.records(QuietProblems())) as records:
            rows = [record for _, record in islice(records, 1, 1 + SHOWN_ROWS)]
        question = NeedsAnswer(
            Question(
                "columns_proposed",
                {
                    "headers": listed(headers),
                    "proposed": beside_rows(proposed, headers, rows),
                    "option": as_option(proposed),
                },
                Answer(Option.COLUMNS),
            )
        )
        question.headers = tuple(headers)
    question.proposed = proposed
    return question


def proposed_columns(headers: Sequence[str]) -> dict[str, str]:
    """Our names to the headers that probably hold them; a header that comes twice is left to the user.

    >>> proposed_columns(["Datum", "Rekening", "Omschrijving", "Bedrag", "D/C"])["side"]
    'D/C'
    """
    plain = [plain_name(header) for header in headers]
    found: dict[str, str] = {}
    for ours, theirs in _KNOWN.items():
        place = next((plain.index(name) for name in theirs if plain.count(name) == 1), None)
        if place is not None and headers[place].strip() not in found.values():
            found[ours] = headers[place].strip()
    if {"debit", "credit"} <= found.keys():
        found.pop("amount", None)
    if "amount" not in found:
        found.pop("side", None)
    return found if found.keys() & OF_BOOKINGS else _chart(plain, headers) or found


def _chart(plain: Sequence[str], headers: Sequence[str]) -> dict[str, str]:
    """The columns of a chart of accounts, where there is one code and one name; nothing else."""
    code = next((plain.index(name) for name in CODES if plain.count(name) == 1), None)
    name = next((plain.index(name) for name in NAMES if plain.count(name) == 1), None)
    if code is None or name is None:
        return {}
    return {"account_code": headers[code].strip(), "account_name": headers[name].strip()}


def as_option(columns: Mapping[str, str]) -> str:
    """A map of columns as JSON that stands between single quotes on a command line."""
    return json.dumps(dict(columns), ensure_ascii=False).replace("'", "\\u0027")


def beside_rows(columns: Mapping[str, str], headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Each proposal with what the first rows hold there.

    >>> beside_rows({"date": "Datum"}, ["Nr", "Datum"], [["1", "5-1-2024"], ["2", "6-1-2024"]])
    'date = Datum (5-1-2024, 6-1-2024)'
    """
    names = [header.strip() for header in headers]
    told = []
    for ours, theirs in columns.items():
        place = names.index(theirs)
        values = [row[place].strip() for row in rows[:SHOWN_ROWS] if place < len(row)]
        told.append(f"{ours} = {short(theirs)} ({', '.join(cut(value, LONGEST_VALUE) for value in values)})")
    return "; ".join(told)


_KNOWN = {
    ours: tuple(dict.fromkeys(name for header in theirs.split(",") if (name := plain_name(header))))
    for ours, theirs in HEADERS.items()
}
