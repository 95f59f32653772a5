"""Three whole languages: each has every text, its own words, and no page says a word of another one."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import httpx2
import pytest
from provider_kit import NAME, Toy, installed

from monitr_pipelines import providers
from monitr_pipelines.importing import connecting
from monitr_pipelines.lifecycle.codes import REMEDIES, Actor
from monitr_pipelines.lifecycle.errors import InconsistentData, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.lifecycle.texts import TEXTS
from monitr_pipelines.providers.contract import Administration
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.page_kit import (
    Company,
    end,
    form_token,
    long_ago,
    make_company,
    sign_in,
    start,
)

OTHERS = ("nl", "fr")
PSEUDO = "nl"
# The same word in two languages, by language.
SAME = {
    "nl": {
        "card.reset",
        "duration.minutes",
        "duration.seconds",
        "history.bar",
        "page.dash",
        "wizard.column.credit",
        "wizard.column.document_number",
        "wizard.mark.tab",
        "wizard.told.software",
    },
    "fr": {
        "duration.hours",
        "duration.minutes",
        "duration.seconds",
        "entities.pages",
        "entity_status.active",
        "page.dash",
        "page.organisations",
        "wizard.column.date",
        "wizard.column.journal",
        "wizard.mark.apostrophe",
        "wizard.mark.point",
        "wizard.told.dates",
        "wizard.told.format",
    },
}


def texts(language: str) -> Mapping[str, str]:
    return i18n._catalogue(language)


def names_in(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_there_with_the_same_values(language: str) -> None:
    asked, told = texts("en"), texts(language)
    assert set(asked) ^ set(told) == set()
    assert {key for key in told if not names_in(told[key]) <= names_in(asked[key])} == set()


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_in_its_own_language(language: str) -> None:
    same = {key for key, words in texts(language).items() if texts("en").get(key) == words}
    assert same - SAME[language] == set()
    assert SAME[language] - same == set()


@pytest.mark.parametrize("language", OTHERS)
def test_every_remedy_and_every_message_has_its_words(language: str) -> None:
    told = {code for code, remedy in REMEDIES.items() if remedy.actor is not Actor.ASKER}
    assert {code for code in told if f"remedy.{code}" not in texts(language)} == set()
    assert {kind for kind in TEXTS if f"message.{kind}" not in texts(language)} == set()


def test_every_field_of_a_software_has_its_words() -> None:
    for name in providers.connectors():
        for field in providers.find(name).fields:
            keys = (f"integrations.field.{name}_{field.name}", f"integrations.field.{field.name}")
            assert any(map(i18n.has_text, keys)), f"{name}: {field.name}"


@pytest.mark.parametrize(
    ("language", "told"), [("en", "1,234,567"), ("nl", "1.234.567"), ("fr", "1\u202f234\u202f567")]
)
def test_numbers_are_in_the_readers_format(language: str, told: str) -> None:
    assert i18n.number(language, 1_234_567) == told


@pytest.mark.parametrize(
    ("language", "told", "month"),
    [("en", "5 Mar", "March"), ("nl", "5 mrt.", "maart"), ("fr", "5 mars", "mars")],
)
def test_dates_are_in_the_readers_format(language: str, told: str, month: str) -> None:
    assert i18n.moment(language, datetime(2026, 3, 5, 9, 7, tzinfo=UTC)) == f"{told} 2026 10:07"
    assert i18n.month(language, 3) == month


# A pseudo-locale: every text is in brackets, so that what is not stands in a page by itself


class Words(HTMLParser):
    """The words of a page that a reader sees, or hears: no markup, and nothing that is marked as English."""

    UNSEEN = ("style", "script", "textarea")
    SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-word", "data-copied")
    EMPTY = ("meta", "link", "input", "img", "br", "rect", "line", "path", "circle")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        away = tag in self.UNSEEN or (tag != "html" and given.get("lang") not in {None, PSEUDO})
        if not away and not any(self._open):
            self.found += [value for name in self.SPOKEN if (value := given.get(name))]
        if tag not in self.EMPTY:
            self._open.append(away)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self.found.append(data)


def plain_words(page: str, known: set[str]) -> set[str]:
    """What a page says outside of the brackets, apart from names and numbers."""
    words = Words()
    words.feed(page)
    told = re.sub(r"⟦[^⟦⟧]*⟧", " ", nested(" ¦ ".join(words.found)))
    for name in sorted(known, key=len, reverse=True):
        told = told.replace(name, " ")
    return set(re.findall(r"[^\W\d_]{2,}", told))


def nested(told: str) -> str:
    """Texts within texts, the innermost away first."""
    while True:
        shorter = re.sub(r"⟦[^⟦⟧]*⟧", " ", told)
        if shorter == told:
            return told
        told = shorter


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dutch with every text in brackets; times and months too."""
    catalogue = i18n._catalogue

    def bracketed(language: str) -> Mapping[str, str]:
        found = catalogue(language)
        return {key: f"⟦{words}⟧" for key, words in found.items()} if language == PSEUDO else found

    for name in ("moment", "month", "ago"):
        worded: Callable[..., str] = getattr(i18n, name)
        monkeypatch.setattr(i18n, name, lambda *given, worded=worded: f"⟦{worded(*given)}⟧")
    monkeypatch.setattr(i18n, "_catalogue", bracketed)
    assert i18n.text(PSEUDO, "page.cancel").startswith("⟦")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    software = Toy(
        "right", companies=[Administration("A1", "Garage", "EUR"), Administration("A2", "Shop", "EUR")]
    )
    with installed(software, tmp_path, monkeypatch):
        yield software


