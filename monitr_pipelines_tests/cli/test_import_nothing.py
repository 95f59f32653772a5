"""An import that fetches nothing, and allowances that are for one file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitr_pipelines.warehouse.queue.requests import request
from monitr_pipelines.warehouse.server.database import Connection

HEADER = "date,account_code,account_name,description,debit,credit\n"
BOOKS = HEADER + "2026-01-05,400000,Debtors,,100,\n2026-01-05,700000,Sales,,,100\n"


def state(connection: Connection, entity: str) -> dict[str, Any]:
    found = connection.execute(
        "select figures_at, figures_import_id from app.entity where key = %s", [entity]
    ).fetchone()
    assert found is not None
    return found


@pytest.mark.usefixtures("without_dagster")
def test_figures_do_not_look_newer_where_nothing_was_fetched(
    monitr: Callable, make_entity: Callable[..., str], connection: Connection, tmp_path: Path
) -> None:
    entity = make_entity()
    first = monitr("import", entity, "--json")
    assert (first.code, first.json["error"]["code"]) == (1, "no_ledger_file")
    (shown,) = [row for row in monitr("entities", "--json").json if row["key"] == entity]
    assert shown["status"] == "Never imported"
    assert state(connection, entity)["figures_at"] is None

    file = tmp_path / "books.csv"
    file.write_text(BOOKS)
    assert monitr("import", entity, "--file", file).code == 0
    before = state(connection, entity)
    assert before["figures_at"] is not None
    again = monitr("import", entity, "--json")
    assert (again.code, again.json["counts"]["fetched"]) == (0, 0)
    after = state(connection, entity)
    assert after["figures_at"] == before["figures_at"]
    assert after["figures_import_id"] != before["figures_import_id"]


@pytest.mark.usefixtures("without_dagster")
def test_what_is_allowed_for_one_file_is_not_for_the_next(
    monitr: Callable, make_entity: Callable[..., str], connection: Connection, tmp_path: Path
) -> None:
    entity = make_entity()
    file = tmp_path / "books.csv"
    file.write_text(BOOKS + BOOKS.removeprefix(HEADER).replace("01-05", "02-05"))
    assert monitr("import", entity, "--file", file).code == 0
    # A program asks for an import that may lose lines; the file that comes in meanwhile may not.
    request(connection, entity, trigger="first", requested_by="test", options={"allow_shrink": True})
    file.write_text(BOOKS)
    refused = monitr("import", entity, "--file", file, "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "shrunken")
    assert monitr("import", entity, "--file", file, "--allow-shrink").code == 0
