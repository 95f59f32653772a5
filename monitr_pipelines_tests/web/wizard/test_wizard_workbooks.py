"""A workbook in the wizard: its sheets are asked for by name, and day and month can be exchanged."""

import re

import openpyxl
import pytest

from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.wizard_kit import Person, book, closing_balances, run_import, words

HEADER = ["date", "account_code", "account_name", "description", "debit", "credit"]


def sale(day: object, amount: int) -> list[list[object]]:
    return [[day, "550000", "Bank", "Sale", amount, None], [day, "700000", "Sales", "Sale", None, amount]]


def options(page: str, name: str) -> list[str]:
    found = re.search(rf'<select id="{name}".*?</select>', page, re.DOTALL)
    return re.findall(r'<option value="([^"]*)"', found[0]) if found else []


def test_sheets_are_asked_for_by_name_and_imported_together(connection: Connection, person: Person) -> None:
    months = {"Jan & co": sale("2024-01-05", 100), "Feb": sale("2024-02-05", 200)}
    page = person.draft(book({name: [HEADER, *lines] for name, lines in months.items()}), "b.xlsx")
    shown = person.client.get(page).text
    assert "2 sheets with the same columns: Jan & co, Feb" in words(shown)
    assert options(shown, "sheet") == ["", "*", "Jan &amp; co", "Feb"]
    assert "All of these sheets" in words(shown)
    assert person.send(page, "import").status_code == 422
    person.send(page, "show", sheet="Jan & co")
    assert options(person.client.get(page).text, "sheet") == ["", "*", "Jan &amp; co", "Feb"]
    assert "Sheets not read Feb" in words(person.client.get(page).text)
    person.send(page, "show", sheet="*")
    assert "Sheet Jan & co, Feb" in words(person.client.get(page).text)
    assert person.send(page, "import", sheet="*").status_code == 303
    assert run_import(connection, person.company.key).problem is None
    assert closing_balances(connection, person.company.key)["550000"] == 300


def test_the_choice_of_sheets_is_kept_for_later_files_of_the_kind(person: Person) -> None:
    def workbook(header: list[str], *names: str) -> bytes:
        return book({name: [header, *sale(f"{2023 + place}-01-05", 1)] for place, name in enumerate(names)})

    first = person.draft(workbook(HEADER, "Jan", "Feb"), "b.xlsx")
    person.send(first, "show", sheet="Jan")
    assert person.send(first, "import", sheet="Jan").status_code == 303
    same = person.draft(workbook(HEADER, "Jan"), "c.xlsx")
    assert "Sheet Jan" in words(person.client.get(same).text)
    more = person.draft(workbook(HEADER, "Feb", "Jan"), "c.xlsx")
    shown = person.client.get(more).text
    assert "2 sheets with the same columns: Feb, Jan" in words(shown)
    assert '<option value="Jan" selected>' in shown
    assert person.send(more, "import").status_code == 422
    other = person.draft(workbook([*HEADER[:-2], "credit", "debit"], "Feb", "Jan"), "d.xlsx")
    assert "sheets with the same columns" in words(person.client.get(other).text)
    missing = person.draft(workbook(HEADER, "Feb", "March"), "e.xlsx")
    assert "sheets with the same columns" in words(person.client.get(missing).text)
    assert person.send(more, "import", sheet="*").status_code == 303
    assert "Sheet Feb, March" in words(person.client.get(missing).text)


def test_day_and_month_of_date_cells_can_be_exchanged(person: Person) -> None:
    turned = [*sale("13/01/2024", 1), *sale(openpyxl.utils.datetime.from_excel(45414), 2)]
    page = person.draft(book({"Ledger": [HEADER, *turned]}), "b.xlsx")
    shown = person.client.get(page).text
    assert "may have exchanged day and month" in words(shown)
    assert options(shown, "date_cells") == ["", "turned", "stored"]
    assert options(shown, "sheet") == []
    person.send(page, "show", date_cells="turned")
    assert "2024-02-05" in words(person.client.get(page).text)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_sheets_are_asked_for_in_the_language_of_the_reader(person: Person, language: str) -> None:
    rows = [HEADER, *sale("2024-01-05", 1)]
    page = person.draft(book({"Een": rows, "Twee": rows}), "b.xlsx")
    person.client.get(f"/language/{language}")
    shown = words(person.client.get(page).text)
    assert i18n._catalogue(language)["wizard.ask.sheets"].partition("{")[0] in shown
    assert i18n._catalogue(language)["wizard.mark.*"] in shown
