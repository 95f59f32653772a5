"""Reports in a real browser: to the booking in three clicks, by keyboard, in any light."""

import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.browser_kit import DESKTOP, PHONE, Browse, violations
from monitr_pipelines_tests.web.page_kit import Company
from monitr_pipelines_tests.web.reports.reports_kit import PATHS, make_doubtful, make_reported

ROOT = Path(__file__).parents[3]
PICTURES = {
    "en": ("reports-page.png", "profit-and-loss?from=2026-01&compare=1"),
    "nl": ("reports-charts-nl.png", "charts"),
    "fr": ("reports-lines-fr.png", "transactions?account=604000&from=2025-10&to=2026-03"),
}
PICTURED = {"width": 1100, "height": 760}
WIDE = {"width": 2560, "height": 1200}


@pytest.fixture(scope="module")
def company(home: object) -> Iterator[Company]:
    with database.connect(autocommit=True) as connection:
        yield make_reported(connection, name="Groep De Molen")


def test_three_clicks_lead_from_a_cell_to_the_booking(browse: Browse, company: Company) -> None:
    page = browse(company.token)
    page.get_by_role("navigation", name="Organisations").get_by_role("link", name="Reports").click()
    page.get_by_role("link", name="Profit and loss: Bakkerij Peeters").click()
    page.get_by_role("row", name=re.compile("Turnover")).get_by_role("link").nth(1).click()
    expect(page.get_by_role("heading", name="Accounts of Turnover")).to_be_visible()
    page.get_by_role("row", name=re.compile("700000")).get_by_role("link").click()
    expect(page.get_by_role("heading", name="Ledger lines of account 700000")).to_be_visible()
    page.get_by_role("link", name="V202602").click()
    expect(page.get_by_role("row", name=re.compile("Total of 3 lines"))).to_contain_text("12,200.00")


def test_lines_fold_by_keyboard_and_the_address_remembers(browse: Browse, company: Company) -> None:
    page = browse(company.token)
    page.goto(f"/reports/{company.key}/profit-and-loss")
    turnover = page.locator("tr[data-line='70']")
    fold = page.get_by_role("link", name="Parts of Operating income")
    fold.focus()
    page.keyboard.press("Enter")
    expect(turnover).to_be_hidden()
    expect(fold).to_have_attribute("aria-expanded", "false")
    page.reload()
    expect(turnover).to_be_hidden()
    page.get_by_role("link", name="Parts of Operating income").press("Enter")
    expect(turnover).to_be_visible()
    turnover.get_by_role("link").first.focus()
    page.keyboard.press("ArrowRight")
    expect(turnover.get_by_role("link").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    above = page.locator("tr[data-line='70/76A']").get_by_role("link", name=re.compile("12,200"))
    expect(above).to_be_focused()


@pytest.mark.parametrize(
    ("scheme", "viewport"),
    [("light", DESKTOP), ("dark", PHONE), ("dark", WIDE)],
    ids=["desktop", "phone", "wide"],
)
def test_axe_finds_nothing_and_nothing_overflows(
    browse: Browse, company: Company, scheme: str, viewport: dict[str, int]
) -> None:
    page = browse(company.token, color_scheme=scheme, viewport=viewport)
    for address in ["/reports", *(f"/reports/{company.key}/{path}" for path in PATHS)]:
        page.goto(address)
        for summary in page.locator("main details summary").all():
            summary.click()
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], address


def test_axe_finds_nothing_where_checks_fail(browse: Browse, connection: Connection) -> None:
    doubtful = make_doubtful(connection)
    page = browse(doubtful.token)
    page.goto(f"/reports/{doubtful.key}/checks")
    expect(page.locator("h2#mapped")).to_be_visible()
    assert violations(page) == []


def test_names_of_lines_stay_in_sight_and_the_print_has_no_controls(browse: Browse, company: Company) -> None:
    page = browse(company.token, viewport=PHONE)
    page.goto(f"/reports/{company.key}/profit-and-loss?from=2024-01")
    region = page.locator(".statement")
    region.evaluate("(found) => { found.scrollLeft = 900; }")
    name = page.get_by_role("rowheader", name=re.compile("Turnover"))
    box, around = name.bounding_box(), region.bounding_box()
    assert box is not None
    assert around is not None
    assert abs(box["x"] - around["x"]) < 2
    page.emulate_media(media="print")
    for control in (".bar", ".tabs", ".period", ".downloads"):
        expect(page.locator(control)).to_be_hidden()
    expect(name).to_be_visible()
    printed = page.locator(".figures-table .name").last.bounding_box()
    assert printed
    assert printed["width"] > 160, "names of a year of months break within words"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_outcomes_and_signs_are_in_sight_on_a_phone(browse: Browse, company: Company, language: str) -> None:
    page = browse(company.token, viewport=PHONE, locale=f"{language}-BE")
    for path, what in (("checks", ".checks-table .outcome"), ("balance-sheet?from=2024-01", "caption span")):
        page.goto(f"/reports/{company.key}/{path}")
        expect(page.locator(what).first).to_be_visible()
        for each in page.locator(what).all():
            box = each.bounding_box()
            assert box
            assert box["x"] + box["width"] <= PHONE["width"], path


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_amounts_of_ledger_lines_are_in_sight_on_a_phone(
    browse: Browse, company: Company, language: str
) -> None:
    page = browse(company.token, viewport=PHONE, locale=f"{language}-BE")
    page.goto(f"/reports/{company.key}/transactions?account=604000&from=2025-10&to=2026-03")
    expect(page.get_by_role("row")).to_have_count(1 + 6)
    assert_in_sight(page)
    page.locator(".ledger .document a").first.click()
    expect(page.get_by_role("row")).to_have_count(1 + 2 + 1)
    assert_in_sight(page)


def assert_in_sight(page: Page) -> None:
    """The amounts of ledger lines, without scrolling sideways."""
    expect(page.locator(".ledger td.number").first).to_be_visible()
    for each in page.locator(".ledger td.number").all():
        box = each.bounding_box()
        assert box
        assert box["x"] + box["width"] <= PHONE["width"]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_pages_are_as_the_documents_show_them(browse: Browse, company: Company, language: str) -> None:
    name, path = PICTURES[language]
    page = browse(company.token, viewport=PICTURED, locale=f"{language}-BE")
    page.goto(f"/reports/{company.key}/{path}")
    expect(page.locator("h1")).to_have_text("Bakkerij Peeters")
    picture = ROOT / "docs" / name
    if os.environ.get("MONITR_UPDATE_SNAPSHOTS") == "1":
        picture.write_bytes(page.screenshot())
    signature, width, height = struct.unpack(">8s8x2I", picture.read_bytes()[:24])
    assert (signature, width, height) == (b"\x89PNG\r\n\x1a\n", PICTURED["width"], PICTURED["height"])
    assert f"]({name})" in (ROOT / "docs" / "reports.md").read_text()
