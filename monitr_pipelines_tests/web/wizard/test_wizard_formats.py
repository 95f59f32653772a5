"""What the wizard shows of each format, and how the reader's words become those of the page."""

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from openpyxl import Workbook

from monitr_pipelines.emulators.books import DUTCH, FRENCH, generate_books
from monitr_pipelines.emulators.writers import write_fec, write_xaf
from monitr_pipelines.files import Mode, ReadSettings
from monitr_pipelines.files.reading.problems import Question
from monitr_pipelines.importing import preview as previews
from monitr_pipelines.importing.preview import Preview, preview
from monitr_pipelines.lifecycle.messages import Answer, Option
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines.web.wizard import reading_form, table
from monitr_pipelines.web.wizard.wording import allowance, fields_asked
from monitr_pipelines_tests.web.wizard_kit import HEADER, Person, booking, run_import, words, xlsx

YEAR = 2025


def fec() -> bytes:
    stream = BytesIO()
    write_fec(generate_books(3, "Boulangerie", YEAR, entries_per_month=3, chart=FRENCH), stream, YEAR)
    return stream.getvalue()


def xaf() -> bytes:
    stream = BytesIO()
    write_xaf(generate_books(3, "Bakkerij", YEAR, entries_per_month=3, chart=DUTCH), stream, YEAR)
    return stream.getvalue()


def cp1252() -> bytes:
    lines = (
        "Date booking;Account number;Account name;Amount;Description",
        "31/01/2025;611000;Électricité;1.121,50;Café",
        "31/01/2025;440000;Fournisseurs;-1.121,50;",
    )
    return "\n".join(lines).encode("cp1252")


OF_OTHER_FILES = {"sheet", "date_cells", "account_type"}
FORMATS = {
    "FEC": (fec, "FEC (French audit file)", {"decimal", "encoding"}),
    "XAF": (xaf, "XAF 3.2", {"encoding"}),
    "Excel": (xlsx, "Excel, standard layout", {"date_format", "decimal", "thousands", "code_digits"}),
    "cp1252": (
        cp1252,
        "cp1252 (detected: line 2 is not UTF-8)",
        set(reading_form.CHOICES) - OF_OTHER_FILES,
    ),
}


@pytest.mark.parametrize(("content", "told", "fields"), FORMATS.values(), ids=FORMATS.keys())
def test_what_was_recognised_is_shown_and_what_matters_can_be_chosen(
    connection: Connection, person: Person, content: Callable[[], bytes], told: str, fields: set[str]
) -> None:
    page = person.draft(content(), "books")
    shown = person.client.get(page).text
    assert told in words(shown)
    assert "lines as they will be imported" in words(shown)
    assert {name for name in reading_form.CHOICES if f'<select id="{name}"' in shown} == fields
    assert person.send(page, "import").status_code == 303
    assert run_import(connection, person.company.key).problem is None
    assert "Imported." in person.outcome(page)


def test_accents_of_another_character_set_are_shown_as_they_are_read(person: Person) -> None:
    page = person.draft(cp1252())
    assert "Électricité" in words(person.client.get(page).text)
    person.send(page, "show", encoding="cp850")
    assert "Électricité" not in words(person.client.get(page).text)


def test_what_a_page_does_not_show_is_left_to_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "MOST_LINES", 100)
    content = HEADER + booking("2025-01-31") * 200 + "not,a,date\n"
    seen = preview(BytesIO(content.encode()), ReadSettings("0" * 64))
    assert (seen.count, len(seen.lines), seen.whole, seen.problem) == (100, 20, False, None)
    settings = ReadSettings("0" * 64)
    late = HEADER + booking("03/04/2026") * 200 + booking("25/04/2026")
    assert preview(BytesIO(late.encode()), settings).questions
    monkeypatch.setattr(previews, "MOST_LINES", 1000)
    assert preview(BytesIO(late.encode()), settings).problem is None


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_is_previewed_alike(mode: Mode) -> None:
    settings = replace(ReadSettings("0" * 64), mode=mode)
    seen = preview(BytesIO((HEADER + booking("2025-01-31")).encode()), settings)
    assert (seen.count, seen.debit, seen.credit, seen.whole) == (2, 100, 100, True)


def test_a_chart_of_accounts_is_told(person: Person) -> None:
    page = person.draft("account_code,account_name\n411000,VAT\n700000,Sales\n")
    assert "A chart of 2 accounts, without bookings." in words(person.client.get(page).text)


def test_columns_are_named_so_that_the_reader_finds_them() -> None:
    assert reading_form.column_names(["Date", "", " Amount ", "X", "X"]) == ["Date", "2", "Amount", "4", "5"]


