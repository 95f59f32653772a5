"""The page about the life of an import names what the code and the database know, and its picture too."""

import ast
import re
from pathlib import Path

import pytest

from monitr_pipelines.lifecycle.eligibility import PATIENT, PAYING
from monitr_pipelines.lifecycle.status import Status
from monitr_pipelines.warehouse.queue.requests import PRIORITIES
from monitr_pipelines.warehouse.server.database import Connection

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")
PICTURE = (ROOT / "docs" / "lifecycle.svg").read_text(encoding="utf-8")
WORDS_OF = """
select pg_get_constraintdef(constraints.oid) as definition
from pg_constraint as constraints
inner join pg_attribute as columns
    on columns.attrelid = constraints.conrelid and columns.attnum = any(constraints.conkey)
where constraints.contype = 'c' and constraints.conrelid = %s::regclass and columns.attname = %s
"""
ASKED_AS = "trigger"


def words_in(definition: str) -> set[str]:
    return set(re.findall(r"'([^']+)'::text", definition))


def triggers_in(source: str) -> set[str]:
    """What a module writes as the trigger of an import."""
    named = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.keyword) and node.arg == ASKED_AS
    ]
    parts = [part for value in named for part in ast.walk(value)]
    return {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("app.import", "trigger"),
        ("app.import", "mode"),
        ("app.import", "outcome"),
        ("app.entity", "status"),
        ("app.integration", "state"),
        ("app.organisation", "subscription"),
        ("app.upload", "state"),
    ],
)
def test_the_page_names_what_the_database_allows(connection: Connection, table: str, column: str) -> None:
    rows = connection.execute(WORDS_OF, [table, column]).fetchall()
    words = {word for row in rows for word in words_in(row["definition"])}
    assert words, "the constraint is not where the test looks for it"
    assert {word for word in words if f"`{word}`" not in PAGE} == set()


def test_the_page_names_every_trigger_of_the_code() -> None:
    modules = (ROOT / "monitr_pipelines").rglob("*.py")
    asked = {word for path in modules for word in triggers_in(path.read_text(encoding="utf-8"))}
    known = asked | set(PRIORITIES) | PATIENT
    assert {"hook", "first"} <= known
    assert {word for word in known if f"`{word}`" not in PAGE} == set()
    assert {word for word in PAYING if f"`{word}`" not in PAGE} == set()


def test_the_walk_finds_triggers_that_depend() -> None:
    assert triggers_in('ask(trigger="cli" if file is None else "file")') == {"cli", "file"}


@pytest.mark.parametrize("status", list(Status))
def test_the_page_explains_every_status(status: Status) -> None:
    assert re.search(rf"^\| {re.escape(status)} \|", PAGE, re.MULTILINE)


def test_the_picture_and_the_table_have_the_same_arrows() -> None:
    explained = re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)
    drawn = re.findall(r'class="n">(\d+)<', PICTURE)
    assert explained == [str(number) for number in range(1, len(explained) + 1)]
    assert sorted(drawn, key=int) == explained


def test_every_statement_of_the_queue_that_changes_an_import_is_an_arrow() -> None:
    changing = [
        path.name
        for folder in ("queue", "reconciler", "billing")
        for path in (ROOT / "sql" / folder).glob("*.sql")
        if re.search(r"(update|insert into) app\.import\b", path.read_text(encoding="utf-8"))
    ]
    assert len(changing) > 8
    assert {name for name in changing if name not in PAGE} == set()
