"""The wizard in a browser: a semicolon file in cp1252 from choosing it to its figures."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from monitr_pipelines.importing import preview as previews
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.browser_kit import PHONE, Browse, violations
from monitr_pipelines_tests.web.page_kit import Company, make_company
from monitr_pipelines_tests.web.wizard_kit import book, closing_balances, imports_of, run_import, started

FILE = (
    "Date booking;Account number;Account name;Amount;Description\n"
    "03/04/2026;611000;Électricité;1.121,50;Café de l'été\n"
    "03/04/2026;440000;Fournisseurs;-1.121,50;Café de l'été\n"
).encode("cp1252")

FIELD_COUNT = {"nl": "velden waar de kopregel er 5 heeft", "fr": "champs là où"}
BOOKING = [["2026-04-03", "611000", 5, None], ["2026-04-03", "440000", None, 5]]
MORE_DEBIT = {"nl": "meer debet dan credit", "fr": "de plus au débit"}

PICTURES = Path(__file__).parents[3] / "docs"
PICTURED = {"width": 1000, "height": 900}
MONTHS = (
    b"date,account_code,account_name,description,debit,credit\n"
    b"2026-0%s-15,611000,Electricity,Invoice,%s,\n2026-0%s-15,440000,Suppliers,Invoice,,%s\n"
)


@pytest.fixture
def company(connection: Connection) -> Company:
    return make_company(connection, provider="file")


def choose(page: Page, company: Company, content: bytes = FILE, name: str = "boekhouding.csv") -> None:
    page.goto(f"/entities/{company.key}/import")
    page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Upload and look at it").click()
    page.wait_for_url("**/import/*")


def pictured(page: Page, name: str) -> None:
    """Take the picture of docs/files.md anew where that is asked for."""
    if os.environ.get("MONITR_UPDATE_SNAPSHOTS"):
        page.screenshot(path=PICTURES / name, full_page=True)
    assert (PICTURES / name).read_bytes().startswith(b"\x89PNG")


def accessible(page: Page) -> None:
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_semicolon_file_in_cp1252_through_the_whole_wizard(
    connection: Connection, browse: Browse, company: Company, scheme: str
) -> None:
    page = browse(company.token, color_scheme=scheme, viewport=PHONE if scheme == "dark" else None)
    page.locator(f"#card-{company.key} .actions a").click()
    accessible(page)
    choose(page, company)
    expect(page.get_by_role("alert")).to_contain_text("03/04/2026 in line 2 can be read in two ways")
    expect(page.get_by_role("button", name="Import", exact=True)).to_have_count(0)
    accessible(page)
    page.get_by_label("Date format").select_option("DD/MM/YYYY")
    page.get_by_role("button", name="Show again").click()
    expect(page.locator("table tbody tr").first).to_contain_text("2026-04-03")
    expect(page.locator("table tbody tr").first).to_contain_text("Électricité")
    expect(page.locator("table tbody tr").first).to_contain_text("1121.50")
    expect(page.locator("#seen ~ .reading")).to_contain_text("cp1252")
    expect(page.locator("#seen ~ .reading")).to_contain_text("semicolon")
    page.get_by_text("Columns", exact=True).click()
    expect(page.get_by_label("Account name")).to_be_visible()
    accessible(page)
    with page.expect_response("**/entities/events*"):
        page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("starts as soon as it is its turn")
    accessible(page)
    page.evaluate("() => { window.loadedOnce = true }")
    page.get_by_role("link", name="Refresh").focus()
    session = started(connection, company.key)
    expect(page.locator(".notice")).to_contain_text("is being imported")
    expect(page.get_by_role("link", name="Refresh")).to_be_focused()
    session.fetch()
    session.publish()
    session.end()
    expect(page.locator(".notice")).to_contain_text("Imported. The figures are up to date.")
    expect(page.locator("#detail")).to_be_focused()
    expect(page.locator(f"#card-{company.key} .status")).to_have_text("Succeeded")
    assert page.evaluate("() => window.loadedOnce === true")
    accessible(page)
    assert closing_balances(connection, company.key).keys() == {"611000", "440000"}
    assert len(imports_of(connection, company.key)) == 1


def test_without_script_everything_works(connection: Connection, browse: Browse, company: Company) -> None:
    page = browse(company.token, java_script_enabled=False)
    choose(page, company, FILE.replace(b"03/04", b"25/04"))
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url("**/progress")
    assert run_import(connection, company.key).problem is None
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator(".notice")).to_contain_text("Imported.")


def test_a_long_file_name_fits_a_phone(browse: Browse, company: Company) -> None:
    page = browse(company.token, viewport=PHONE)
    choose(page, company, FILE.replace(b"03/04", b"25/04"), name=f"{'boekhouding' * 15}.csv")
    expect(page.locator("#seen")).to_contain_text("boekhoudingboekhouding")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_long_code_of_an_account_fits_a_phone(browse: Browse, company: Company) -> None:
    page = browse(company.token, viewport=PHONE)
    one_word = b"date,account_code,amount\n2026-01-31,%s,5\n2026-01-31,440000,-5\n" % (b"X" * 100)
    choose(page, company, one_word)
    expect(page.locator("main .notice, main .sheet").first).to_contain_text("X" * 100)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_a_refused_file_shows_why_and_the_way_back(
    connection: Connection, browse: Browse, company: Company, language: str
) -> None:
    page = browse(company.token, locale=language)
    page.goto(f"/entities/{company.key}/import")
    accessible(page)
    wrong = FILE.replace(b"03/04", b"25/04") + b"x;y\n"
    page.locator("#file").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": wrong})
    page.locator("main form button").click()
    expect(page.locator("td", has_text=FIELD_COUNT[language])).to_be_visible()
    accessible(page)
    page.goto(f"/entities/{company.key}/import")
    accessible(page)
    lopsided = b"date,account_code,amount\n2026-01-31,611000,5\n"
    page.locator("#file").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": lopsided})
    page.locator("main form button").click()
    page.locator("button[value=import]").click()
    page.wait_for_url("**/progress")
    assert run_import(connection, company.key).problem is not None
    expect(page.locator(".notice.bad")).to_be_visible()
    expect(page.locator("td", has_text=MORE_DEBIT[language])).to_be_visible()
    accessible(page)
    page.locator("main form button").first.click()
    page.locator("#allow_unbalanced").check()
    accessible(page)
    page.locator("button[value=import]").click()
    page.wait_for_url("**/progress")
    assert run_import(connection, company.key).problem is None
    expect(page.locator(".notice.good")).to_be_visible()


def test_a_file_that_is_too_large_shows_a_page(
    browse: Browse, company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MONITR_UPLOAD_LIMIT_MB", "1")
    large = tmp_path / "x.csv"
    large.write_bytes(b"x" * 30_000_000)
    page = browse(company.token)
    page.goto(f"/entities/{company.key}/import")
    page.locator("#file").set_input_files(large)
    page.locator("main form button").click()
    expect(page.get_by_role("alert")).to_contain_text("larger than 1 MB")


@pytest.mark.parametrize("language", ["en", "nl", "fr"])
def test_a_look_that_was_cut_shows_no_totals(
    browse: Browse, company: Company, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "MOST_LINES", 10_000)
    page = browse(company.token, locale=language, viewport=PHONE)
    page.goto(f"/entities/{company.key}/import")
    content = b"date,account_code,amount\n" + b"2026-01-31,611000,5\n2026-01-31,440000,-5\n" * 10_001
    page.locator("#file").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": content})
    page.locator("main form button").click()
    page.wait_for_url("**/import/*")
    notice = page.locator("#seen ~ .notice")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("10")
    expect(page.locator("main")).not_to_contain_text("50005")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    accessible(page)


def test_the_sheets_of_a_workbook_are_chosen_by_name(
    connection: Connection, browse: Browse, company: Company
) -> None:
    header = ["date", "account_code", "debit", "credit"]
    content = book({"Januari": [header, *BOOKING], "Februari": [header, *BOOKING]})
    page = browse(company.token)
    choose(page, company, content, "maanden.xlsx")
    expect(page.get_by_role("alert")).to_contain_text("2 sheets with the same columns: Januari, Februari")
    expect(page.get_by_role("button", name="Import", exact=True)).to_have_count(0)
    accessible(page)
    page.get_by_label("Sheet", exact=True).select_option("All of these sheets")
    page.get_by_role("button", name="Show again").click()
    expect(page.locator("[aria-labelledby=rows] tbody tr")).to_have_count(4)
    expect(page.locator(".reading").first).to_contain_text("Januari, Februari")
    accessible(page)
    with page.expect_response("**/entities/events*"):
        page.get_by_role("button", name="Import", exact=True).click()
    run_import(connection, company.key)
    expect(page.get_by_text("Imported.")).to_be_visible()
    assert closing_balances(connection, company.key)["611000"] == 10


def test_what_an_import_would_do_is_seen_before_it_and_pictured(
    connection: Connection, browse: Browse, company: Company
) -> None:
    page = browse(company.token, viewport=PICTURED)
    choose(page, company, MONTHS % (b"1", b"100.00", b"1", b"100.00"), "january.csv")
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url("**/progress")
    assert run_import(connection, company.key).problem is None
    choose(page, company, MONTHS % (b"2", b"25.50", b"2", b"25.50"), "february.csv")
    expect(page.get_by_role("button", name="Import", exact=True)).to_have_count(0)
    expect(page.locator("#asked button").first).to_have_text("Replace the months that are in this file")
    accessible(page)
    pictured(page, "files-check.png")
    page.locator("#asked button").first.click()
    expect(page.locator("#asked")).to_have_count(0)
    expect(page.locator("#outlook ~ dl")).to_contain_text("Nothing that is stored")
    accessible(page)
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url("**/progress")
    assert run_import(connection, company.key).problem is None
