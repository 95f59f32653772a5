"""The last end of an entity's imports: one rule, read by status, alerts and gate alike."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from warehouse_kit import id_of

from monitr_pipelines import shipped
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
READERS = {
    "queue/entity_facts.sql": {"entity_id": 1},
    "web/entities/cards.sql": {"ids": [1]},
    "queries/entities.sql": None,
}


def add_end(
    connection: Connection, entity: str, outcome: str, at: datetime = NOON, *, cures: bool = True
) -> None:
    connection.execute(
        "insert into app.import (entity_id, trigger, requested_at, finished_at, outcome, cures) "
        "values (%s, 'scheduled', %s, %s, %s, %s)",
        [id_of(connection, entity), at, at, outcome, cures],
    )


def last_end(connection: Connection, entity: str) -> tuple[Any, ...] | None:
    row = connection.execute(
        "select outcome, finished_at from app.last_end(%s)", [id_of(connection, entity)]
    ).fetchone()
    return row and tuple(row.values())


def test_an_entity_never_imported_has_none(connection: Connection, make_entity: Callable[..., str]) -> None:
    entity = make_entity()
    assert last_end(connection, entity) is None
    connection.execute(
        "insert into app.import (entity_id, trigger) values (%s, 'manual')", [id_of(connection, entity)]
    )
    assert last_end(connection, entity) is None


def test_the_last_one_is_who_ended_last_and_not_who_was_asked_for_last(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    entity = make_entity()
    add_end(connection, entity, "failed", NOON + HOUR)
    add_end(connection, entity, "succeeded")
    assert last_end(connection, entity) == ("failed", NOON + HOUR)


@pytest.mark.parametrize("end", [("canceled", True), ("succeeded", False)], ids=["canceled", "cures nothing"])
def test_what_does_not_count_leaves_the_end_before_it(
    connection: Connection, make_entity: Callable[..., str], end: tuple[str, bool]
) -> None:
    entity = make_entity()
    outcome, cures = end
    add_end(connection, entity, "failed")
    add_end(connection, entity, outcome, NOON + HOUR, cures=cures)
    assert last_end(connection, entity) == ("failed", NOON)


@pytest.mark.parametrize("path", READERS)
def test_it_is_planned_as_if_its_query_stood_there(connection: Connection, path: str) -> None:
    """What that costs, `test_queue_plans` and `test_page_work` tell: of few rows any index is as good."""
    rows = connection.execute(f"explain {database.statement(path)}", READERS[path]).fetchall()
    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "Function Scan" not in plan
    assert "on import" in plan


def test_no_other_statement_knows_which_ends_count() -> None:
    """The history only keeps those that count apart from those that do not."""
    files = [path for path in shipped.SQL.rglob("*.sql") if path.parent.name != "migrations"]
    knowing = {path.name for path in files if re.search(r"\bcures\b", statement_of(path))}
    assert knowing == {"finish.sql", "thin_history.sql"}


def statement_of(path: Path) -> str:
    return re.sub(r"--[^\n]*", "", path.read_text())
