"""Structures in a real browser: one of one's own by keyboard, in any light, in three languages."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from monitr_pipelines.ledger.structures import reading
from monitr_pipelines.warehouse.reports import own_structures
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.browser_kit import DESKTOP, PHONE, Browse, tab_to, violations
from monitr_pipelines_tests.web.mapping.places_kit import make_unmapped
from monitr_pipelines_tests.web.mapping.structures_kit import FEWER, NBB, at, number_of
from monitr_pipelines_tests.web.page_kit import Company

ROOT = Path(__file__).parents[3]
PICTURED = {"width": 1100, "height": 900}
PICTURE = "structures-page.png"


@pytest.fixture(scope="module")
def company(home: object) -> Iterator[Company]:
    """Of tests that save nothing."""
    with database.connect(autocommit=True) as connection:
        yield make_unmapped(connection)


def given(page: Page, company: Company, file: Path) -> None:
    """A name and a file, entered."""
    page.goto(at(company))
    page.locator("#name").fill("Our own")
    page.locator("#file").set_input_files(file)


def test_a_structure_of_ones_own_is_read_in_and_chosen_by_keyboard(
    browse: Browse, connection: Connection, tmp_path: Path
) -> None:
    company = make_unmapped(connection)
    file = tmp_path / "own.csv"
    file.write_text(NBB)
    page = browse(company.token)
    given(page, company, file)
    page.locator("#name").press("Enter")
    expect(page.get_by_role("button", name="Save")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("follow at the next import")
    tab_to(page, "link", "Use for this company: Our own")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Use for this company")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("tr.used")).to_contain_text("Our own")
    file.write_text(FEWER)
    given(page, company, file)
    page.locator("#name").press("Enter")
    expect(page.locator("tr[data-lost='700000']")).to_contain_text("-13,000.00")


@pytest.mark.parametrize(
    ("scheme", "viewport", "language"),
    [("light", DESKTOP, "en"), ("dark", PHONE, "nl"), ("light", PHONE, "fr")],
    ids=["desktop", "phone", "french"],
)
def test_axe_finds_nothing_and_nothing_overflows(
    browse: Browse,
    connection: Connection,
    company: Company,
    tmp_path: Path,
    *,
    scheme: str,
    viewport: dict[str, int],
    language: str,
) -> None:
    page = browse(company.token, color_scheme=scheme, viewport=viewport, locale=f"{language}-BE")

    def is_fine(name: str) -> None:
        assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], name

    for path in ((), (number_of(connection, "plain"),), (number_of(connection, "nl_rgs"), "choose")):
        page.goto(at(company, *path))
        is_fine(str(path))
    file = tmp_path / "own.csv"
    file.write_text(NBB)
    for content in (NBB, "line;rank"):
        file.write_text(content)
        given(page, company, file)
        page.get_by_role("button", name=i18n.text(language, "mapping.preview")).click()
        expect(page.get_by_role("alert")).to_have_count(0 if content == NBB else 1)
        is_fine(content[:10])


def test_a_structure_of_ones_own_is_deleted_by_keyboard(browse: Browse, connection: Connection) -> None:
    company = make_unmapped(connection)
    _keep(connection, company, "Our own")
    page = browse(company.token)
    page.goto(at(company))
    tab_to(page, "link", "Delete…: Our own")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Delete Our own?")).to_be_visible()
    assert violations(page) == []
    tab_to(page, "button", "Delete the structure")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Deleted.")
    expect(page.get_by_role("link", name="Our own")).to_have_count(0)


@pytest.mark.parametrize("width", [320, PHONE["width"], DESKTOP["width"]])
def test_what_can_be_done_is_in_sight_at_every_width(
    browse: Browse, connection: Connection, width: int
) -> None:
    company = make_unmapped(connection)
    _keep(connection, company, "Our own")
    page = browse(company.token, viewport={"width": width, "height": 800}, locale="nl-BE")
    page.goto(at(company))
    for link in page.locator(".structures .choices a").all():
        box = link.bounding_box()
        assert box
        assert box["x"] + box["width"] <= width


def test_the_page_is_as_the_document_shows_it(browse: Browse, connection: Connection) -> None:
    company = make_unmapped(connection, name="De Ovens Holding")
    _keep(connection, company, "Ovens 2026")
    own_structures.assign(connection, company.key, "Ovens 2026")
    page = browse(company.token, viewport=PICTURED)
    page.goto(at(company))
    expect(page.locator("tr.used")).to_contain_text("Ovens 2026")
    picture = ROOT / "docs" / PICTURE
    if os.environ.get("MONITR_UPDATE_SNAPSHOTS") == "1":
        picture.write_bytes(page.screenshot())
    signature, width, height = struct.unpack(">8s8x2I", picture.read_bytes()[:24])
    assert (signature, width, height) == (b"\x89PNG\r\n\x1a\n", PICTURED["width"], PICTURED["height"])
    assert f"]({PICTURE})" in (ROOT / "docs" / "structures.md").read_text()


def _keep(connection: Connection, company: Company, name: str) -> None:
    structure = reading.read(NBB.encode())
    own_structures.keep(connection, company.organisation_id, name, structure, replace=False)
