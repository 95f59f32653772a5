"""What someone holds on an open page while it changes: their place, their selection, what they have read."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from monitr_pipelines.lifecycle.errors import ProviderDown
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.browser_kit import Browse
from monitr_pipelines_tests.web.page_kit import Company, end, make_company, run, start

REFUSE_NEXT = """(path) => {
    const ask = window.fetch;
    window.fetch = (address) => {
        if (!new URL(address, location.href).pathname.endsWith(path)) return ask(address);
        window.fetch = ask;
        return Promise.resolve(new Response("<h1>Busy</h1>", { status: 503 }));
    };
}"""

HOLD_NEXT = """(path) => {
    const ask = window.fetch;
    window.fetch = async (address) => {
        if (new URL(address, location.href).pathname !== path) return ask(address);
        window.fetch = ask;
        const answer = await ask(address);
        await new Promise((go) => { window.letGo = go });
        return answer;
    };
}"""
# As the stream of a session that has too many, or of a server that stops; neither is an error of the page.
NO_STREAM = {"status": 204}
ENDED_STREAM = {"content_type": "text/event-stream", "body": "retry: 600000\n\n"}
LISTEN_ANEW = "() => document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def company(connection: Connection) -> Company:
    return make_company(connection, ("Bakkerij Peeters", "Garage Wouters"))


@pytest.fixture
def page(connection: Connection, browse: Browse, company: Company) -> Page:
    """The Entities page, once it listens and has read itself again."""
    run(connection, company.key)
    opened = browse(company.token)
    with opened.expect_response(lambda answer: answer.request.resource_type == "fetch"):
        opened.reload()
    return opened


def card_of(page: Page, company: Company) -> Locator:
    return page.locator(f"#card-{company.key}")


def open_drawer(card: Locator, name: str) -> None:
    card.locator("summary", has_text=name).click()


def test_diagnostics_stay_in_place_while_someone_copies_from_them(
    connection: Connection, page: Page, company: Company
) -> None:
    card = card_of(page, company)
    open_drawer(card, "Diagnostics")
    area = card.locator("textarea")
    area.evaluate(
        """(area) => {
            window.area = area;
            area.style.height = "400px";
            area.focus();
            area.setSelectionRange(8, 20);
        }"""
    )
    before = area.input_value()
    claimed = start(connection, company.key)
    expect(card.locator("header .status")).to_have_text("In progress")
    assert area.input_value() != before
    during = area.input_value()
    connection.execute("update app.import set lines_read = 48213 where id = %s", [claimed.import_id])
    expect(card.locator(".message")).to_contain_text("48,213")
    assert area.input_value() == during
    held = "(area) => [area === window.area, area.style.height, area.selectionStart, area.selectionEnd]"
    assert area.evaluate(held) == [True, "400px", 8, 20]
    expect(area).to_be_focused()
    end(connection, claimed)


def test_diagnostics_are_not_scrolled_away(connection: Connection, page: Page, company: Company) -> None:
    card = card_of(page, company)
    open_drawer(card, "Diagnostics")
    area = card.locator("textarea")
    top = area.evaluate("(area) => { area.scrollTop = 40; return area.scrollTop }")
    assert top
    run(connection, company.key, ProviderDown("No answer."))
    expect(card.locator("header .status")).to_have_text("Failed")
    assert "provider_down" in area.input_value()
    assert area.evaluate("(area) => area.scrollTop") == top


def test_the_focus_stays_in_a_history_that_is_renewed(
    connection: Connection, page: Page, company: Company
) -> None:
    card = card_of(page, company)
    open_drawer(card, "History")
    region = card.get_by_role("region", name="History of Bakkerij Peeters")
    region.focus()
    run(connection, company.key)
    expect(card.locator("tbody tr")).to_have_count(2)
    expect(region).to_be_focused()


def test_the_focus_stays_in_a_drawer_whose_link_has_made_place(page: Page, company: Company) -> None:
    card = card_of(page, company)
    card.locator("details").first.evaluate(
        "(details) => { details.open = true; details.querySelector('a').focus() }"
    )
    expect(card.locator("tbody tr")).to_have_count(1)
    expect(card.locator("details [data-source]")).to_be_focused()


def test_a_filter_that_is_counted_anew_keeps_the_focus(
    connection: Connection, page: Page, company: Company
) -> None:
    filters = page.locator(".filters a", has_text="Succeeded")
    filters.focus()
    run(connection, company.keys[1])
    expect(filters).to_have_text("Succeeded 2")
    expect(filters).to_be_focused()


@pytest.mark.parametrize("path", ["/card", "/counts"])
def test_an_answer_that_fails_is_asked_for_again(
    connection: Connection, page: Page, company: Company, path: str
) -> None:
    claimed = start(connection, company.key)
    card = card_of(page, company)
    expect(card.locator("header .status")).to_have_text("In progress")
    counted = page.locator(".filters a", has_text="In progress")
    expect(counted).to_have_text("In progress 1")
    page.evaluate(REFUSE_NEXT, path)
    end(connection, claimed)
    expect(card.locator("header .status")).to_have_text("Succeeded")
    expect(counted).to_have_text("In progress 0")
    expect(page.get_by_role("heading", name="Busy")).to_have_count(0)


def test_a_history_that_cannot_be_read_is_read_later(page: Page, company: Company) -> None:
    card = card_of(page, company)
    page.evaluate(REFUSE_NEXT, "/history")
    open_drawer(card, "History")
    expect(card.get_by_role("link", name="Show the last imports")).to_be_visible()
    expect(card.locator("tbody tr")).to_have_count(1)


def test_a_page_that_cannot_be_read_again_is_read_later(
    connection: Connection, page: Page, company: Company
) -> None:
    page.evaluate("() => { Object.defineProperty(document, 'hidden', { value: true, configurable: true }) }")
    page.evaluate(LISTEN_ANEW)
    run(connection, company.key, ProviderDown("No answer."))
    page.evaluate("() => { delete document.hidden }")
    page.evaluate(REFUSE_NEXT, "/entities")
    page.evaluate(LISTEN_ANEW)
    expect(card_of(page, company).locator("header .status")).to_have_text("Failed")


def test_a_page_that_is_read_late_puts_no_older_state_back(
    connection: Connection, page: Page, company: Company
) -> None:
    status = card_of(page, company).locator("header .status")
    page.evaluate(HOLD_NEXT, "/entities")
    page.evaluate(LISTEN_ANEW)
    page.wait_for_function("() => window.letGo")
    requests.request(connection, company.key, trigger="hook", requested_by="a program")
    expect(status).to_have_text("Waiting…")
    expect(page.locator(".filters a", has_text="Waiting…")).to_have_text("Waiting… 1")
    with page.expect_response("**/entities"):
        page.evaluate("() => window.letGo()")
    expect(status).to_have_text("Waiting…")


@pytest.mark.parametrize("answer", [NO_STREAM, ENDED_STREAM])
def test_only_a_page_that_hears_of_changes_promises_to_show_them(page: Page, answer: dict[str, Any]) -> None:
    hint = page.get_by_text("Status changes appear on this page by themselves.")
    expect(hint).to_be_visible()
    page.route("**/entities/events*", lambda route: route.fulfill(**answer))
    page.evaluate(LISTEN_ANEW)
    expect(hint).to_be_hidden()
    page.unroute("**/entities/events*")
    page.evaluate(LISTEN_ANEW)
    expect(hint).to_be_visible()


@pytest.mark.parametrize("path", ["/entities", "/entities/{key}"])
def test_a_page_that_hears_nothing_for_a_while_says_so_until_it_does(
    page: Page, company: Company, path: str
) -> None:
    with page.expect_response("**/entities/events*"):
        page.goto(path.format(key=company.key))
    page.route("**/entities/events*", lambda route: route.fulfill(**ENDED_STREAM))
    page.evaluate(LISTEN_ANEW)
    told = page.locator("#live-hint")
    expect(told).to_contain_text("No connection with Monitr")
    expect(told).to_be_visible()
    expect(page.locator("#news")).to_contain_text("No connection with Monitr")
    page.unroute("**/entities/events*")
    page.evaluate(LISTEN_ANEW)
    expect(told).to_have_text("Status changes appear on this page by themselves.")


def test_a_page_that_is_not_answered_promises_nothing(page: Page) -> None:
    page.route("**/entities/events*", lambda _route: None)
    with page.expect_request("**/entities/events*"):
        page.reload()
    expect(page.get_by_text("Status changes appear on this page by themselves.")).to_be_hidden()
