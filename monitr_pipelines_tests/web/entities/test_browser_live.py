"""What a finance user sees on an open page while imports come and go."""

from datetime import timedelta

import pytest
from common_kit import set_organisation
from playwright.sync_api import Page, Route, expect

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.lifecycle.errors import InconsistentData, ProviderDown
from monitr_pipelines.warehouse.queue import outcome, requests
from monitr_pipelines.warehouse.registry import removal
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.browser_kit import Browse, sign_in, violations
from monitr_pipelines_tests.web.hook_kit import Web
from monitr_pipelines_tests.web.page_kit import Company, end, long_ago, make_company, run, start


@pytest.fixture
def company(connection: Connection) -> Company:
    return make_company(connection, ("Bakkerij Peeters", "Garage Wouters", "Immo Zuid"))


def status(page: Page, key: str) -> object:
    return expect(page.locator(f"#card-{key} header .status"))


def open_page(browse: Browse, company: Company, **options: object) -> Page:
    """The page once it listens: only then is a change something that it hears of."""
    page = browse(**options)
    with page.expect_response("**/entities/events*"):
        page.goto("/sign-in")
        page.locator("#token").fill(company.token)
        page.locator("main button").click()
    page.evaluate("() => { window.loadedOnce = true }")
    return page


def loaded_once(page: Page) -> bool:
    return bool(page.evaluate("() => window.loadedOnce === true"))


def test_an_import_is_followed_without_reload(
    connection: Connection, browse: Browse, company: Company
) -> None:
    page = open_page(browse, company)
    status(page, company.key).to_have_text("Never imported")
    asked = requests.request(connection, company.key, trigger="hook", requested_by="a program")
    status(page, company.key).to_have_text("Waiting…")
    claimed = start(connection, company.key, asked)
    status(page, company.key).to_have_text("In progress")
    connection.execute(
        "update app.import set step = 'fetching', lines_read = 48213 where id = %s", [claimed.import_id]
    )
    expect(page.locator(f"#card-{company.key} .message")).to_contain_text("Lines read: 48,213")
    expect(page.locator(f"#card-{company.key} .actions button")).to_have_count(0)
    end(connection, claimed)
    status(page, company.key).to_have_text("Succeeded")
    expect(page.locator(f"#card-{company.key} .figures")).to_contain_text("second")
    expect(page.locator("#news")).to_have_text("Bakkerij Peeters: Succeeded")
    expect(page.locator(".filters a", has_text="Succeeded")).to_have_text("Succeeded 1")
    status(page, company.keys[1]).to_have_text("Never imported")
    assert loaded_once(page)


def test_sync_now_is_pressed_and_offered_again_when_it_is_done(
    connection: Connection, browse: Browse, company: Company
) -> None:
    page = open_page(browse, company)
    page.get_by_role("button", name="Sync now: Bakkerij Peeters").click()
    status(page, company.key).to_have_text("Waiting…")
    expect(page.locator(f"#card-{company.key} .actions button")).to_have_count(0)
    row = connection.execute(
        "select i.id, i.trigger, i.requested_by from app.import as i "
        "inner join app.entity as e on i.entity_id = e.id where e.key = %s",
        [company.key],
    ).fetchone()
    assert row
    assert (row["trigger"], row["requested_by"]) == ("manual", "An Peeters")
    end(connection, start(connection, company.key, row["id"]))
    status(page, company.key).to_have_text("Succeeded")
    expect(page.get_by_role("button", name="Sync now: Bakkerij Peeters")).to_be_visible()


def test_a_failure_tells_its_cause_and_sync_now_waits_for_the_hour(
    connection: Connection, browse: Browse, company: Company, web: Web
) -> None:
    page = open_page(browse, company)
    failed = run(connection, company.key, ProviderDown("Exact Online did not answer."))
    card = page.locator(f"#card-{company.key}")
    status(page, company.key).to_have_text("Failed")
    expect(card.locator(".message")).to_contain_text("The accounting software does not answer.")
    expect(card.locator(".message")).to_contain_text("Exact Online did not answer.")
    expect(card.locator(".actions")).to_contain_text("Sync now is possible again from")
    expect(card.locator(".actions button")).to_have_count(0)
    web.clock.ahead = timedelta(minutes=59)
    page.reload()
    expect(card.locator(".actions button")).to_have_count(0)
    web.clock.ahead = timedelta(0)
    long_ago(connection, failed)
    page.reload()
    card.get_by_role("button", name="Sync now").click()
    status(page, company.key).to_have_text("Waiting…")


