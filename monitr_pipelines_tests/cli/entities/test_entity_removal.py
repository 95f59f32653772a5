"""`monitr entity remove|restore|purge|list`: asked before, never guessed; Dagster is left without a trace."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
from cli_kit import assert_sentence, sale, write
from common_kit import MARTS, RAW, contents

from monitr_pipelines.cli import dagster_run
from monitr_pipelines.dagster_names import PARTITION_TAG, PARTITIONS
from monitr_pipelines.dagster_storage import end_connections
from monitr_pipelines.importing.spool import folder
from monitr_pipelines.warehouse.registry import purging
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.embedded import ServerNotRunning

# What names several entities at once, and is Dagster's to throw away.
OF_SEVERAL = {"asset_keys", "job_ticks", "bulk_actions", "instigators", "kvs"}


class Terminal(io.StringIO):
    """A standard input at which someone sits."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def type_in(monitr: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A command at whose terminal someone types."""

    def run(typed: str, *arguments: object) -> Any:  # noqa: ANN401 - Said of the root conftest
        monkeypatch.setattr("sys.stdin", Terminal(f"{typed}\n"))
        return monitr(*arguments)

    return run


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))


@pytest.fixture
def entity(
    without_dagster: pytest.MonkeyPatch, make_entity: Callable[..., str], monitr: Callable, tmp_path: Path
) -> str:
    key = make_entity()
    assert monitr("import", key, "--file", write(tmp_path / "a.csv", *sale("2025-03-05", 10))).code == 0
    return key


def status_of(connection: Connection, key: str) -> str | None:
    row = connection.execute("select status from app.entity where key = %s", [key]).fetchone()
    return row["status"] if row else None


def listed(monitr: Callable, *options: str) -> list[str]:
    return [row["key"] for row in monitr("entity", "list", *options, "--json").json]


def test_an_entity_goes_out_of_sight_and_comes_back(
    entity: str, type_in: Callable, monitr: Callable, connection: Connection
) -> None:
    books = contents(connection, entity, (*RAW, *MARTS))
    said = type_in("y", "entity", "remove", entity)
    assert (said.code, said.out.strip()) == (0, "")
    assert "2 ledger lines, 1 imports; they stay" in said.err
    assert f"monitr entity restore {entity}" in said.err
    assert entity not in listed(monitr)
    assert entity not in [row["key"] for row in monitr("entities", "--json").json]
    (row,) = [row for row in monitr("entity", "list", "--removed", "--json").json if row["key"] == entity]
    assert row["removed_by"]
    assert row["removed_at"]
    assert row["purge_begun"] is False
    assert entity in monitr("entity", "list", "--removed").out
    for command in (
        ("import", entity),
        ("reset", entity),
        ("entity", "set", entity, "--name", "x"),
        ("entity", "found", entity),
    ):
        code = 2 if command[0] == "import" else 1
        assert_sentence(monitr(*command), code, "This entity was removed.", "`monitr entity restore` brings")
    assert_sentence(monitr("report", "trial-balance", entity), 1, "There is no entity")
    assert monitr("entity", "remove", entity, "--yes").code == 0, "done again, it is as it was"
    assert monitr("entity", "restore", entity).code == 0
    assert entity in listed(monitr)
    assert contents(connection, entity, (*RAW, *MARTS)) == books
    assert_sentence(monitr("entity", "restore", entity), 1, "was not removed")


@pytest.mark.usefixtures("nobody")
def test_where_nobody_can_be_asked_an_option_answers(
    entity: str, monitr: Callable, connection: Connection
) -> None:
    for command, option in (("remove", "--yes"), ("purge", f"--key {entity}")):
        said = monitr("entity", command, entity)
        assert said.code == 1
        assert f"Nobody can be asked here: say {option}. Nothing was changed." in said.err
    assert status_of(connection, entity) == "Active"
    assert monitr("entity", "remove", entity, "--yes").code == 0
    assert monitr("entity", "purge", entity, "--key", entity).code == 0
    assert status_of(connection, entity) is None


@pytest.mark.parametrize(
    ("command", "typed"),
    [("remove", "n"), ("remove", ""), ("purge", "y"), ("purge", "another"), ("purge --key other", "")],
)
def test_another_answer_changes_nothing(
    entity: str, type_in: Callable, connection: Connection, command: str, typed: str
) -> None:
    name, *options = command.split()
    said = type_in(typed, "entity", name, entity, *options)
    assert said.code == 1
    assert "Not confirmed; nothing was changed." in said.err
    assert status_of(connection, entity) == "Active"


@pytest.mark.parametrize("command", ["remove", "restore", "purge"])
def test_an_unknown_key(monitr: Callable, command: str) -> None:
    assert_sentence(monitr("entity", command, "nobody"), 1, "There is no entity 'nobody'.")


def test_two_lists_at_once(monitr: Callable) -> None:
    assert_sentence(monitr("entity", "list", "--removed", "--purged"), 1, "one at a time")


