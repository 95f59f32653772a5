"""Questions about a file in the reader's language: every kind has its text, with the values that it names."""

import ast
from pathlib import Path
from string import Formatter

import httpx2
import pytest

from monitr_pipelines import files
from monitr_pipelines.importing import look
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.page_kit import make_company
from monitr_pipelines_tests.web.wizard_kit import HEADER, booking, signed_in, words, xlsx

ASKED = {
    "day_or_month": HEADER + booking("03/04/2026"),
    "short_year": HEADER + booking("03/04/26"),
    "decimal": (HEADER + booking("2026-01-31", "1.234")).replace(",", ";"),
    "columns": "Boekdatum;Nummer;Bedrag\n15-01-2026;611000;1,00\n",
    "columns_proposed": "Boekdatum;Rekening;Bedrag\n15-01-2026;611000;1,00\n",
    "columns_twice": "date,Date,account_code,amount\n2026-01-31,2026-01-31,1,0\n",
    "delimiter": "a;b,c\n1;2,3\n",
    "utf_16": (HEADER + booking("2026-01-31")).encode("utf-16-le"),
    "cut_off": HEADER.encode() + "2026-01-31,611000,caf\u00e9".encode()[:-1],
    "mixed_encodings": HEADER.encode() + "é".encode() + b"\xe9\n",
    "encoding": HEADER.encode() + b"\x81\n",
}


def kinds() -> dict[str, set[str]]:
    """Every kind of question in the code, and the values that come with it."""
    found: dict[str, set[str]] = {}
    for path in Path(files.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Question":
                kind, values = ast.literal_eval(node.args[0]), node.args[1]
                assert isinstance(values, ast.Dict), f"{path}:{node.lineno}: write the values here"
                found[kind] = {ast.literal_eval(key) for key in values.keys if key}
    return found


def test_every_kind_of_question_has_a_text_of_its_values() -> None:
    asked = kinds()
    assert set(ASKED) < set(asked)
    texts = {key.removeprefix("wizard.ask."): text for key, text in i18n._catalogue("en").items()}
    assert {key for key in i18n._catalogue("en") if key.startswith("wizard.ask.")} == {
        f"wizard.ask.{kind}" for kind in asked
    }
    for kind, values in asked.items():
        assert {name for _, name, _, _ in Formatter().parse(texts[kind]) if name} <= values, kind


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_file_is_asked_about_in_the_language_of_the_reader(
    connection: Connection, client: httpx2.Client, language: str
) -> None:
    person = signed_in(client, make_company(connection, provider="file"))
    client.get(f"/language/{language}")
    for kind, content in ASKED.items():
        shown = words(client.get(person.draft(content)).text)
        beginning = i18n._catalogue(language)[f"wizard.ask.{kind}"].partition("{")[0]
        assert beginning in shown, kind
        assert "--" not in shown, kind


def test_a_refusal_tells_what_to_do_in_the_language_of_the_reader(
    connection: Connection, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "MOST_SECONDS", 0.01)
    person = signed_in(client, make_company(connection, provider="file"))
    client.get("/language/nl")
    for code, content in {
        "unknown_format": "%PDF-1.7\n",
        "file_refused": HEADER + "nonsense\n",
        "look_too_long": xlsx(),
    }.items():
        shown = words(client.get(person.draft(content)).text)
        assert i18n.text("nl", f"remedy.{code}") in shown
