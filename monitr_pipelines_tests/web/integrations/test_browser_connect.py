"""A person connects a software on its own page, chooses companies, and connects again, in a real browser."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from monitr_pipelines.importing.session import begin
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.providers.contract import Administration
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web import sign_in_kit
from monitr_pipelines_tests.web.browser_kit import DESKTOP, PHONE, Browse, card, tab_to, violations
from monitr_pipelines_tests.web.hook_kit import Web
from monitr_pipelines_tests.web.page_kit import Company, make_company
from monitr_pipelines_tests.web.sign_in_kit import ToyServer

SHIFTS = """() => new Promise((done) => {
    let sum = 0;
    const seen = new PerformanceObserver((list) => list.getEntries().forEach((each) => {
        if (!each.hadRecentInput) sum += each.value;
    }));
    seen.observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""
Room = tuple[dict[str, int], Literal["light", "dark"]]
# Where pages are read; the first two have both sizes and both schemes.
ROOMS: tuple[Room, ...] = ((DESKTOP, "light"), (PHONE, "dark"), (DESKTOP, "dark"), (PHONE, "light"))
_numbers = itertools.count(1)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, web: Web) -> Iterator[ToyServer]:
    monkeypatch.setenv("MONITR_PUBLIC_URL", web.url)
    with sign_in_kit.running(tmp_path, monkeypatch) as software:
        yield software


@pytest.fixture
def company(connection: Connection, server: ToyServer) -> Company:
    return make_company(connection, ("Files",), provider="file")


@pytest.fixture
def page(browse: Browse, company: Company) -> Page:
    return browse(company.token)


def do_what_waits(connection: Connection, company: Company) -> None:
    """The imports that wait, each as a run would do it."""
    rows = connection.execute(
        "select import.id, key from app.import inner join app.entity on entity.id = entity_id "
        "where entity.organisation_id = %s and import.started_at is null and import.finished_at is null "
        "order by import.priority desc, import.id",
        [company.organisation_id],
    ).fetchall()
    assert rows
    for row in rows:
        run_id = f"connect-run-{os.getpid()}-{next(_numbers)}"
        session = begin(row["key"], run_id=run_id, import_id=row["id"], trigger="cli")
        try:
            session.fetch()
            session.publish()
        except ImportProblem as problem:
            session.failed(problem)
        finally:
            session.end()


def connect(page: Page) -> None:
    page.get_by_role("link", name="Integrations").click()
    page.get_by_role("link", name="Connect software").click()
    page.get_by_role("link", name="Toy").click()
    page.get_by_role("button", name="Continue to Toy").click()
    page.get_by_role("link", name="Let Monitr in").click()
    expect(page.get_by_role("heading", name="Companies of Toy")).to_be_visible()


def choose(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_label(f"Import: {name}").select_option("normal")
    page.get_by_role("button", name="Save choice").click()
    page.wait_for_url("**/entities")


def test_who_signs_in_there_chooses_two_companies_and_sees_their_first_imports(
    connection: Connection, page: Page, company: Company
) -> None:
    connect(page)
    choose(page, "Bakkerij Peeters", "Garage Janssens")
    for name in ("Bakkerij Peeters", "Garage Janssens"):
        expect(card(page, name).locator(".status")).to_have_text("Waiting…")
        expect(card(page, name)).to_contain_text("First import")
    expect(page.get_by_role("heading", name="Winkel Willems")).to_have_count(0)
    do_what_waits(connection, company)
    for name in ("Bakkerij Peeters", "Garage Janssens"):
        expect(card(page, name).locator(".status")).to_have_text("Succeeded")
        expect(card(page, name)).to_contain_text("New lines in the last import: 2")


def test_a_revoked_token_is_connected_again_from_the_card_and_history_is_kept(
    connection: Connection, page: Page, company: Company, server: ToyServer
) -> None:
    connect(page)
    choose(page, "Bakkerij Peeters")
    do_what_waits(connection, company)
    bakery = card(page, "Bakkerij Peeters")
    expect(bakery.locator(".status")).to_have_text("Succeeded")
    server.revoke()
    bakery.get_by_role("button", name="Sync now").click()
    expect(bakery.locator(".status")).to_have_text("Waiting…")
    do_what_waits(connection, company)
    expect(bakery.locator(".attention")).to_have_text("Reconnect needed")
    bakery.get_by_role("link", name="Connect again").first.click()
    expect(page.get_by_text("Companies, history and figures stay.")).to_be_visible()
    page.get_by_role("button", name="Continue to Toy").click()
    page.get_by_role("link", name="Let Monitr in").click()
    expect(page.get_by_text("The connection works again.")).to_be_visible()
    page.get_by_role("link", name="Entities").click()
    do_what_waits(connection, company)
    expect(bakery.locator(".status")).to_have_text("Succeeded")
    expect(bakery.locator(".attention")).to_have_count(0)
    bakery.get_by_role("link", name="Bakkerij Peeters").first.click()
    outcomes = page.locator("#history ~ .scroll tbody .status, [aria-labelledby=history] tbody .status")
    expect(outcomes).to_have_text(["Succeeded", "Failed", "Succeeded"])


def test_all_of_it_is_done_with_the_keyboard(
    connection: Connection, page: Page, company: Company, server: ToyServer
) -> None:
    for role, name in (
        ("link", "Integrations"),
        ("link", "Connect software"),
        ("link", "Toy"),
        ("button", "Continue to Toy"),
        ("link", "Let Monitr in"),
    ):
        tab_to(page, role, name)
        page.keyboard.press("Enter")
        page.wait_for_load_state()
    expect(page.get_by_role("heading", name="Companies of Toy")).to_be_visible()
    tab_to(page, "combobox", "Import: Garage Janssens")
    page.keyboard.press("N")
    expect(page.get_by_label("Import: Garage Janssens")).to_have_value("normal")
    tab_to(page, "button", "Save choice")
    page.keyboard.press("Enter")
    expect(card(page, "Garage Janssens").locator(".status")).to_have_text("Waiting…")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_page_is_accessible_and_stays_where_it_is(
    connection: Connection, browse: Browse, company: Company, server: ToyServer, language: str
) -> None:
    """Connected on a phone; then each page is loaded on a desk and on a phone, in light and dark rooms.

    Words alone differ by language: they are long or short whatever the colours, which one language tries all.
    """
    page = browse(company.token, viewport=PHONE)
    connect(page)
    server.companies = [*server.companies, Administration("A4", "A company whose name is a long one", "EUR")]
    choose(page, "Bakkerij Peeters")
    row = connection.execute(
        "update app.integration set state = 'reconnect needed' where organisation_id = %s and was_connected "
        "returning id",
        [company.organisation_id],
    ).fetchone()
    assert row is not None
    page.goto(f"/language/{language}?back=/entities")
    number = row["id"]
    paths = (
        "/entities",
        "/integrations",
        "/integrations/connect",
        "/integrations/connect/tryton",
        f"/integrations/connect/toy?connection={number}",
        f"/integrations/{number}/administrations",
        f"/integrations/{number}/remove",
        "/billing",
    )
    rooms = ROOMS if language == "en" else ROOMS[:2]
    for (size, scheme), path in itertools.product(rooms, paths):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.goto(path)
        assert page.evaluate(SHIFTS) < 0.01, (path, size)
        assert violations(page) == [], (path, size, scheme)
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, (path, size)
