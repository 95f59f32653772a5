"""Messages are data: every kind has its texts, and no prose holds what only one channel can do."""

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

import pytest

import monitr_pipelines
from monitr_pipelines.cli import wording
from monitr_pipelines.cli.wording import problem_words, recorded_words
from monitr_pipelines.lifecycle.advice import ADVICE, for_customer, for_operations
from monitr_pipelines.lifecycle.errors import EntityGone, InconsistentData
from monitr_pipelines.lifecycle.messages import Answer, Message, Option, Setting, as_json, plain, recorded
from monitr_pipelines.lifecycle.texts import PLAIN, QUESTIONS, TEXTS
from monitr_pipelines.web.shell import i18n

PACKAGE = Path(monitr_pipelines.__file__).parent
# What people and pages are told is written in these rooms; codes and advice name commands for who has them.
ROOMS = (
    "ledger",
    "lifecycle",
    "files",
    "importing",
    "warehouse/books",
    "warehouse/queue",
    "warehouse/reports",
)
FOR_COMMANDS = {"lifecycle/codes.py", "lifecycle/advice.py"}

YEARS = Message(
    "years_would_shrink",
    {"first": "2026-07", "last": "2026-12", "years": "2026-01..2026-12"},
    (
        Answer(Setting.FISCAL_YEAR_START, (7,)),
        Answer(Setting.FISCAL_YEARS, ("2026-07..2026-12",)),
        Answer(Option.ALLOW_SHRINK),
    ),
)


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in PACKAGE.rglob("*.py"):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def written_messages() -> dict[str, set[str]]:
    """Every kind that the code makes a message of, with the values that it has wherever it is made."""
    found: dict[str, set[str]] = {}
    for place, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in ("Message", "Question"):
                continue
            kind, *others = node.args or [None]
            if not isinstance(kind, ast.Constant):
                continue  # read back from where it was recorded, or a message of another sort
            values = others[0] if others else ast.Dict(keys=[], values=[])
            assert isinstance(values, ast.Dict), (
                f"{place}:{node.lineno}: write the values where they are told"
            )
            names = {ast.literal_eval(name) for name in values.keys if name}
            found[kind.value] = found.get(kind.value, names) & names
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_kind_is_told_and_every_text_is_of_a_kind() -> None:
    assert written_messages().keys() == QUESTIONS.keys() | TEXTS.keys()
    assert not QUESTIONS.keys() & TEXTS.keys()


@pytest.mark.parametrize(
    "texts", [QUESTIONS, TEXTS, wording.WORDS], ids=["questions", "texts", "command line"]
)
def test_a_text_names_no_value_that_its_message_lacks(texts: Mapping[str, str]) -> None:
    values = written_messages()
    for kind, text in texts.items():
        assert placeholders(text) - {"example"} <= values[kind], kind


def test_the_command_line_asks_every_question_in_its_own_words() -> None:
    assert QUESTIONS.keys() <= wording.WORDS.keys()


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_pages_have_every_kind_and_every_advice_in_their_language(language: str) -> None:
    texts = i18n._catalogue(language)
    assert {key for key in texts if key.startswith("message.")} == {f"message.{kind}" for kind in TEXTS}
    assert {key for key in texts if key.startswith("advice.")} == {f"advice.{name}" for name in ADVICE}
    assert {key for key in texts if key.startswith("advice_files.")} == {
        f"advice_files.{name}" for name, advice in ADVICE.items() if advice.files
    }


def test_no_message_holds_an_option_or_a_command() -> None:
    for place, tree in modules():
        if place.startswith(ROOMS) and place not in FOR_COMMANDS:
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    assert not any(mark in node.value for mark in (" --", "`--", "`monitr ")), place
                    assert not node.value.startswith("--"), place
    for advice in ADVICE.values():
        assert "--" not in f"{advice.page}{advice.files}"
        assert "`" not in f"{advice.page}{advice.files}"


def test_the_command_line_is_told_what_to_type() -> None:
    assert problem_words(InconsistentData(YEARS, code="shrunken"), entity="1017-peeters") == (
        f"{YEARS.text} If the fiscal year starts in another month, say so: "
        "`monitr entity set 1017-peeters --fiscal-year-start 7`. If just this year is broken or long: "
        "`monitr entity set 1017-peeters --set fiscal_years=2026-07..2026-12`. "
        "If the lines were really removed, import again with --allow-shrink."
    )
    unknown = EntityGone("There is no entity 'x'.", code="unknown_entity")
    assert problem_words(unknown) == "There is no entity 'x'. `monitr entities` lists them."


@pytest.mark.parametrize(
    ("takes_files", "accepts"),
    [
        (True, "import again with “Accept that months lose their lines”."),
        (False, "ask whoever manages Monitr for you to accept that."),
    ],
)
def test_who_has_a_page_is_told_what_a_page_can_do(accepts: str, *, takes_files: bool) -> None:
    told = for_customer([YEARS], takes_files=takes_files)
    assert told.startswith(YEARS.text)
    assert told.endswith(f"If the lines were really removed, {accepts}")
    assert told.count("ask whoever manages Monitr for you to set that.") == 2


def test_candidates_are_told_to_operations() -> None:
    values = {"date": "03/04/2026", "line": 2, "first": "DD/MM/YYYY", "second": "MM/DD/YYYY"}
    asked = Message("day_or_month", values, (Answer(Option.DATE_FORMAT, ("DD/MM/YYYY", "MM/DD/YYYY")),))
    assert for_operations([asked], entity="1").endswith(
        "Answer with --date-format DD/MM/YYYY or --date-format MM/DD/YYYY."
    )
    columns = Message("columns", {"headers": "a, b"}, (Answer(Option.COLUMNS),))
    assert for_operations([columns], entity="1").endswith("Answer with --columns.")


def test_what_is_recorded_is_read_back_as_it_was() -> None:
    asked = Message("short_year", {"date": "03/04/26", "line": 2}, (Answer(Option.DATE_FORMAT),))
    problem = InconsistentData(YEARS, asked, code="shrunken")
    fields = json.loads(json.dumps(as_json(problem.messages)))
    assert recorded(problem.message, fields) == (YEARS, asked)
    row = {"error_message": problem.message, "error_fields": fields}
    assert recorded_words(row, entity="1") == problem_words(problem, entity="1")


def test_a_sentence_alone_is_recorded_as_its_text() -> None:
    assert as_json([plain("Exact Online {did} not answer.")]) is None
    (told,) = recorded("Exact Online {did} not answer.", None)
    assert (told.kind, told.text) == (PLAIN, "Exact Online {did} not answer.")
    assert recorded(None, None) == ()


@pytest.mark.parametrize(
    "fields",
    [
        [{"kind": "of another release", "values": {}, "answers": []}],
        [{"kind": "implausible_dates", "values": {"since": "2026"}, "answers": []}],
        [{"kind": "shrunken", "values": {}, "answers": [{"name": "of another release", "candidates": []}]}],
        [{"kind": "shrunken"}],
    ],
)
def test_what_another_release_recorded_is_its_text(fields: list[Mapping[str, object]]) -> None:
    row = {"error_message": "It was so. Import again with --allow-shrink.", "error_fields": fields}
    assert recorded_words(row, entity="1") == row["error_message"]
