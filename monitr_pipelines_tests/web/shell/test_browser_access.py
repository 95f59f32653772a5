"""The pages for everyone: screen readers, keyboards, phones, dark rooms, browsers without script."""

import os
import re
import struct
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.lifecycle.errors import InconsistentData, ProviderDown
from monitr_pipelines.warehouse.queue import outcome, requests
from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.browser_kit import DESKTOP, PHONE, Browse, violations
from monitr_pipelines_tests.web.page_kit import Company, end, long_ago, make_company, run, start

ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"
SCREENSHOT = ROOT / "docs" / "entities-page.png"
CAPTION = SCREENSHOT.with_suffix(".txt")
STYLE = ROOT / "monitr_pipelines" / "web" / "shell" / "static" / "style.css"
PICTURED = {"width": 1280, "height": 1000}
RETAKE = """Where the page is no longer as docs/entities-page.png shows it, take both again, and look:
MONITR_UPDATE_SNAPSHOTS=1 python -m pytest monitr_pipelines_tests/web/shell -k readme"""
TIMES = {r"^.* · \d+ \w+ \d{4} \d\d:\d\d$": "some time ago", r"\b\d\d:\d\d\b": "00:00", r"\n+": "\n"}
NAMES = (
    "Bakkerij Peeters",
    "Brouwerij De Halve Liter",
    "Café Central",
    "Garage Van den Broeck & Zonen",
    "Immo Zuid",
    "Transport Lemaire",
)


@pytest.fixture
def company(connection: Connection) -> Company:
    return in_every_state(connection, make_company(connection, NAMES))


def in_every_state(connection: Connection, made: Company) -> Company:
    """One entity in each state: succeeded, failed just now, running, failed long ago, never, waiting."""
    good, down, running, unfit, _, waiting = made.keys
    for hours in range(12, 0, -1):
        past = run(connection, good, ProviderDown("No answer.") if hours == 5 else None)
        long_ago(connection, past, hours)
        connection.execute(
            """
            update app.import
            set counts = '{"new": 214, "changed": 3, "unchanged": 48310, "deleted": 0}',
                started_at = started_at - %s * interval '1 second' where id = %s
            """,
            [hours * 7 % 11 + 3, past.import_id],
        )
    for key in (down, running, waiting):
        long_ago(connection, run(connection, key), 1)
    run(connection, down, ProviderDown("Exact Online did not answer for 60 seconds."))
    claimed = start(connection, unfit)
    found = Finding(
        severity="error", code="bad_date", message="31/02/2026 is no date", line=17, column="Date"
    )
    outcome.save_findings(connection, claimed, [found])
    end(connection, claimed, InconsistentData("1 line cannot be read.", code="unfit_lines"))
    long_ago(connection, claimed)
    requests.request(connection, waiting, trigger="scheduled", requested_by="schedule")
    open_import = start(connection, running)
    connection.execute(
        "update app.import set step = 'fetching', lines_read = 48213, "
        "lease_until = now() + interval '1 hour' where id = %s",
        [open_import.import_id],
    )
    connection.execute(
        "update app.entity set figures_at = now() - %s where key = any(%s)",
        [timedelta(hours=1), [good, down, running, waiting]],
    )
    return made


