"""A pseudo-locale walks the pages: every text is in brackets, and what is outside of them is a plain word."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import httpx2
import pytest
from provider_kit import NAME, Toy, installed

from monitr_pipelines import providers
from monitr_pipelines.importing import connecting
from monitr_pipelines.ledger.finding_texts import FINDINGS
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.ledger.structures.lines import COLUMNS, Role, Statement
from monitr_pipelines.lifecycle.codes import REMEDIES, Actor
from monitr_pipelines.lifecycle.errors import InconsistentData, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.lifecycle.texts import TEXTS
from monitr_pipelines.providers.contract import Administration
from monitr_pipelines.warehouse.queue import outcome
from monitr_pipelines.warehouse.registry import changes
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.reports import structures
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.warehouse.warehouse_kit import booking, load, upsert
from monitr_pipelines_tests.web.mapping.places_kit import NAMED as PLACED_NAMES
from monitr_pipelines_tests.web.mapping.places_kit import make_unmapped
from monitr_pipelines_tests.web.mapping.structures_kit import FEWER, NBB, at, choose, number_of, save, upload
from monitr_pipelines_tests.web.page_kit import (
    Company,
    end,
    form_token,
    long_ago,
    make_company,
    sign_in,
    start,
)
from monitr_pipelines_tests.web.reports.reports_kit import NAMED, PATHS, make_reported
from monitr_pipelines_tests.web.shell.test_page_languages import names_in
from monitr_pipelines_tests.web.wizard.test_wizard_questions import ASKED
from monitr_pipelines_tests.web.wizard_kit import HEADER, signed_in

PSEUDO = "nl"


class Words(HTMLParser):
    """The words of a page that a reader sees, or hears: no markup, and nothing that is marked as English."""

    # What is in `code` are error codes, which support asks for.
    UNSEEN = ("style", "script", "textarea", "code")
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

    @cache
    def bracketed(language: str) -> Mapping[str, str]:
        found = catalogue(language)
        return {key: f"⟦{words}⟧" for key, words in found.items()} if language == PSEUDO else found

    for name in ("moment", "month", "month_in_short", "ago", "day", "month_of_year"):
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
    known = {
        "Monitr", "Toy", "Tryton", "tryton", "An Peeters", "EUR", "CSV", company.name, files.name,
        *TITLES, *LANGUAGE_NAMES, "Mill", "Dairy", "Farm", "Files", "Garage", "Shop", "an", "(an)",
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
        assert plain_words(shown, known | {"User", "Password"}) == set(), path
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


TITLES = {providers.title_of(name) for name in providers.connectors()}
LANGUAGE_NAMES = {*i18n.LANGUAGES.values(), *(code.upper() for code in i18n.LANGUAGES)}


# What can be told of an import, whatever it is


def values_of(words: str) -> dict[str, str]:
    """A value for each that a text names: one that no language has words of its own for."""
    return dict.fromkeys(names_in(words), "7")


@pytest.mark.usefixtures("pseudo")
@pytest.mark.parametrize("provider", ["tryton", "file"])
def test_whatever_ends_an_import_is_told_in_the_readers_language(
    connection: Connection, client: httpx2.Client, provider: str
) -> None:
    """Every code and every message, on the card, in the history and on the page of the entity."""
    told = [code for code, remedy in REMEDIES.items() if remedy.actor is not Actor.ASKER]
    problems = [(code, Message(kind, values_of(TEXTS[kind]))) for code in told for kind in [kind_of(code)]]
    problems += [("our_fault", Message(kind, values_of(words))) for kind, words in TEXTS.items()]
    company = make_company(connection, provider=provider)
    sign_in(client, company.token)
    client.cookies.set(i18n.LANGUAGE_COOKIE, PSEUDO)
    known = {"Monitr", "Tryton", "CSV", "An Peeters", company.name, "Bakkerij Peeters", *LANGUAGE_NAMES}
    for nth, (code, message) in enumerate(problems, 1):
        claimed = start(connection, company.key)
        end(connection, claimed, InconsistentData(message, code=code))
        shown = client.get(f"/entities/{company.key}/card").text
        assert plain_words(shown, known) == set(), (code, message.kind)
        if nth % 30 == 0 or nth == len(problems):
            for part in ("", "/history", "/detail"):
                assert plain_words(client.get(f"/entities/{company.key}{part}").text, known) == set(), part


def kind_of(code: str) -> str:
    return code if code in TEXTS else "our_fault"


@pytest.mark.usefixtures("pseudo")
def test_whatever_is_found_is_told_in_the_readers_language(
    connection: Connection, client: httpx2.Client
) -> None:
    kinds = list(FINDINGS)
    company = make_company(connection)
    sign_in(client, company.token)
    client.cookies.set(i18n.LANGUAGE_COOKIE, PSEUDO)
    known = {"Monitr", "Tryton", "An Peeters", company.name, "Bakkerij Peeters", *LANGUAGE_NAMES}
    for first in range(0, len(kinds), 50):
        claimed = start(connection, company.key)
        found = [
            Finding("any", sentence(kind, **values_of(FINDINGS[kind]))) for kind in kinds[first : first + 50]
        ]
        outcome.save_findings(connection, claimed, found)
        end(connection, claimed, InconsistentData(Message("unfit_lines"), code="unfit_lines"))
        page = client.get(f"/entities/{company.key}").text
        assert page.count("⟦") > len(found)
        assert plain_words(page, known) == set()


# The pages of connections, of the subscription and of files, in every state


@pytest.mark.usefixtures("pseudo")
def test_connections_and_subscriptions_in_every_state(
    connection: Connection, client: httpx2.Client, toy: Toy
) -> None:
    company = make_company(connection, provider="file")
    sign_in(client, company.token)
    client.cookies.set(i18n.LANGUAGE_COOKIE, PSEUDO)
    values = {"user": "an", "password": "right"}
    number = connecting.connect(connection, company.name, NAME, values, "An Peeters")
    known = {
        "Monitr", "Toy", "EUR", "An Peeters", "Garage", "Shop", "User", "Password", "(an)", "an",
        company.name, *TITLES, *LANGUAGE_NAMES,
    }  # fmt: skip
    for action in Action:
        changes.record(connection, company.organisation_id, "An Peeters", action, "EUR")
    for state in ("connected", "reconnect needed", "removed"):
        connection.execute("update app.integration set state = %s where id = %s", [state, number])
        for page in ("/integrations", f"/integrations/{number}/administrations"):
            assert plain_words(client.get(page).text, known) == set(), (state, page)
    for done in ("reconnected", "removed", "chosen"):
        page = client.get(f"/integrations?done={done}&stopped=2").text
        assert plain_words(page, known) == set(), done
    for name in providers.connectors():
        page = client.get(f"/integrations/connect/{name}").text
        assert plain_words(page, known | {"Country"}) == set(), name
    for subscription in SUBSCRIPTIONS:
        for hours in (0, 100):
            connection.execute(
                "update app.organisation set subscription = %s, "
                "subscription_read_at = now() - %s * interval '1 hour' where id = %s",
                [subscription, hours, company.organisation_id],
            )
            for page in ("/billing", "/entities", f"/entities/{company.key}"):
                shown = client.get(page).text
                assert plain_words(shown, known | {"Bakkerij Peeters"}) == set(), (subscription, page)


@pytest.mark.usefixtures("pseudo")
def test_reports_down_to_the_booking(connection: Connection, client: httpx2.Client) -> None:
    company = make_reported(connection)
    one_sided = booking("U1", "2026-03", ("090000", 5))
    load(connection, company.key, upsert(one_sided, accounts=NAMED), allow_unbalanced=True)
    sign_in(client, company.token)
    client.cookies.set(i18n.LANGUAGE_COOKIE, PSEUDO)
    rows = connection.execute("select name_nl from app.report_line").fetchall()
    labels = {*(row["name_nl"] for row in rows), i18n.text(PSEUDO, "reports.result_before")}
    known = {
        "Monitr", "EUR", "An Peeters", "Bakkerij Peeters", "Nieuw & Co", "ACH", "Invoice", company.name,
        "cost", *LANGUAGE_NAMES, *labels, *(label[:23] for label in labels),
        *(a.name for a in NAMED.values()),
    }  # fmt: skip
    paths = [f"/{path}" for path in (*PATHS, "charts?to=2024-01", "balance-sheet/accounts?line=20/58")]
    for path in (
        "/reports",
        f"/reports/{company.keys[1]}/charts",
        *(f"/reports/{company.key}{p}" for p in paths),
    ):
        shown = client.get(path)
        assert shown.status_code == 200, path
        assert plain_words(shown.text, known) == set(), path


@pytest.mark.usefixtures("pseudo")
def test_a_mapping_from_its_list_to_its_history(connection: Connection, client: httpx2.Client) -> None:
    company = make_unmapped(connection, provider="tryton")
    sign_in(client, company.token)
    client.cookies.set(i18n.LANGUAGE_COOKIE, PSEUDO)
    rows = connection.execute("select name_nl from app.report_line").fetchall()
    known = {
        "Monitr", "EUR", "An Peeters", "Bakkerij Peeters", "cost", company.name, *LANGUAGE_NAMES,
        *(row["name_nl"] for row in rows), *(each.name for each in PLACED_NAMES.values()),
    }  # fmt: skip
    page = f"/entities/{company.key}/mapping"
    fields = {
        "csrf": form_token(client, page),
        "place.0": '["901000","",""]',
        "place.1": '["700000","cost","1"]',
    }
    shown = {path: client.get(f"{page}{path}").text for path in ("", "?open=700000", "/history", "?q=none")}
    shown["nothing"] = client.post(f"{page}/preview", data=fields).text
    shown["wrong"] = client.post(f"{page}/preview", data=fields | {"line.0": "61B", "line.1": "41"}).text
    preview = client.post(f"{page}/preview", data=fields | {"line.0": "61", "line.1": "74"}).text
    saving = {"csrf": fields["csrf"], "given": '[["901000","","","61",""]]'}
    shown |= {"preview": preview, "late": client.post(page, data=saving | {"seen": "-1"}).text}
    saved = client.post(page, data=saving | {"seen": "0"})
    shown |= {"saved": client.get(saved.headers["location"]).text, "acts": client.get(f"{page}/history").text}
    assert len(set(shown.values())) == len(shown)
    for name, text in shown.items():
        assert plain_words(text, known | {"61B"}) == set(), name


@pytest.mark.usefixtures("pseudo")
def test_structures_from_their_list_to_a_replaced_one(connection: Connection, client: httpx2.Client) -> None:
    company = make_unmapped(connection, provider="tryton")
    sign_in(client, company.token)
    client.cookies.set(i18n.LANGUAGE_COOKIE, PSEUDO)
    rows = connection.execute("select line, name_nl from app.report_line").fetchall()
    known = {
        "Monitr", "EUR", "An Peeters", "Bakkerij Peeters", "Our own", company.name,
        *LANGUAGE_NAMES, *structures.TEMPLATES, *COLUMNS, *Role, *Statement,
        *(row[name] for row in rows for name in ("line", "name_nl")),
        *(each.name for each in PLACED_NAMES.values()),
    }  # fmt: skip
    shown = {"new": upload(client, company, NBB), "none": upload(client, company, NBB, "\x01")}
    save(client, company, shown["new"])
    choose(client, company, own := number_of(connection, "Our own", company))
    shown |= {"list": client.get(at(company)), "tree": client.get(at(company, own))}
    shown["choice"] = client.get(at(company, number_of(connection, "nl_rgs"), "choose"))
    shown |= {"fewer": upload(client, company, FEWER), "wrong": upload(client, company, "line;rank")}
    _, shown["late"] = (save(client, company, shown["fewer"]) for _ in range(2))
    for name, page in shown.items():
        assert plain_words(page.text, known) == set(), name


@pytest.mark.usefixtures("pseudo")
def test_the_wizard_asks_and_refuses_in_the_readers_language(
    connection: Connection, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company(connection, provider="file")
    person = signed_in(client, company)
    client.cookies.set(i18n.LANGUAGE_COOKIE, PSEUDO)
    refused = {
        "a picture": b"GIF8",
        "no columns": b"nothing",
        "a bad line": HEADER.encode() + b"31/13/2026,x,y\n",
        "cut off": HEADER.encode(),
    }
    known = {
        "Monitr", "CSV", "An Peeters", company.name, "Bakkerij Peeters", "books.csv", *LANGUAGE_NAMES,
    }  # fmt: skip
    for name, content in {**ASKED, **refused}.items():
        data = content if isinstance(content, bytes) else content.encode()
        written = f"{data.decode('latin-1')} {content!r} {content if isinstance(content, str) else ''}"
        its_own = set(re.findall(r"\w{2,}", written))
        shown = client.get(person.draft(data)).text
        assert plain_words(shown, known | its_own) - NAMES_OF_FORMATS == set(), name


# Our names of columns, of character sets and of formats are the same in every language.
NAMES_OF_FORMATS = {
    "DD", "MM", "YY", "YYYY", "YYYYMMDD", "utf", "le", "be", "cp", "iso", "mac", "roman", "xlsx", "FEC",
    "XAF",
}  # fmt: skip
SUBSCRIPTIONS = (
    "trialing", "active", "past_due", "unpaid", "canceled", "paused", "incomplete", "incomplete_expired",
)  # fmt: skip
