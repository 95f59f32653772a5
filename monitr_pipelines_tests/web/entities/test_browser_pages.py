"""Many entities in a real browser: paging with the keyboard, a layout that stays, and what a change reads."""

from urllib.parse import urlsplit

import pytest
from common_kit import entity_id
from playwright.sync_api import Page, Request, expect

from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.browser_kit import Browse, violations
from monitr_pipelines_tests.web.page_kit import Company, make_company, run

SHIFTS = """() => new Promise((done) => {
    let sum = 0;
    const seen = new PerformanceObserver((list) => list.getEntries().forEach((each) => {
        if (!each.hadRecentInput) sum += each.value;
    }));
    seen.observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""


@pytest.fixture
def company(connection: Connection) -> Company:
    return make_company(connection, tuple(f"Company {nth:03}" for nth in range(120)))


@pytest.fixture
def page(browse: Browse, company: Company) -> Page:
    """The Entities page, once it listens and has read itself again."""
    opened = browse(company.token)
    with opened.expect_response(lambda answer: answer.request.resource_type == "fetch"):
        opened.reload()
    return opened


def test_who_pages_with_the_keyboard_finds_the_next_page_at_the_next_tab(page: Page) -> None:
    range_shown = page.locator("[data-part=range]").first
    page.locator("#pages").get_by_role("link", name="Next").focus()
    for shown in ("51\u2013100 of 120", "101\u2013120 of 120"):
        page.keyboard.press("Enter")
        expect(range_shown).to_have_text(shown)
        # The next Tab starts at the fragment of the address only once the browser has gone there.
        expect(page.locator("#pages:target")).to_be_visible()
        page.wait_for_load_state("load")
        page.keyboard.press("Tab")
        expect(page.locator("#pages").get_by_role("link", name="Previous")).to_be_focused()
        if shown.startswith("51"):
            page.keyboard.press("Tab")
            expect(page.locator("#pages").get_by_role("link", name="Next")).to_be_focused()
    expect(page.get_by_role("link", name="Next")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(range_shown).to_have_text("51\u2013100 of 120")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_page_of_many_stays_where_it_is_and_is_accessible(page: Page, language: str) -> None:
    page.goto(f"/language/{language}?back=/entities")
    page.get_by_role("link", name=i18n.text(language, "entities.next")).first.click()
    expect(page.get_by_role("navigation", name=i18n.text(language, "entities.pages_below"))).to_be_visible()
    assert page.evaluate(SHIFTS) < 0.01
    assert violations(page) == []


def test_a_change_of_one_entity_reads_one_card(connection: Connection, page: Page, company: Company) -> None:
    """And the numbers, once for however many changed; a page that shows others reads no card."""
    read: list[str] = []

    def note(request: Request) -> None:
        if request.resource_type == "fetch":
            read.append(urlsplit(request.url).path)

    def ask(*keys: str) -> None:
        for key in keys:
            requests.request(connection, key, trigger="hook", requested_by="a program")

    waiting = page.locator(".filters a", has_text="Waiting…")
    ask(company.keys[0])
    expect(waiting).to_have_text("Waiting… 1")
    page.on("request", note)
    ask(*company.keys[-10:])
    expect(waiting).to_have_text("Waiting… 11")
    assert set(read) == {"/entities/counts"}
    read.clear()
    ask(company.keys[3])
    expect(page.locator(f"#card-{company.keys[3]} header .status")).to_have_text("Waiting…")
    expect(waiting).to_have_text("Waiting… 12")
    assert set(read) == {f"/entities/{company.keys[3]}/card", "/entities/counts"}
    assert read.count(f"/entities/{company.keys[3]}/card") == 1


def test_the_range_follows_what_is_filtered(connection: Connection, browse: Browse, company: Company) -> None:
    for key in company.keys[:60]:
        requests.request(connection, key, trigger="hook", requested_by="a program")
    page = browse(company.token)
    with page.expect_response("**/entities/events*"):
        page.goto("/entities?status=waiting")
    expect(page.locator("[data-part=range]").first).to_have_text("1\u201350 of 60")
    run(connection, company.keys[110])
    requests.request(connection, company.keys[119], trigger="hook", requested_by="a program")
    for shown in page.locator("[data-part=range]").all():
        expect(shown).to_have_text("1\u201350 of 61")
    assert page.locator(f'[data-entity="{entity_id(connection, company.keys[119])}"]').count() == 0
