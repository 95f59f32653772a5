"""Words and numbers by which books name their opening and closing entries, in the languages of the field."""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from functools import lru_cache

from monitr_pipelines.ledger.turns.lines import Reason, TurnLine

# A number of a period, after the year where one stands before it: 0, 00, 2024-00, 2024/0, 202400.
PERIOD = re.compile(r"(?:(?:19|20|21)\d\d[-/. ]?)?(?P<number>\d{1,2})")
FIRST_BEHIND_THE_MONTHS = 13


def _vocabulary(words: str) -> frozenset[str]:
    return frozenset(words.split())


OPENING_JOURNALS = _vocabulary(
    """
    an ano anou anouv anouveau anouveaux anx ran rano repan ouv ouver ouverture report beg begin begbal
    beginbalans obal opb open opening openingsbalans saldovortrag
    """
)
CLOSING_JOURNALS = _vocabulary(
    "clo clot cloture afs afsl afsluit afsluiting eindbalans close closing abschluss"
)
OPENING_WORDS = _vocabulary(
    """
    opening openings openingsbalans openingssaldo openingsboeking beginbalans beginsaldo brought forward
    nouveau nouveaux anouveau ouverture initial initiale initiaux
    eroffnungsbilanz saldovortrag saldovortrage anfangsbestand
    """
)
CLOSING_WORDS = _vocabulary(
    """
    closing close afsluiting jaarafsluiting afsluitboeking afsluitingsboeking eindbalans eindsaldo
    slotbalans sluitingsbalans cloture clotures abschluss jahresabschluss abschlussbuchung schlussbilanz
    arets bokslut arsbokslut bokslutsverifikation
    """
)
# What may stand beside them. Any other word tells of something else: "frais d'ouverture de compte".
FILLERS = _vocabulary(
    """
    balance balances balans saldo saldi entry entries journal carried of the year end books result results
    financial boekjaar boeking jaar resultaat rekeningen van het de
    resultat omforing
    report reports solde soldes ecriture ecritures bilan a d des du la l exercice annee comptes
    """
)


def opening_mark(line: TurnLine) -> Reason | None:
    """What of a line says that it opens a year, the surest first; None where nothing does."""
    if _period(line.period) == 0:
        return Reason.PERIOD
    return _named(line, OPENING_JOURNALS, OPENING_WORDS)


def closing_mark(line: TurnLine) -> Reason | None:
    """What of a line says that it closes a year, the surest first; None where nothing does."""
    if named := _named(line, CLOSING_JOURNALS, CLOSING_WORDS):
        return named
    number = _period(line.period)
    return Reason.PERIOD if number is not None and number >= FIRST_BEHIND_THE_MONTHS else None


def _named(line: TurnLine, journals: AbstractSet[str], core: AbstractSet[str]) -> Reason | None:
    if "".join(_words(line.journal or "")) in journals:
        return Reason.JOURNAL
    words = {word for word in _words(line.description or "") if not word.isdigit()}
    return Reason.DESCRIPTION if words & core and words <= core | FILLERS else None


def _period(text: str | None) -> int | None:
    found = PERIOD.fullmatch((text or "").strip())
    return int(found["number"]) if found else None


@lru_cache(10_000)
def _words(text: str) -> tuple[str, ...]:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return tuple(re.findall(r"[a-z]+|[0-9]+", plain))
