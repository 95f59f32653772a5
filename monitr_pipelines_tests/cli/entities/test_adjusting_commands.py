"""`monitr adjustment`: in from a file, listed, out again, removed; what is refused changes nothing at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import SALE, load, whole

Run = Callable[..., Any]
ENTRIES = """month,account,amount,reason
2025-01,550000,10,=1+1
2025-01,700000,-10,Accrual
"""


@pytest.fixture
def entity(connection: Connection, make_entity: Callable[..., str], monitr: Run, tmp_path: Path) -> str:
    key = make_entity()
    load(connection, key, whole(SALE))
    file = tmp_path / "entries.csv"
    file.write_text(ENTRIES)
    assert monitr("adjustment", "import", key, file).code == 0
    return key


def ids(monitr: Run, entity: str) -> list[int]:
    return [row["id"] for row in monitr("adjustment", "list", entity, "--json").json]


def recorded(connection: Connection, entity: str) -> int:
    rows = connection.execute(
        """
        select from app.change as changes
        inner join app.entity as entities on changes.organisation_id = entities.organisation_id
        where entities.key = %s and changes.action = 'entries adjusted'
        """,
        [entity],
    )
    return len(rows.fetchall())


def test_what_is_exported_is_no_formula_and_reads_in_again_as_it_was(
    monitr: Run, entity: str, tmp_path: Path
) -> None:
    written = monitr("adjustment", "export", entity).out
    assert ",10.00,'=1+1\n" in written
    (tmp_path / "again.csv").write_text(written)
    assert monitr("adjustment", "import", entity, tmp_path / "again.csv", "--replace").code == 0
    assert monitr("adjustment", "export", entity).out == written


def test_one_wrong_number_removes_nothing_and_nothing_is_written_down(
    connection: Connection, monitr: Run, entity: str
) -> None:
    before, changes = ids(monitr, entity), recorded(connection, entity)
    said = monitr("adjustment", "remove", entity, *before, max(before) + 1)
    assert said.code != 0
    assert "nothing was changed" in said.err
    assert (ids(monitr, entity), recorded(connection, entity)) == (before, changes)
    assert monitr("adjustment", "remove", entity, *before).code == 0
    assert ids(monitr, entity) == []
    assert recorded(connection, entity) == changes + 1
