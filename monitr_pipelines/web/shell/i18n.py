"""Texts of the pages in English, Dutch and French, and which of them a browser asked for.

Catalogues are TOML tables in the `texts/` of each room: those of the shell as they are, those of another
room under its name, as in `wizard.`.
In English, messages and what to do about them are said by the catalogues of `lifecycle`, as in every letter.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pendulum
from starlette.requests import HTTPConnection

from monitr_pipelines.ledger.brussels import in_brussels
from monitr_pipelines.ledger.finding_texts import FINDINGS
from monitr_pipelines.ledger.money import plain
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.lifecycle.advice import ADVICE
from monitr_pipelines.lifecycle.codes import REMEDIES, Actor
from monitr_pipelines.lifecycle.texts import TEXTS

SHELL = Path(__file__).parent
LANGUAGES = {"en": "English", "nl": "Nederlands", "fr": "Français"}
FALLBACK = "en"
LANGUAGE_COOKIE = "monitr_language"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
# A page of fifty cards tells a hundred moments, one of reports each month of its books twice; wording one
# takes as long as the rest of a card.
REMEMBERED = 10_000
DECIMALS = {"en": ".", "nl": ",", "fr": ","}
THOUSANDS = {"en": ",", "nl": ".", "fr": "\u202f"}


def text(language: str, key: str, /, **values: object) -> str:
    """The text of a key with its values filled in; KeyError where no catalogue has it."""
    found = _catalogue(language).get(key) or _catalogue(FALLBACK)[key]
    return found.format(**values)


def has_text(key: str) -> bool:
    """Whether there is a text for a key that is made from recorded facts, such as an error code."""
    return key in _catalogue(FALLBACK)


def language_of(request: HTTPConnection) -> str:
    """What the reader chose, else the first of the browser's languages that we speak."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    accepted = request.headers.get("accept-language", "")[:200].lower().split(",")
    spoken = (tag.split(";")[0].strip()[:2] for tag in accepted)
    return next((language for language in spoken if language in LANGUAGES), FALLBACK)


def number(language: str, value: int) -> str:
    """A whole number with the language's mark between thousands."""
    return f"{value:,}".replace(",", THOUSANDS[language])


def amount(language: str, value: Decimal) -> str:
    """An amount of money with the language's marks."""
    return decimal(language, plain(value))


def decimal(language: str, value: Decimal | str) -> str:
    """A number with as many decimals as it has, with the language's marks."""
    whole, _, decimals = f"{value}".partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{number(language, int(digits))}{DECIMALS[language]}{decimals}"


def day(language: str, when: date) -> str:
    """A day of the calendar."""
    return pendulum.date(when.year, when.month, when.day).format("D MMM YYYY", locale=language)


def month_of_year(language: str, value: Month) -> str:
    """A month with its year."""
    return pendulum.date(value.year, value.month, 1).format("MMMM YYYY", locale=language)


@lru_cache(REMEMBERED)
def month_in_short(language: str, value: Month) -> str:
    """A month with its year, as short as a column is narrow."""
    return pendulum.date(value.year, value.month, 1).format("MMM YYYY", locale=language)


def moment(language: str, when: datetime) -> str:
    """A time on the clock of Brussels."""
    return _minute(language, when.replace(second=0, microsecond=0))


def month(language: str, number: int) -> str:
    """The name of a month, 1 to 12, as it stands within a sentence."""
    return pendulum.date(2000, number, 1).format("MMMM", locale=language)


def clock(when: datetime) -> str:
    """The hour and minute in Brussels."""
    return in_brussels(when).format("HH:mm")


def ago(language: str, when: datetime) -> str:
    """How long ago; the script of the page keeps it up to date."""
    now = datetime.now(UTC)
    seconds = int((now - when).total_seconds())
    return _age(language, seconds - seconds % _counted_by(abs(seconds)), now.date())


def _counted_by(seconds: int) -> int:
    """The seconds of the unit that an age is told in: the moments of a night are of few ages then."""
    if seconds < MINUTE:
        return 1
    return MINUTE if seconds < DAY else HOUR


@lru_cache(maxsize=REMEMBERED)
def _age(language: str, seconds: int, _today: date) -> str:
    """An age in words; months have the lengths that they have today."""
    return pendulum.now("UTC").subtract(seconds=seconds).diff_for_humans(locale=language)


@lru_cache(maxsize=REMEMBERED)
def _minute(language: str, when: datetime) -> str:
    return in_brussels(when).format("D MMM YYYY HH:mm", locale=language)


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> Mapping[str, str]:
    texts: dict[str, str] = _remedies() | _messages() if language == FALLBACK else {}
    for file in sorted(SHELL.parent.glob(f"*/texts/{language}.toml")):
        room = file.parents[1]
        prefix = "" if room == SHELL else f"{room.name}."
        texts |= _flat(tomllib.loads(file.read_text(encoding="utf-8")), prefix)
    return texts


def _remedies() -> dict[str, str]:
    """What can be wrong with an entity; whoever asks for something is answered in the page's own words."""
    told = {code: remedy for code, remedy in REMEDIES.items() if remedy.actor is not Actor.ASKER}
    always = {f"remedy.{code}": f"{remedy.title}. {remedy.finance}" for code, remedy in told.items()}
    files = {f"remedy_files.{code}": f"{one.title}. {one.files}" for code, one in told.items() if one.files}
    return always | files


def _messages() -> dict[str, str]:
    """What is told of an import and what answers it; questions are asked in the page's own words."""
    told = {f"message.{kind}": words for kind, words in TEXTS.items()}
    always = {f"advice.{name}": advice.page for name, advice in ADVICE.items()}
    files = {f"advice_files.{name}": advice.files for name, advice in ADVICE.items() if advice.files}
    found = {f"finding.{kind}": words for kind, words in FINDINGS.items()}
    return told | always | files | found


def _flat(table: Mapping[str, object], prefix: str) -> dict[str, str]:
    return dict(_entries(table, prefix))


def _entries(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _entries(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