def test_the_form_gives_back_what_was_chosen() -> None:
    sent = {
        "delimiter": "tab",
        "date_format": "DD/MM/YYYY",
        "decimal": "",
        "column.date": "Boekdatum",
        "axis.2.header": "Afdeling",
        "axis.1.name": "project",
        "axis.1.header": "Project",
    }
    settings = reading_form.settings_of(sent)
    assert settings == {
        "delimiter": "tab",
        "date_format": "DD/MM/YYYY",
        "decimal": None,
        "columns": {"date": "Boekdatum", "axis:project": "Project", "axis:Afdeling": "Afdeling"},
    }
    headers = ["Boekdatum", "Project", "Afdeling"]
    read = ReadSettings(content_hash="0" * 64, **settings)
    shown = {choice.name: choice.value for choice in reading_form.choices(read, Preview(), {})}
    shown |= {choice.name: choice.value for choice in reading_form.column_choices(read.columns, headers, {})}
    for axis in reading_form.axes(read.columns, headers):
        shown |= {f"axis.{axis.number}.name": axis.name, axis.column.name: axis.column.value}
    assert reading_form.settings_of(shown) == {"thousands": None, "encoding": None, **settings}


def test_what_a_form_does_not_ask_is_not_answered() -> None:
    assert reading_form.settings_of({"delimiter": "tab", "csrf": "x"}) == {"delimiter": "tab"}
    assert reading_form.settings_of({"column.date": ""}) == {"columns": {}}


def test_marks_that_an_entity_keeps_are_shown_by_their_names() -> None:
    read = ReadSettings(
        content_hash="0" * 64, delimiter="\t", decimal=",", thousands="", date_format="D.M.YYYY"
    )
    shown = {choice.name: choice.value for choice in reading_form.choices(read, Preview(), {})}
    assert shown == {
        "delimiter": "tab",
        "decimal": "comma",
        "thousands": "none",
        "date_format": "D.M.YYYY",
        "encoding": "",
    }


def test_options_that_answer_a_question_are_fields_on_the_page() -> None:
    dates = Question("day_or_month", {}, Answer(Option.DATE_FORMAT))
    marks = Question("same_mark", {}, Answer(Option.DECIMAL), Answer(Option.THOUSANDS))
    assert fields_asked([dates, marks]) == {"date_format", "decimal", "thousands"}
    labels = {key.removeprefix("wizard.field.") for key in i18n._catalogue("en") if "wizard.field." in key}
    assert labels == set(Option)
    assert allowance("shrunken") == "allow_shrink"
    assert allowance(None) is None


def test_a_file_of_countless_columns_is_shown_in_part() -> None:
    names = [f"axis:a{number}" for number in range(16_000)]
    content = (
        f"date,account_code,amount,{','.join(names)}\n" + f"2026-01-31,1,0,{',x' * len(names)}"[:-1] + "\n"
    )
    seen = preview(BytesIO(content.encode()), ReadSettings("0" * 64))
    assert seen.count + len(seen.findings) == 1
    assert len(table.columns(seen)) <= 3 + table.MOST_AXES
    shown = reading_form.column_choices({}, seen.headers, seen.columns)
    assert {len(choice.options) for choice in shown} == {reading_form.MOST_HEADERS}


CUT = {
    "en": ("Only the first 10,000 lines were looked at", "no totals are shown"),
    "nl": ("Alleen de eerste 10.000 regels zijn bekeken", "geen totalen"),
    "fr": ("Seules les 10 000 premières lignes ont été examinées", "aucun total"),
}


def long_csv() -> bytes:
    return (HEADER + booking("2025-01-31") * 10_001).encode()


def long_fec() -> bytes:
    header, line = fec().decode().splitlines()[:2]
    return "\n".join([header, *[line] * 20_002]).encode()


def long_xaf() -> bytes:
    start, line, end = re.split(r"(<trLine>.*?</trLine>)", xaf().decode(), maxsplit=1, flags=re.DOTALL)
    return (start + line * 20_002 + end).encode()


def long_xlsx() -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in long_csv().decode().splitlines():
        sheet.append(line.split(","))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("content", [long_csv, long_fec, long_xaf, long_xlsx])
def test_a_look_that_was_cut_says_so_and_shows_no_totals(
    person: Person, content: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "MOST_LINES", 10_000)
    page = person.draft(content())
    for language, told in CUT.items():
        person.client.get(f"/language/{language}")
        shown = words(person.client.get(page).text)
        assert all(one in shown for one in told), shown
        whole = i18n.text(language, "wizard.whole", count="#", debit="#", credit="#")
        assert whole.rpartition("#")[0].rpartition("#")[2] not in shown
