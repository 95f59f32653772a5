"""A person connects emulated software with the keyboard, and Dagster imports: what the pages show of it all.

Nothing is set by hand in between: the emulators are real servers, the runs are those of `monitr up`.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
from common_kit import contents
from dagster_kit import Dagster, held, import_rows
from playwright.sync_api import Page, expect
from process_kit import LONGEST_WAIT, MONITR, wait_for

from monitr_pipelines.emulators.exact.sign_in import APPS
from monitr_pipelines.emulators.frame.server import serve
from monitr_pipelines.emulators.odoo import KIND
from monitr_pipelines.emulators.odoo.emulator import OdooEmulator
from monitr_pipelines.emulators.shared.clock import Clock
from monitr_pipelines.emulators.shared.invented import invented_books
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.providers.exact.exact_kit import APPLICATION
from monitr_pipelines_tests.web.browser_kit import browsing, card, chromium, tab_to, violations
from monitr_pipelines_tests.web.page_kit import Company, make_company

# Notes each status that a card shows, from its first on, for as long as the page is not loaded anew.
WATCH = """
addEventListener("DOMContentLoaded", () => {
  const shown = (window.shown = {});
  const look = () => document.querySelectorAll("article[data-name]").forEach((card) => {
    const words = (shown[card.dataset.name] ??= []);
    const word = card.querySelector("header .status").textContent.trim();
    if (words.at(-1) !== word) words.push(word);
  });
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  look();
});
"""
SCHEMES = ("light", "dark")


@dataclass(frozen=True)
class Person:
    """Someone who uses the keyboard alone; every page that they come to is looked at by axe."""

    page: Page

    def goes(self, path: str) -> None:
        self.page.goto(path)
        self.looks()

    def presses(self, role: str, name: str) -> None:
        """Tab to something, and press Enter: another page comes."""
        tab_to(self.page, role, name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def types(self, label: str, text: str) -> None:
        tab_to(self.page, "textbox", label)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def selects(self, label: str, option: str) -> None:
        """By the letters that an option begins with."""
        tab_to(self.page, "combobox", label)
        self.page.keyboard.type(option)
        chosen = self.page.get_by_label(label).locator("option:checked")
        expect(chosen).to_have_text(option)

    def looks(self) -> None:
        """The page is accessible, by day and by night."""
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # of playwright's words
            assert violations(self.page) == [], (self.page.url, scheme)


@pytest.fixture
def company(connection: Connection) -> Company:
    return make_company(connection, (), provider="file")


@pytest.fixture
def person(dagster: Dagster, company: Company) -> Iterator[Person]:
    with chromium() as browser, browsing(browser, dagster.pages) as browse:
        page = browse()
        page.add_init_script(WATCH)
        signing_in = Person(page)
        signing_in.goes("/sign-in")
        signing_in.types("Your token", company.token)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.wait_for_url("**/entities")
        yield signing_in


@dataclass(frozen=True)
class Chosen:
    """The two companies that are imported, by what the software calls them."""

    names: tuple[str, str]
    keys: tuple[str, str]


def keys_of(connection: Connection, company: Company) -> dict[str, str]:
    rows = connection.execute(
        "select name, key from app.entity where organisation_id = %s", [company.organisation_id]
    ).fetchall()
    return {row["name"]: row["key"] for row in rows}


def choose(connection: Connection, company: Company, person: Person, names: tuple[str, str]) -> Chosen:
    """Both are imported; the cards show each step of it by themselves."""
    page = person.page
    person.looks()
    for name in names:
        person.selects(f"Import: {name}", "Normal")
    person.presses("button", "Save choice")
    page.wait_for_url("**/entities")
    known = keys_of(connection, company)
    chosen = Chosen(names, (known[names[0]], known[names[1]]))
    with ExitStack() as stopped:
        for key in chosen.keys:
            stopped.enter_context(held(connection, key))
        for name in names:
            expect(card(page, name).locator(".status")).to_have_text("In progress")
        person.looks()
    for name in names:
        expect(card(page, name).locator(".status")).to_have_text("Succeeded")
        assert page.evaluate("window.shown")[name] == ["Waiting…", "In progress", "Succeeded"]
    person.looks()
    return chosen


def books(connection: Connection, chosen: Chosen) -> list[dict[str, list[str]]]:
    """The ledger and the reports of both."""
    return [contents(connection, key) for key in chosen.keys]


def outcomes(connection: Connection, key: str) -> list[str]:
    return [row["outcome"] for row in import_rows(connection, key)]


def fails_visibly(connection: Connection, person: Person, chosen: Chosen) -> None:
    """The next import is refused; both cards say what is needed, the one that succeeded before it too."""
    page, (first, second) = person.page, chosen.names
    before = books(connection, chosen)
    person.goes("/entities")
    person.presses("button", f"Sync now: {first}")
    expect(card(page, first).locator(".status")).to_have_text("Failed")
    expect(card(page, first).locator(".attention")).to_have_text("Reconnect needed")
    page.reload()
    for name in (first, second):
        expect(card(page, name).locator(".attention")).to_have_text("Reconnect needed")
        expect(card(page, name).get_by_role("link", name=f"Connect again: {name}")).to_be_visible()
    expect(card(page, second).locator(".status")).to_have_class("status never")
    assert books(connection, chosen) == before
    person.looks()


def works_again(
    connection: Connection, company: Company, person: Person, chosen: Chosen, before: list[dict[str, Any]]
) -> None:
    """What was asked for by connecting again succeeds; nothing of before is lost or doubled."""
    page = person.page
    expect(page.get_by_text("The connection works again.")).to_be_visible()
    person.looks()
    person.presses("link", "Entities")
    for name in chosen.names:
        expect(card(page, name).locator(".status")).to_have_text("Succeeded")
        expect(card(page, name).locator(".attention")).to_have_count(0)
    first, second = chosen.keys
    wait_for(lambda: outcomes(connection, second) == ["succeeded"] * 2, "the other import")
    assert outcomes(connection, first) == ["succeeded", "failed", "succeeded"]
    assert set(keys_of(connection, company).values()) == set(chosen.keys)
    assert books(connection, chosen) == before
    person.presses("link", chosen.names[0])
    expect(page.locator("[aria-labelledby=history] tbody .status")).to_have_text(
        ["Succeeded", "Failed", "Succeeded"]
    )
    person.looks()


# Exact Online: people allow us in on its own page


@pytest.fixture
def exact() -> Iterator[dict[str, Any]]:
    """The first line of `monitr emulator exact`, which knows the installation that `dagster` is."""
    options = {"consent": "ask", "client_id": APPLICATION.id, "client_secret": APPLICATION.secret}
    given = [part for name, value in options.items() for part in ("--option", f"{name}={value}")]
    command = [str(MONITR), "emulator", "exact", "--companies", "3", "--lines", "600", *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(LONGEST_WAIT)


def allow(person: Person, address: str) -> None:
    """The form, its software's own page, and back."""
    page = person.page
    person.looks()
    person.selects("Country", "Belgium")
    person.types("Address of a server on this machine", address)
    person.presses("button", "Continue to Exact Online")
    page.wait_for_url(f"{address}/**")
    expect(page.get_by_role("heading", name="Emulated Exact Online")).to_be_visible()
    person.looks()
    person.presses("button", "Allow")


