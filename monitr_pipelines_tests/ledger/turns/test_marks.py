"""Words by which books name their opening and closing entries, and those that only sound like it."""

from datetime import date

import pytest

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.turns.lines import Reason, TurnLine
from monitr_pipelines.ledger.turns.marks import closing_mark, opening_mark


def line(**told: str) -> TurnLine:
    return TurnLine("1", date(2024, 1, 1), "550000", ZERO, **told)


@pytest.mark.parametrize(
    "text",
    [
        "Opening balance", "OPENING BALANCES 2024", "Balance brought forward", "Beginbalans",
        "Openingsbalans 2024", "Opening boekjaar 2024", "A nouveau", "À-nouveaux",
        "Report à nouveau", "Solde d\u2019ouverture",
        "Bilan d'ouverture", "Écriture d'ouverture de l'exercice 2024", "Balance initiale", "Saldovortrag",
        "Eröffnungsbilanz",
    ],
)  # fmt: skip
def test_words_of_an_opening(text: str) -> None:
    assert opening_mark(line(description=text)) is Reason.DESCRIPTION
    assert closing_mark(line(description=text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "Closing", "Year end closing 2023", "Closing balances", "Afsluiting boekjaar", "Jaarafsluiting 2023",
        "Eindbalans", "Clôture", "Clôture de l'exercice 2023", "Écritures de clôture des comptes",
        "Jahresabschluss",
    ],
)  # fmt: skip
def test_words_of_a_closing(text: str) -> None:
    assert closing_mark(line(description=text)) is Reason.DESCRIPTION
    assert opening_mark(line(description=text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "Balance", "2024", "Beaujolais nouveau", "Frais d'ouverture de compte", "Opening party",
        "Afsluiting btw", "Frais de clôture", "Report des congés", "Nouveau client", "Factuur 2024-00",
        "Closing dinner",
    ],
)  # fmt: skip
def test_words_of_neither(text: str) -> None:
    assert opening_mark(line(description=text)) is None
    assert closing_mark(line(description=text)) is None


@pytest.mark.parametrize("period", ["0", "00", "2024-00", "202400", "2024/0"])
def test_period_nought_opens(period: str) -> None:
    assert opening_mark(line(period=period)) is Reason.PERIOD


@pytest.mark.parametrize("period", ["13", "16", "2024-13", "202414"])
def test_periods_behind_the_twelfth_may_close(period: str) -> None:
    assert closing_mark(line(period=period)) is Reason.PERIOD


@pytest.mark.parametrize("period", ["", "1", "12", "2024-12", "202412", "2024", "Q1", "January"])
def test_periods_of_a_year_say_nothing(period: str) -> None:
    assert opening_mark(line(period=period)) is None
    assert closing_mark(line(period=period)) is None


def test_a_name_is_surer_than_a_period() -> None:
    assert closing_mark(line(period="13", journal="CLO")) is Reason.JOURNAL
    assert opening_mark(line(period="0", journal="BEG")) is Reason.PERIOD