def test_sync_now_comes_back_by_itself_when_the_hour_is_over(
    connection: Connection, browse: Browse, company: Company, web: Web
) -> None:
    run(connection, company.key, ProviderDown("Down."))
    page = browse()
    page.clock.install()
    sign_in(page, company.token)
    card = page.locator(f"#card-{company.key}")
    expect(card.locator(".later")).to_be_visible()
    page.clock.run_for(59 * 60_000)
    expect(card.locator(".later")).to_be_visible()
    web.clock.ahead = timedelta(minutes=61)
    page.clock.run_for(2 * 60_000)
    expect(card.get_by_role("button", name="Sync now")).to_be_visible()
    assert page.locator("[data-until]").count() == 0


def test_a_clock_that_is_ahead_of_the_server_asks_once_a_minute(
    connection: Connection, browse: Browse, company: Company
) -> None:
    run(connection, company.key, ProviderDown("Down."))
    page = browse()
    page.clock.install()
    sign_in(page, company.token)
    expect(page.locator(".later")).to_be_visible()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/card?" in request.url else None)
    page.clock.run_for(61 * 60_000)
    page.clock.run_for(60_000)
    expect(page.locator(".later")).to_be_visible()
    assert 1 <= len(asked) <= 3


def without_news(route: Route) -> None:
    """The page stays as it was loaded."""
    if route.request.resource_type == "fetch":
        route.abort()
    else:
        route.continue_()


def test_after_a_refusal_sync_now_works_from_the_page_that_tells_it(
    connection: Connection, browse: Browse, company: Company, web: Web
) -> None:
    run(connection, company.key, ProviderDown("Down."))
    web.clock.ahead = timedelta(minutes=61)
    page = browse(company.token)
    page.route("**/*", without_news)
    page.reload()
    web.clock.ahead = timedelta(0)
    sync = page.locator(f"#card-{company.key}").get_by_role("button", name="Sync now")
    with page.expect_response("**/entities/events*"):
        sync.click()
    page.unroute("**/*", without_news)
    expect(page.get_by_role("alert")).to_contain_text("failed less than an hour ago")
    expect(page.locator(".later")).to_be_visible()
    web.clock.ahead = timedelta(minutes=61)
    requests.request(connection, company.key, trigger="scheduled", requested_by="schedule")
    sync.click()
    page.wait_for_url(f"**/entities/{company.key}#card-{company.key}")
    expect(page.locator(".card .message")).to_contain_text("A person: An Peeters")


def test_an_entity_that_is_removed_leaves_the_open_pages(
    connection: Connection, browse: Browse, company: Company
) -> None:
    page, own = open_page(browse, company), open_page(browse, company)
    with own.expect_response("**/entities/events*"):
        own.goto(f"/entities/{company.key}")
    removal.remove(connection, company.key, "An")
    expect(page.locator(f"#card-{company.key}")).to_have_count(0)
    expect(page.locator(".card")).to_have_count(2)
    assert loaded_once(page)
    expect(own.locator(".card")).to_have_count(0)
    assert own.goto(f"/entities/{company.key}").status == 404
    removal.restore(connection, company.key)
    page.reload()
    expect(page.locator(".card")).to_have_count(3)


def test_a_subscription_that_lapses_takes_sync_now_from_the_open_page(
    connection: Connection, browse: Browse, company: Company
) -> None:
    run(connection, company.key)
    page = open_page(browse, company)
    card = page.locator(f"#card-{company.key}")
    expect(card.get_by_role("button", name="Sync now")).to_be_visible()
    set_organisation(connection, company.key, "subscription = 'canceled'")
    expect(card).to_contain_text("The subscription is not active.")
    expect(card.get_by_role("button", name="Sync now")).to_have_count(0)
    set_organisation(connection, company.key, "subscription = 'active'")
    expect(card.get_by_role("button", name="Sync now")).to_be_visible()
    assert loaded_once(page)


