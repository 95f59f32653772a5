"""kill -9 in the middle of an import: whole commits stay, and the next import carries on from them."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from common_kit import MARTS, RAW, contents, entity_id
from dagster_kit import Dagster, figures, import_rows, sale, upload

from monitr_pipelines.warehouse.server.database import Connection

DRIVER = Path(__file__).parent / "killed_import.py"
FIRST, SECOND = sale(100), sale(250) + b"2026-02-03,610000,Costs,,30,,,\n2026-02-03,550000,Bank,,,30,,\n"
# What is committed when the process dies there: the raw data, the marts.
POINTS = {
    "in the copy": (False, False),
    "after the upsert": (False, False),
    "after the fence": (False, False),
    "after the raw commit": (True, False),
    "in the marts": (True, False),
    "before the finish": (True, True),
}
Tables = dict[str, list[str]]


def kill(point: str, entity: str) -> None:
    ended = subprocess.run([sys.executable, DRIVER, point, entity], check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


def expire_lease(connection: Connection, entity: str) -> None:
    connection.execute(
        "update app.import set lease_until = clock_timestamp() where finished_at is null and entity_id = %s",
        [entity_id(connection, entity)],
    )


@pytest.fixture
def import_now(monitr: Callable, connection: Connection) -> Callable[..., None]:
    """An import of the command line, with a file before it."""

    def run(entity: str, content: bytes | None = None) -> None:
        if content is not None:
            upload(connection, entity, content)
        said = monitr("import", entity, "--json")
        assert said.code == 0, said.out

    return run


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_import_leaves_whole_commits_and_the_next_one_carries_on(
    *,
    without_dagster: pytest.MonkeyPatch,
    connection: Connection,
    make_entity: Callable[..., str],
    import_now: Callable,
    monitr: Callable,
    point: str,
) -> None:
    raw_committed, marts_committed = POINTS[point]
    entity, other = make_entity(), make_entity()
    import_now(entity, FIRST)
    old = {tables: contents(connection, entity, tables) for tables in (RAW, MARTS)}
    import_now(other, FIRST)
    import_now(other, SECOND)
    without_dagster.undo()
    new = {tables: contents(connection, other, tables) for tables in (RAW, MARTS)}
    assert old[RAW] != new[RAW]

    figures_at = figures(connection, entity)
    upload(connection, entity, SECOND)
    kill(point, entity)
    assert contents(connection, entity, RAW) == (new if raw_committed else old)[RAW]
    assert contents(connection, entity, MARTS) == (new if marts_committed else old)[MARTS]
    assert (figures(connection, entity) != figures_at) == marts_committed
    killed = import_rows(connection, entity)[-1]
    assert (killed["outcome"], killed["raw_committed_at"] is not None) == (None, raw_committed)
    assert (killed["marts_committed_at"] is not None) == marts_committed

    expire_lease(connection, entity)
    (shown,) = [row for row in monitr("entities", "--json").json if row["key"] == entity]
    assert (shown["status"], shown["error"]["code"]) == ("Failed", "worker_lost")
    import_now(entity)
    for tables in (RAW, MARTS):
        assert contents(connection, entity, tables) == new[tables]
    outcomes = [(row["outcome"], row["error_code"]) for row in import_rows(connection, entity)]
    assert outcomes == [("succeeded", None), ("failed", "worker_lost"), ("succeeded", None)]
    states = connection.execute(
        "select state, import_id from app.upload where entity_id = %s order by id",
        [entity_id(connection, entity)],
    ).fetchall()
    assert [row["state"] for row in states] == ["applied", "applied"]
    last = import_rows(connection, entity)[-1]
    assert states[1]["import_id"] == (killed if raw_committed else last)["id"]
    assert last["counts"]["fetched"] == (0 if raw_committed else 4)


def test_a_killed_command_does_not_keep_dagster_from_importing(
    dagster: Dagster, entity: str, connection: Connection
) -> None:
    upload(connection, entity, FIRST)
    kill("in the marts", entity)
    dagster.succeeds(dagster.launch(entity))
    assert [row["error_code"] for row in import_rows(connection, entity)] == ["worker_lost", None]
