"""Several files in a browser: chosen at once, answered one by one, imported together."""

from collections.abc import Mapping

import pytest
from playwright.sync_api import Page, expect

from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.browser_kit import PHONE, Browse, violations
from monitr_pipelines_tests.web.page_kit import Company, make_company
from monitr_pipelines_tests.web.wizard.test_browser_wizard import PICTURED, pictured
from monitr_pipelines_tests.web.wizard_kit import HEADER, booking, closing_balances, run_import

UNSURE = "Date;Account number;Amount\n03/04/2026;611000;5,00\n03/04/2026;440000;-5,00\n"
FILES = {
    "2026.csv": UNSURE,
    "2025.csv": HEADER + booking("2025-11-30", "25.50"),
    "notes.csv": HEADER + "2025-01-31,611000,Electricity,x,twenty,\n",
}


@pytest.fixture
def company(connection: Connection) -> Company:
    return make_company(connection, provider="file")


def choose(page: Page, company: Company, files: Mapping[str, str]) -> None:
    page.goto(f"/entities/{company.key}/import")
    page.locator("#file").set_input_files(
        [{"name": name, "mimeType": "text/csv", "buffer": text.encode()} for name, text in files.items()]
    )
    page.locator("main form button").click()
    page.wait_for_url("**/import/together?*")


def test_files_are_answered_and_imported_by_keyboard_and_pictured(
    connection: Connection, browse: Browse, company: Company
) -> None:
    page = browse(company.token, viewport=PICTURED)
    choose(page, company, FILES)
    expect(page.locator("h3")).to_have_text(["1. 2025.csv", "2. 2026.csv", "3. notes.csv"])
    everything = page.get_by_role("button", name="Import all")
    expect(everything).to_be_disabled()
    page.get_by_text("What the import would do").first.click()
    expect(page.get_by_role("region", name="What the statements say now").first).to_be_visible()
    assert violations(page) == []
    page.get_by_text("What the import would do").first.click()
    pictured(page, "files-together.png")
    page.get_by_label("Date format").select_option("DD/MM/YYYY")
    page.get_by_role("button", name="Read it like this").press("Enter")
    expect(everything).to_be_enabled()
    expect(page.locator("#unfit")).to_contain_text("stay behind: 1")
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    with page.expect_response("**/entities/events*"):
        everything.press("Enter")
    expect(page.locator("#detail .notice")).to_have_count(2)
    assert violations(page) == []
    assert run_import(connection, company.key).problem is None
    expect(page.locator("#detail .notice.good")).to_have_count(2)
    expect(page.locator("h3")).to_have_text(["1. notes.csv"])
    assert violations(page) == []
    assert closing_balances(connection, company.key)["440000"] != 0


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_without_script_and_in_other_languages_it_works(
    connection: Connection, browse: Browse, company: Company, language: str
) -> None:
    page = browse(company.token, java_script_enabled=False, locale=language)
    choose(page, company, FILES)
    page.locator("button[value^='remove:']").last.click()
    expect(page.locator("h3")).to_have_count(2)
    page.locator("select").select_option("DD/MM/YYYY")
    page.locator("button[value^='read:']").click()
    expect(page.locator("main")).not_to_contain_text("wizard.")
    page.locator("button[value=import]").click()
    assert run_import(connection, company.key).problem is None
    page.locator("#detail a.button").first.click()
    page.goto(f"/entities/{company.key}/import")
    expect(page.locator("#files ~ .scroll tbody tr")).to_have_count(3)