def test_a_change_moves_nothing_outside_its_card(
    connection: Connection, browse: Browse, company: Company
) -> None:
    run(connection, company.keys[1])
    page = open_page(browse, company)
    page.evaluate(
        """(changed) => {
            window.moved = [];
            const card = document.getElementById(changed);
            new PerformanceObserver((list) => {
                for (const { node } of list.getEntries().flatMap((entry) => entry.sources))
                    if (node?.isConnected && !card.contains(node)) window.moved.push(node.nodeName);
            }).observe({ type: "layout-shift", buffered: false });
        }""",
        f"card-{company.keys[1]}",
    )
    other = page.locator(f"#card-{company.keys[2]}").bounding_box()
    asked = requests.request(connection, company.keys[1], trigger="hook", requested_by="a program")
    status(page, company.keys[1]).to_have_text("Waiting…")
    end(connection, start(connection, company.keys[1], asked), ProviderDown("No answer."))
    status(page, company.keys[1]).to_have_text("Failed")
    claimed = start(connection, company.keys[1])
    status(page, company.keys[1]).to_have_text("In progress")
    end(connection, claimed)
    status(page, company.keys[1]).to_have_text("Succeeded")
    assert page.locator(f"#card-{company.keys[2]}").bounding_box() == other
    assert page.evaluate("() => window.moved") == []


def test_a_change_leaves_drawers_focus_and_ticks_alone(
    connection: Connection, browse: Browse, company: Company
) -> None:
    run(connection, company.key)
    page = open_page(browse, company)
    page.locator(f"#card-{company.key} summary", has_text="History").click()
    expect(page.locator(f"#card-{company.key} table tbody tr")).to_have_count(1)
    page.locator(f"#card-{company.key} input[type=checkbox]").check()
    page.locator(f"#card-{company.key} .actions button").focus()
    claimed = start(connection, company.key)
    status(page, company.key).to_have_text("In progress")
    expect(page.locator(f"#card-{company.key} h2 a")).to_be_focused()
    end(connection, claimed)
    status(page, company.key).to_have_text("Succeeded")
    expect(page.locator(f"#card-{company.key} table tbody tr")).to_have_count(2)
    assert page.locator(f"#card-{company.key} input[type=checkbox]").is_checked()
    assert loaded_once(page)


def test_the_open_page_of_an_entity_shows_the_findings_of_its_last_import(
    connection: Connection, browse: Browse, company: Company
) -> None:
    page = browse(company.token)
    with page.expect_response("**/entities/events*"):
        page.goto(f"/entities/{company.key}")
    findings = page.get_by_role("heading", name="Findings of the last import")
    claimed = start(connection, company.key)
    outcome.save_findings(connection, claimed, [Finding(severity="error", code="odd", message="An odd line")])
    end(connection, claimed, InconsistentData("One line is odd."))
    expect(page.get_by_role("cell", name="An odd line")).to_be_visible()
    assert violations(page) == []
    run(connection, company.key)
    expect(findings).to_have_count(0)
    status(page, company.key).to_have_text("Succeeded")


def test_two_organisations_never_see_each_other(
    connection: Connection, browse: Browse, company: Company
) -> None:
    other = make_company(connection, ("Somebody else",))
    page, theirs = open_page(browse, company), open_page(browse, other)
    run(connection, company.key)
    status(page, company.key).to_have_text("Succeeded")
    assert theirs.locator(".card").count() == 1
    assert "Bakkerij" not in theirs.content()
    assert theirs.locator("#news").text_content() == ""


def test_a_lost_database_connection_loses_no_change(
    connection: Connection, browse: Browse, company: Company
) -> None:
    page = open_page(browse, company)
    run(connection, company.key)
    status(page, company.key).to_have_text("Succeeded")
    assert cut_listeners() >= 1
    requests.request(connection, company.key, trigger="hook", requested_by="a program")
    status(page, company.key).to_have_text("Waiting…")
    assert loaded_once(page)


def cut_listeners() -> int:
    """End the sessions of the database that listen for pages, as a restart of the server does."""
    with database.connect_as_owner(autocommit=True) as owner:
        return owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like %s",
            ["monitr web: listens%"],
        ).rowcount