def paths(company: Company) -> list[str]:
    key, unfit = company.key, company.keys[3]
    return [
        "/entities",
        "/entities?q=nowhere",
        "/entities?status=failed&asked=2&refused=1",
        f"/entities/{key}",
        f"/entities/{unfit}",
        f"/entities/{key}/reset",
        "/entities/no-such-entity",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_on_any_page(
    browse: Browse, company: Company, connection: Connection, scheme: str, viewport: dict[str, int]
) -> None:
    page = browse(color_scheme=scheme, viewport=viewport)
    _, link = access_tokens.create(connection, company.name, "Jo", access_tokens.LINK)
    for path in ("/sign-in", f"/sign-in/{link}"):
        page.goto(path)
        assert violations(page) == [], path
    page.locator("main button").click()
    page.wait_for_url("**/entities")
    for path in paths(company):
        _quietly(page, path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
    page.goto("/entities")
    for drawer in ("History", "Diagnostics"):
        page.locator(f"#card-{company.key} summary", has_text=drawer).click()
    expect(page.locator(f"#card-{company.key} table tbody tr")).to_have_count(12)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_axe_finds_nothing_in_other_languages_and_nothing_overflows(
    browse: Browse, company: Company, language: str
) -> None:
    page = browse(company.token, locale=f"{language}-BE", viewport=PHONE)
    assert page.locator("html").get_attribute("lang") == language
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_everything_is_reached_and_done_by_keyboard(browse: Browse, company: Company) -> None:
    page = browse(company.token)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    summary = page.locator(f"#card-{company.key} summary", has_text="History")
    _tab_to(page, summary)
    page.keyboard.press("Enter")
    expect(page.locator(f"#card-{company.key} table")).to_be_visible()
    button = page.get_by_role("button", name="Sync now: Immo Zuid")
    _tab_to(page, button)
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(f"#card-{company.keys[4]} header .status")).to_have_text("Waiting…")


def test_diagnostics_are_copied(browse: Browse, company: Company) -> None:
    page = browse(company.token, permissions=["clipboard-read", "clipboard-write"])
    page.locator(f"#card-{company.key} summary", has_text="Diagnostics").click()
    page.get_by_role("button", name="Copy: Bakkerij Peeters").click()
    expect(page.locator("#news")).to_have_text("Copied")
    expect(page.get_by_role("button", name="Copied: Bakkerij Peeters")).to_have_text("Copied")
    assert violations(page) == []
    assert f"entity: {company.key}" in page.evaluate("navigator.clipboard.readText()")
    expect(page.get_by_role("button", name="Copy: Bakkerij Peeters")).to_have_text("Copy")


def test_without_script_every_form_and_link_works(browse: Browse, company: Company) -> None:
    page = browse(company.token, java_script_enabled=False)
    page.get_by_label("Search by name").fill("immo")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_role("button", name="Sync now: Immo Zuid").click()
    expect(page.locator(".card header .status")).to_have_text("Waiting…")
    page.locator(".filters a", has_text="Failed").click()
    page.locator(".brand").click()
    page.locator(f"#card-{company.key} summary", has_text="History").click()
    page.locator(f"#card-{company.key}").get_by_role("link", name="Show the last imports").click()
    expect(page.locator("table tbody tr")).to_have_count(12)
    page.get_by_role("link", name="Reset").click()
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".card .message")).to_contain_text("the next import reads everything again")
    page.locator(".brand").click()
    page.get_by_label(f"Select {NAMES[0]}").check()
    page.get_by_role("button", name="Sync selected").click()
    expect(page.get_by_role("status").first).to_contain_text("Imports asked for: 1.")
    page.get_by_role("link", name="Nederlands").click()
    expect(page.locator("h1")).to_have_text("Entiteiten")
    page.get_by_role("button", name="Afmelden").click()
    expect(page.locator("#token")).to_be_visible()


def test_the_page_is_as_the_readme_shows_it(browse: Browse, connection: Connection) -> None:
    company = in_every_state(connection, make_company(connection, NAMES, name="Groep Peeters"))
    page = browse(company.token, viewport=PICTURED, reduced_motion="reduce")
    expect(page.locator(".card")).to_have_count(len(NAMES))
    expect(page.get_by_text("Status changes appear on this page by themselves.")).to_be_visible()
    if os.environ.get("MONITR_UPDATE_SNAPSHOTS") == "1":
        SCREENSHOT.write_bytes(page.screenshot(full_page=True))
        CAPTION.write_text(_caption(page))
    assert f"](docs/{SCREENSHOT.name})" in README.read_text()
    signature, width, height = struct.unpack(">8s8x2I", SCREENSHOT.read_bytes()[:24])
    assert signature == b"\x89PNG\r\n\x1a\n"
    assert width == PICTURED["width"]
    assert height >= PICTURED["height"]
    assert CAPTION.read_text() == _caption(page), RETAKE


def _caption(page: Page) -> str:
    """What the picture beside it shows, times aside, and by which style."""
    texts = page.locator("body").inner_text()
    for times, instead in TIMES.items():
        texts = re.sub(times, instead, texts, flags=re.MULTILINE)
    hashes = [f"sha256 {sha256(path.read_bytes()).hexdigest()} {path.name}" for path in (SCREENSHOT, STYLE)]
    return "\n".join([RETAKE, "", *hashes, "", texts, ""])


def _quietly(page: Page, path: str) -> None:
    """Go there; a page that is meant to be missing is no error of a script."""
    page.goto(path)
    expect(page.locator("main h1")).to_be_visible()


def _tab_to(page: Page, target: Locator) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"80 tabs do not reach {target}")
