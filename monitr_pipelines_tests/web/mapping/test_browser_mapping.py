"""A mapping in a real browser: many accounts placed by keyboard, in any light, in three languages."""

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
from monitr_pipelines_tests.web.browser_kit import DESKTOP, PHONE, Browse, tab_to, violations
from monitr_pipelines_tests.web.mapping.places_kit import UNMAPPED, make_unmapped
from monitr_pipelines_tests.web.page_kit import Company

ROOT = Path(__file__).parents[3]
PICTURED = {"width": 1100, "height": 760}
PICTURES = {"en": "mapping-page.png", "nl": "mapping-effect-nl.png"}


@pytest.fixture(scope="module")
def company(home: object) -> Iterator[Company]:
    """Of tests that save nothing."""
    with database.connect(autocommit=True) as connection:
        yield make_unmapped(connection, name="Groep De Ovens")


def previewed(page: Page, company: Company, language: str) -> None:
    """Two accounts have a line each, and what that does is shown."""
    page.goto(f"/entities/{company.key}/mapping")
    for code, line in (("922000", "61"), ("921000", "62")):
        page.get_by_role("row", name=re.compile(code)).locator(".new input[type=text]").fill(line)
    page.get_by_role("button", name=i18n.text(language, "mapping.preview")).first.click()
    expect(page.locator("#effect")).to_have_text(i18n.text(language, "mapping.effect"))


def test_twenty_accounts_are_placed_by_keyboard(browse: Browse, connection: Connection) -> None:
    company = make_unmapped(connection)
    page = browse(company.token)
    page.goto("/entities")
    tab_to(page, "link", "Place them: Bakkerij Peeters")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Accounts (29)")).to_be_visible()
    tab_to(page, "combobox", "New line of 922000 Oven 22")
    for nth in range(20):
        page.keyboard.type("61" if nth % 2 else "Turnover")
        # Past the way to the account's values and the box that selects the next account.
        for _ in range(3):
            page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Save (changes: 20)")).to_be_focused()
    expect(page.locator("tr[data-line='61']")).to_contain_text("-12,000.00")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("follow at the next import")
    rows = connection.execute(
        "select line_after, count(*) as placed, max(person) as person from app.chosen_line_change as c "
        "inner join app.entity as e on e.id = c.entity_id where e.key = %s group by line_after order by 1",
        [company.key],
    )
    assert [tuple(row.values()) for row in rows] == [("61", 10, "An Peeters"), ("70", 10, "An Peeters")]
    expect(page.get_by_role("link", name="Unmapped 2")).to_be_visible()


def test_all_that_are_shown_are_selected_and_undone_by_keyboard(
    browse: Browse, connection: Connection
) -> None:
    company = make_unmapped(connection)
    page = browse(company.token)
    page.goto(f"/entities/{company.key}/mapping?show=unmapped")
    page.get_by_role("checkbox", name="Select all that are shown").press("Space")
    expect(page.locator("input[name=selected]:checked")).to_have_count(len(UNMAPPED))
    page.get_by_role("combobox", name="Line for them").press_sequentially("61")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"Save (changes: {len(UNMAPPED)})")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Unmapped 0")).to_be_visible()
    page.get_by_role("link", name="History").press("Enter")
    page.get_by_role("button", name=re.compile("^Undo")).press("Enter")
    expect(page.get_by_role("link", name=f"Unmapped {len(UNMAPPED)}")).to_be_visible()


@pytest.mark.parametrize(
    ("scheme", "viewport", "language"),
    [("light", DESKTOP, "en"), ("dark", PHONE, "nl"), ("light", PHONE, "fr")],
    ids=["desktop", "phone", "french"],
)
def test_axe_finds_nothing_and_nothing_overflows(
    browse: Browse, company: Company, scheme: str, viewport: dict[str, int], language: str
) -> None:
    page = browse(company.token, color_scheme=scheme, viewport=viewport, locale=f"{language}-BE")
    for path in ("", "?open=700000&q=sales", "/history"):
        page.goto(f"/entities/{company.key}/mapping{path}")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
    previewed(page, company, language)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_phone_shows_which_account_a_line_is_entered_for(browse: Browse, company: Company) -> None:
    page = browse(company.token, viewport=PHONE)
    page.goto(f"/entities/{company.key}/mapping?q=922000")
    for each in (page.locator(".new .on-phone"), page.locator(".new input[type=text]")):
        box = each.bounding_box()
        assert box
        assert box["x"] + box["width"] <= PHONE["width"]
    expect(page.locator(".new .on-phone")).to_have_text("922000 Oven 22")
    row = page.locator(".accounts tbody tr").bounding_box()
    name = page.locator(".new .on-phone").bounding_box()
    assert row
    assert name
    assert name["y"] - row["y"] < 30


@pytest.mark.parametrize("language", PICTURES)
def test_the_pages_are_as_the_document_shows_them(browse: Browse, company: Company, language: str) -> None:
    page = browse(company.token, viewport=PICTURED, locale=f"{language}-BE")
    if language == "en":
        page.goto(f"/entities/{company.key}/mapping")
        expect(page.locator("#accounts")).to_be_visible()
    else:
        previewed(page, company, language)
    picture = ROOT / "docs" / PICTURES[language]
    if os.environ.get("MONITR_UPDATE_SNAPSHOTS") == "1":
        picture.write_bytes(page.screenshot())
    signature, width, height = struct.unpack(">8s8x2I", picture.read_bytes()[:24])
    assert (signature, width, height) == (b"\x89PNG\r\n\x1a\n", PICTURED["width"], PICTURED["height"])
    assert f"]({PICTURES[language]})" in (ROOT / "docs" / "mapping.md").read_text()
