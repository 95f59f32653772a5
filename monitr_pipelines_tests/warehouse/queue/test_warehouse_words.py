"""The words of an import's life are those that the database checks, each once."""

import re
from enum import StrEnum

import pytest

from monitr_pipelines.files import Mode
from monitr_pipelines.lifecycle.imports import (
    ImportMode,
    ImportState,
    Outcome,
    Trigger,
    UploadState,
    state_of,
)
from monitr_pipelines.warehouse.server.database import Connection


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("app.import", "trigger", Trigger),
        ("app.import", "mode", ImportMode),
        ("app.import", "outcome", Outcome),
        ("app.upload", "state", UploadState),
        ("app.upload", "mode", Mode),
    ],
)
def test_the_database_knows_the_same_words(
    connection: Connection, table: str, column: str, words: type[StrEnum]
) -> None:
    rows = connection.execute(
        """
        select pg_get_constraintdef(pg_constraint.oid) as rule
        from pg_constraint
        inner join pg_attribute on attrelid = conrelid and array[attnum] = conkey
        where contype = 'c' and conrelid = %s::regclass and attname = %s
        """,
        [table, column],
    ).fetchall()
    (rule,) = [row["rule"] for row in rows]
    assert re.findall(r"'(\w+)'::text", rule) == list(words)


def test_an_import_that_has_ended_stands_where_it_ended() -> None:
    assert {state_of(outcome=how, started=True, lease_alive=None) for how in Outcome} < set(ImportState)
    for how in Outcome:
        assert state_of(outcome=how, started=True, lease_alive=False) == how


@pytest.mark.parametrize(
    ("started", "lease_alive", "state"),
    [
        (False, None, ImportState.WAITING),
        (True, True, ImportState.IN_PROGRESS),
        (True, False, ImportState.FAILED),
    ],
)
def test_an_open_import_waits_or_runs_or_has_lost_its_worker(
    state: ImportState, *, started: bool, lease_alive: bool | None
) -> None:
    assert state_of(outcome=None, started=started, lease_alive=lease_alive) is state