def test_exact_is_connected_withdrawn_and_connected_again(
    connection: Connection, company: Company, person: Person, exact: dict[str, Any]
) -> None:
    page, address = person.page, exact["settings"]["url"]
    names = tuple(each["name"] for each in exact["administrations"])
    for role, name in (("link", "Integrations"), ("link", "Connect software"), ("link", "Exact Online")):
        person.looks()
        person.presses(role, name)
    allow(person, address)
    expect(page.get_by_role("heading", name="Companies of Exact Online")).to_be_visible()
    chosen = choose(connection, company, person, names[:2])
    assert set(keys_of(connection, company)) == set(chosen.names), "the third is not imported"
    before = books(connection, chosen)

    person.goes(f"{address}{APPS}")
    person.presses("button", "Withdraw")
    expect(page.get_by_text("No app may read your books.")).to_be_visible()
    fails_visibly(connection, person, chosen)

    person.presses("link", f"Connect again: {chosen.names[0]}")
    expect(page.get_by_text("Companies, history and figures stay.")).to_be_visible()
    allow(person, address)
    works_again(connection, company, person, chosen, before)


# Odoo: people enter a key


@pytest.fixture
def odoo() -> Iterator[tuple[OdooEmulator, str]]:
    clock = Clock()
    emulator = OdooEmulator(invented_books(replace(KIND.size, companies=2, lines=600), clock))
    with serve(emulator, clock) as server:
        yield emulator, server.address


def enter(person: Person, emulator: OdooEmulator, address: str) -> None:
    """A key that does not fit is told before anything is kept; one that does is kept."""
    page, settings = person.page, emulator.settings(address)
    for key in ("a-wrong-key", settings["api_key"]):
        person.looks()
        person.types("Address of the server", address)
        person.types("Database", settings["database"])
        person.types("User name", settings["username"])
        person.types("API key", key)
        person.presses("button", "Test connection")
        if key == "a-wrong-key":
            expect(page.get_by_role("alert")).to_contain_text("Odoo does not accept this.")
    expect(page.get_by_text("Companies that it sees: 2.")).to_be_visible()
    person.looks()
    person.presses("button", "Save connection")


def test_odoo_is_tested_kept_refused_and_connected_again(
    connection: Connection, company: Company, person: Person, odoo: tuple[OdooEmulator, str]
) -> None:
    page, (emulator, address) = person.page, odoo
    first, second = (each.name for each in emulator.administrations())
    for role, name in (("link", "Integrations"), ("link", "Connect software"), ("link", "Odoo")):
        person.presses(role, name)
    enter(person, emulator, address)
    chosen = choose(connection, company, person, (first, second))
    before = books(connection, chosen)

    emulator.state.user = replace(emulator.state.user, key="another-key")
    fails_visibly(connection, person, chosen)

    person.presses("link", f"Connect again: {chosen.names[0]}")
    expect(page.get_by_text("Companies, history and figures stay.")).to_be_visible()
    enter(person, emulator, address)
    works_again(connection, company, person, chosen, before)
