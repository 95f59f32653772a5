"""What an import tells while it runs and when it ends, without Dagster."""

import threading
from collections.abc import Callable

import pytest
from common_kit import entity_id, heard
from dagster_kit import csv_file, held, upload, waits
from process_kit import wait_for

from monitr_pipelines.importing import progress
from monitr_pipelines.importing.session import ImportSession, begin
from monitr_pipelines.lifecycle.errors import EntityGone, ImportProblem, ReconnectNeeded
from monitr_pipelines.warehouse.queue import lease, outcome, requests
from monitr_pipelines.warehouse.registry import entities
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

LINES = 40
FILE = csv_file(*(("2026-01-05", str(400000 + n), 100 * (-1) ** n) for n in range(LINES)))


@pytest.fixture
def entity(make_entity: Callable[..., str]) -> str:
    return make_entity()


def session_of(entity: str) -> ImportSession:
    return begin(entity, run_id=f"progress of {entity}", import_id=None, trigger="cli")


def told(connection: Connection, entity: str) -> tuple[str, int | None]:
    row = connection.execute(
        "select step, lines_read from app.import where entity_id = %s order by id desc",
        [entity_id(connection, entity)],
    ).fetchone()
    assert row is not None
    return row["step"], row["lines_read"]


def test_an_import_tells_how_far_it_is(
    connection: Connection, entity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(progress, "CHUNK", 7)
    # The lines of a first load are read while it has its turn, all others before they wait for it.
    upload(connection, entity, csv_file(("2025-01-05", "400000", 1), ("2025-01-05", "400001", -1)))
    first = begin(entity, run_id=f"before {entity}", import_id=None, trigger="cli")
    first.fetch()
    first.publish()
    first.end()
    upload(connection, entity, FILE)
    with database.connect(autocommit=True) as listener:
        listener.execute("listen monitr_import")
        session = session_of(entity)
        assert told(connection, entity) == ("fetching", None)
        with held(connection, entity):
            fetching = threading.Thread(target=session.fetch)
            fetching.start()
            wait_for(lambda: waits(connection, entity), "the load")
            wait_for(lambda: told(connection, entity) == ("loading", LINES), "the lines read")
        fetching.join()
        session.publish()
        assert told(connection, entity)[0] == "publishing"
        session.end()
        news = heard(listener)
    mine = [each for each in news if each["entity"] == entity_id(connection, entity)]
    assert len(mine) >= 4
    assert {each["import"] for each in mine} == {session.claimed.import_id}
    assert all(set(each) == {"import", "entity", "organisation"} for each in news), "ids and nothing else"
    assert all(isinstance(value, int) for each in news for value in each.values())


def test_lines_pass_unchanged_and_are_counted_by_chunks() -> None:
    counts: list[int] = []
    lines = [object() for _ in range(2 * progress.CHUNK + 1)]
    changes = [progress.Upsert(iter(lines)), progress.Replace(progress_scope := object(), [])]  # type: ignore[arg-type]
    first, second = progress.counted(changes, counts.append)
    assert list(first.lines) == lines  # type: ignore[union-attr]
    assert (second.scope, list(second.lines)) == (progress_scope, [])  # type: ignore[union-attr]
    assert counts == [progress.CHUNK, progress.CHUNK, 1]


@pytest.mark.parametrize(
    ("problem", "code"),
    [(EntityGone("gone"), "entity_gone"), (ReconnectNeeded("expired"), "reconnect_needed")],
)
def test_what_ends_an_import_for_good_holds_the_next_back(
    connection: Connection, entity: str, problem: ImportProblem, code: str
) -> None:
    session = session_of(entity)
    session.failed(problem)
    session.end()
    with pytest.raises(ImportProblem) as refused:
        requests.request(connection, entity, trigger="cli", requested_by="test")
    assert refused.value.code == code


def test_an_administration_that_is_found_again_imports_again(connection: Connection, entity: str) -> None:
    session = session_of(entity)
    session.failed(EntityGone("gone"))
    session.end()
    entities.mark_found(connection, session.claimed.entity_id)
    assert requests.request(connection, entity, trigger="cli", requested_by="test")


def test_an_import_that_is_no_longer_its_own_changes_nothing_else(
    connection: Connection, entity: str
) -> None:
    session = session_of(entity)
    outcome.finish(connection, session.claimed, None)
    session.failed(EntityGone("gone"))
    session.end()
    assert requests.request(connection, entity, trigger="cli", requested_by="test")


def test_a_deleted_entity_stays_deleted(connection: Connection, entity: str) -> None:
    connection.execute("update app.entity set status = 'Deleted' where key = %s", [entity])
    entities.mark_not_found(connection, entity_id(connection, entity))
    entities.mark_found(connection, entity_id(connection, entity))
    row = connection.execute("select status from app.entity where key = %s", [entity]).fetchone()
    assert row == {"status": "Deleted"}