def test_the_dialog_tells_what_goes(
    entity: str, type_in: Callable, monitr: Callable, connection: Connection
) -> None:
    said = type_in(entity, "entity", "purge", entity)
    assert said.code == 0, said.err
    assert "2 ledger lines, 1 imports, 1 files, and its runs in Dagster" in said.err
    assert "back-ups that were made before still hold it" in said.err
    assert entity in listed(monitr, "--purged")
    assert entity not in listed(monitr, "--removed")
    assert "purged_by" in monitr("entity", "list", "--purged", "--json").out
    assert_sentence(monitr("entity", "purge", entity), 1, "There is no entity")


def test_the_pages_of_a_fetch_go_too(entity: str, monitr: Callable, connection: Connection) -> None:
    number = purging.extent(connection, entity).id
    place = folder.prepare()
    mine = [place / f"{number}-full.spool", place / f"{number}-77.spool"]
    other = place / f"{number}0-77.spool"
    for path in (*mine, other):
        folder.create(path).close()
    with mine[0].open("r+b"):
        assert monitr("entity", "purge", entity, "--key", entity).code == 0
    assert [path.exists() for path in (*mine, other)] == [False, False, True]
    other.unlink()


# Dagster


@pytest.fixture
def instance(monitr: Callable) -> Iterator[dg.DagsterInstance]:
    assert monitr("entities").code == 0  # sets DAGSTER_HOME
    with dg.DagsterInstance.get() as opened:
        yield opened
        end_connections(opened)


def tables_that_name(key: str) -> set[str]:
    """The tables of Dagster's records in which a word stands anywhere."""
    with psycopg.connect(database.dagster_url()) as opened:
        tables = opened.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        return {
            name
            for (name,) in tables
            if opened.execute(
                f"select from {name} as t where t::text like %s limit 1".encode(),
                [f"%{key}%"],
            ).fetchall()
        }


@pytest.fixture
def imported(make_entity: Callable[..., str], monitr: Callable, tmp_path: Path) -> str:
    """An entity whose import ran in Dagster, one line of it under an account that no list names."""
    key = make_entity()
    assert monitr("import", key, "--file", write(tmp_path / "b.csv", *sale("2025-03-05", 10))).code == 0
    return key


def test_dagster_keeps_nothing_that_is_of_a_purged_entity_alone(
    imported: str, instance: dg.DagsterInstance, monitr: Callable, tmp_path: Path
) -> None:
    of_entity = dg.RunsFilter(tags={PARTITION_TAG: imported})
    (run,) = instance.get_runs(of_entity)
    printed = Path(instance.root_directory) / "storage" / run.run_id
    assert printed.is_dir()
    assert {"runs", "run_tags", "event_logs", "dynamic_partitions"} <= tables_that_name(imported)
    assert "asset_check_executions" in tables_that_name(run.run_id)
    assert monitr("entity", "purge", imported, "--key", imported).code == 0
    assert instance.get_runs(of_entity) == []
    assert not instance.has_dynamic_partition(PARTITIONS, imported)
    assert tables_that_name(imported) <= OF_SEVERAL
    assert tables_that_name(run.run_id) <= OF_SEVERAL
    assert not printed.exists()


def test_a_removed_entity_is_no_partition_until_it_is_restored(
    imported: str, instance: dg.DagsterInstance, monitr: Callable
) -> None:
    assert monitr("entity", "remove", imported, "--yes").code == 0
    assert not instance.has_dynamic_partition(PARTITIONS, imported)
    assert len(instance.get_runs(dg.RunsFilter(tags={PARTITION_TAG: imported}))) == 1, "its history stays"
    assert monitr("entity", "restore", imported).code == 0
    assert instance.has_dynamic_partition(PARTITIONS, imported)


@pytest.fixture
def without_records(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Dagster's database does not answer, that of the books does."""

    def fail(*_: object) -> None:
        raise ServerNotRunning("Dagster's PostgreSQL does not answer.")

    for name in ("add_partition", "drop_partition", "forget_entity"):
        monkeypatch.setattr(dagster_run, name, fail)
    return monkeypatch


def test_a_purge_that_dagster_ends_midway_is_gone_on_with(
    entity: str, monitr: Callable, connection: Connection, without_records: pytest.MonkeyPatch
) -> None:
    command = ("entity", "purge", entity, "--key", entity)
    assert_sentence(monitr(*command), 1, "Dagster's PostgreSQL does not answer.")
    assert status_of(connection, entity) == "Deleted"
    assert_sentence(monitr("entity", "restore", entity), 1, "are being deleted", "goes on with it")
    without_records.undo()
    assert monitr(*command).code == 0
    assert status_of(connection, entity) is None


@pytest.mark.usefixtures("without_records")
def test_no_command_fails_for_what_dagster_hears_of_later(monitr: Callable, connection: Connection) -> None:
    """An entity that is there although its command failed would be added once more."""
    assert monitr("org", "add", "Without Dagster").code == 0
    said = monitr("entity", "add", "--org", "Without Dagster", "--name", "x")
    assert (said.code, said.err) == (0, "")
    key = said.out.strip()
    assert status_of(connection, key) == "Active"
    assert monitr("entity", "remove", key, "--yes").code == 0
    assert monitr("entity", "restore", key).code == 0
