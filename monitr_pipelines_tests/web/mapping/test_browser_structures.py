"""Structures in a real browser: one of one's own by keyboard, in any light, in three languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.browser_kit import DESKTOP, PHONE, Browse, tab_to, violations
from monitr_pipelines_tests.web.mapping.places_kit import make_unmapped
from monitr_pipelines_tests.web.mapping.structures_kit import FEWER, NBB, at, number_of
from monitr_pipelines_tests.web.page_kit import Company


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