@pytest.mark.usefixtures("pseudo")
def test_no_page_says_a_word_that_no_catalogue_has(
    connection: Connection, client: httpx2.Client, toy: Toy
) -> None:
    company = make_company(connection, ("Mill", "Dairy", "Farm"), provider="tryton")
    files = make_company(connection, ("Files",), provider="file", name=f"{company.name}, files")
    client.cookies.set(i18n.LANGUAGE_COOKIE, PSEUDO)
    sign_in(client, company.token)
    values = {"user": "an", "password": "right"}
    number = connecting.connect(connection, company.name, NAME, values, "An Peeters")
    page = f"/integrations/{number}/administrations"
    client.post(
        page, data={"csrf": form_token(client, page), "choice.A1": "first", "choice.A2": "not importing"}
    )
    failing(connection, company)
    titles = {word for name in providers.connectors() for word in providers.title_of(name).split()}
    known = {
        "Monitr", "Toy", "Tryton", "tryton", "An Peeters", "EUR", "CSV", company.name, files.name,
        *LANGUAGE_NAMES, *titles, "Mill", "Dairy", "Farm", "Files", "Garage", "Shop", "an", "(an)",
    }  # fmt: skip
    paths = [
        "/entities",
        *(f"/entities/{key}" for key in company.keys),
        f"/entities/{company.key}/reset",
        "/integrations",
        "/integrations/connect",
        f"/integrations/connect/{NAME}",
        f"/integrations/connect/{NAME}?connection={number}",
        page,
        f"/integrations/{number}/remove",
        "/integrations/callback?error=x",
        "/billing",
        "/nowhere",
    ]
    for path in paths:
        shown = client.get(path, headers={"accept": "text/html"}).text
        assert plain_words(shown, known | {"User", "Password"}) - CODES == set(), path
    csrf = form_token(client, f"/integrations/connect/{NAME}")
    for password in ("wrong", "right"):
        tested = client.post(
            f"/integrations/connect/{NAME}/test",
            data={"csrf": csrf, "field.user": "an", "field.password": password},
        ).text
        assert plain_words(tested, known | {"User", "Password"}) == set()
    sign_in(client, files.token)
    for path in ("/entities", f"/entities/{files.key}", f"/entities/{files.key}/import"):
        assert plain_words(client.get(path).text, known) == set(), path


def failing(connection: Connection, company: Company) -> None:
    """Entities whose imports failed in several ways, and one whose subscription state is told."""
    problems = (
        InconsistentData(
            Message(
                "years_would_shrink", {"first": "2026-01", "last": "2026-06", "years": "2026-01..2026-12"}
            ),
            code="shrunken",
        ),
        ReconnectNeeded(Message("reconnect_needed")),
        None,
    )
    for key, problem in zip(company.keys, problems, strict=True):
        claimed = start(connection, key)
        end(connection, claimed, problem)
        long_ago(connection, claimed)


# Codes that support asks for stand on a page as they are.
CODES = {"shrunken", "reconnect_needed", "reconnect", "needed"}
LANGUAGE_NAMES = {*i18n.LANGUAGES.values(), *(code.upper() for code in i18n.LANGUAGES)}
