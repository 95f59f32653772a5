"""Migrations: each file once, whole or not at all, whoever applies it."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from process_kit import LONGEST_WAIT

from monitr_pipelines import shipped
from monitr_pipelines.warehouse.server import database, roles
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.embedded import cluster_of
from monitr_pipelines.warehouse.upkeep import migrations
from monitr_pipelines.warehouse.upkeep.migrations import MigrationEdited, migrate

ROOT = Path(__file__).parents[3]
SHIPPED = sorted(file.name for file in (shipped.SQL / "migrations").glob("*.sql"))


@pytest.fixture
def empty(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database of the test's own, in which nothing was made yet."""
    name = f"empty_{os.getpid()}"
    with psycopg.connect(cluster_of(home).url("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name}")
        monkeypatch.setenv("MONITR_DATABASE_URL", cluster_of(home).url(name))
        yield name
        monkeypatch.undo()
        connection.execute(f"drop database {name}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped files, to add to."""
    return shutil.copytree(shipped.SQL / "migrations", tmp_path / "migrations")


def history() -> dict[str, object]:
    with database.connect() as connection:
        rows = connection.execute("select name, applied_at from app.migration").fetchall()
    return {row["name"]: row["applied_at"] for row in rows}


def exists(table: str) -> bool:
    with database.connect() as connection:
        row = connection.execute("select to_regclass(%s) is not null as there", [table]).fetchone()
    return bool(row and row["there"])


def test_files_are_applied_once_and_in_order(empty: str, folder: Path) -> None:
    assert migrate() == SHIPPED
    before = history()
    assert migrate() == []
    assert history() == before
    (folder / "0900_second.sql").write_text("create table app.second as select * from app.first")
    (folder / "0899_first.sql").write_text("create table app.first (word text)")
    (folder / "notes.sql").write_text("not a migration")
    assert migrate(folder) == ["0899_first.sql", "0900_second.sql"]
    assert exists("app.second")


def test_processes_that_migrate_at_once_apply_each_file_once(empty: str) -> None:
    script = "from monitr_pipelines.warehouse.upkeep.migrations import migrate; print(*migrate())"
    running = [
        subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=LONGEST_WAIT)[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sorted(said) == [[], [], SHIPPED]
    assert sorted(history()) == SHIPPED


def test_an_edited_file_is_an_error_and_nothing_new_is_applied(empty: str, folder: Path) -> None:
    migrate(folder)
    edited = folder / SHIPPED[1]
    edited.write_text(edited.read_text() + "\n-- a word more")
    (folder / "0900_new.sql").write_text("create table app.newer ()")
    with pytest.raises(MigrationEdited, match=SHIPPED[1]):
        migrate(folder)
    assert not exists("app.newer")
    assert sorted(history()) == SHIPPED


def test_a_missing_file_is_an_error(empty: str, folder: Path) -> None:
    migrate(folder)
    (folder / SHIPPED[0]).unlink()
    with pytest.raises(MigrationEdited, match=SHIPPED[0]):
        migrate(folder)


def test_a_file_that_fails_leaves_nothing_half_applied(empty: str, folder: Path) -> None:
    (folder / "0900_good.sql").write_text("create table app.good ()")
    bad = folder / "0901_bad.sql"
    bad.write_text("create table app.half (); insert into app.good select; select 1 / 0 as never")
    (folder / "0902_later.sql").write_text("create table app.later ()")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(folder)
    assert [exists(table) for table in ("app.good", "app.half", "app.later")] == [True, False, False]
    assert sorted(history()) == [*SHIPPED, "0900_good.sql"]
    with database.connect() as connection:
        assert connection.execute("select from app.good").fetchall() == []
    bad.write_text("create table app.half (per_cent text default '100%')")
    assert migrate(folder) == ["0901_bad.sql", "0902_later.sql"]


def test_a_process_that_dies_while_migrating_does_not_block_the_next(empty: str, folder: Path) -> None:
    """The lock belongs to a transaction of its session, and goes with it."""
    script = (
        "import os, signal; from monitr_pipelines.warehouse.upkeep import migrations\n"
        "from monitr_pipelines.warehouse.reports import structures\n"
        "structures.synchronise = lambda connection: os.kill(os.getpid(), signal.SIGKILL)\n"
        "migrations.migrate()"
    )
    died = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert died.returncode == -9
    assert migrate() == []
    with database.connect() as connection:
        row = connection.execute("select count(*) as lines from app.report_line").fetchone()
    assert row is not None
    assert row["lines"] > 100


BEFORE_TENANT_COLUMNS = """
with organisations as (
    insert into app.organisation (name) values ('one'), ('two') returning id, name
), connections as (
    insert into app.integration (organisation_id, provider) select id, 'exact' from organisations
    returning id, organisation_id
), entities as (
    insert into app.entity (key, organisation_id, integration_id, name, status)
    select 'entity ' || nth || ' of ' || organisation_id, organisation_id, id, 'Company ' || nth,
        case nth when 3 then 'Deleted' else 'Active' end
    from connections cross join generate_series(1, 3) as nth
    returning id, organisation_id
), imports as (
    insert into app.import (entity_id, trigger, run_id, started_at, lease_until, finished_at, outcome)
    select id, 'cli', 'run ' || id || ' ' || nth, now(), now(), now() + nth * interval '1 hour',
        case nth when 2 then 'failed' else 'succeeded' end
    from entities cross join generate_series(1, 2) as nth
    returning id, entity_id
), uploads as (
    insert into app.upload (entity_id, file_name, content_hash, size_bytes, mode)
    select id, 'a.csv', repeat('0', 64), 1, 'years' from entities returning id
), chunks as (
    insert into app.upload_chunk (upload_id, ordinal, content) select id, 0, 'x' from uploads
), findings as (
    insert into app.finding (import_id, ordinal, severity, code, message)
    select id, 1, 'warning', 'odd', 'Odd.' from imports
)
-- As after someone moved an entity by hand.
insert into app.alert (organisation_id, entity_id, cause, message)
select (select max(id) from organisations), id, 'late', 'Late.' from entities
"""
CONTRADICTIONS = """
select 'import' as name from app.import as rows inner join app.entity as of on rows.entity_id = of.id
where rows.organisation_id <> of.organisation_id
union all
select 'upload' from app.upload as rows inner join app.entity as of on rows.entity_id = of.id
where rows.organisation_id <> of.organisation_id
union all
select 'alert' from app.alert as rows inner join app.entity as of on rows.entity_id = of.id
where rows.organisation_id <> of.organisation_id
union all
select 'finding' from app.finding as rows inner join app.import as of on rows.import_id = of.id
where rows.organisation_id <> of.organisation_id
union all
select 'chunk' from app.upload_chunk as rows inner join app.upload as of on rows.upload_id = of.id
where rows.organisation_id <> of.organisation_id
"""


def test_rows_of_before_say_whose_they_are_and_are_listed(empty: str) -> None:
    with database.connect_as_owner(autocommit=True) as owner:
        migrate_until(owner, "0018")
        owner.execute(BEFORE_TENANT_COLUMNS)
    assert migrate() == [name for name in SHIPPED if name >= "0018"]
    with database.connect_as_owner() as owner:
        assert owner.execute(CONTRADICTIONS).fetchall() == []
        listed = owner.execute("select * from app.listing order by key").fetchall()
        shown = owner.execute("select count(*) as entities, min(state) as state from app.listed_entity")
        assert shown.fetchone() == {"entities": 4, "state": "failed"}
    assert len(listed) == 6
    assert {(row["outcome"], row["provider"]) for row in listed} == {("failed", "exact")}


def test_structures_are_written_only_when_they_change(empty: str) -> None:
    def stored() -> list[dict[str, object]]:
        with database.connect() as connection:
            return [
                row
                for table in ("report_line", "account_mapping")
                for row in connection.execute(f"select ctid::text, xmin::text, * from app.{table} order by 1")  # noqa: S608
            ]

    migrate()
    before = stored()
    migrate()
    assert stored() == before
    with database.connect(autocommit=True) as connection:
        connection.execute("update app.report_line set name_nl = 'verkeerd' where line = '20/58'")
        connection.execute("delete from app.account_mapping where prefix = '55'")
    migrate()
    places = {"ctid", "xmin"}
    was, is_now = (
        sorted(repr({key: row[key] for key in sorted(row.keys() - places)}) for row in rows)
        for rows in (before, stored())
    )
    assert is_now == was


def test_the_lock_is_released_after_an_error(empty: str, folder: Path) -> None:
    (folder / "0900_bad.sql").write_text("nonsense")
    with pytest.raises(psycopg.errors.SyntaxError):
        migrate(folder)
    with database.connect_as_owner() as connection:
        connection.execute("lock table app.migration in share update exclusive mode nowait")


def migrate_until(owner: Connection, end: str) -> None:
    """A database as it was before the migration `end`."""
    roles.create(owner)
    owner.execute(migrations.HISTORY)
    for name in SHIPPED:
        if name < end:
            text = (shipped.SQL / "migrations" / name).read_text()
            owner.execute(text)  # type: ignore[arg-type]  # a file of ours
            checksum = hashlib.sha256(text.encode()).hexdigest()
            owner.execute("insert into app.migration (name, checksum) values (%s, %s)", [name, checksum])


def test_files_that_were_applied_before_they_had_numbers_get_them(empty: str) -> None:
    """An import applied those that waited in the order in which they came in."""
    with database.connect_as_owner(autocommit=True) as owner:
        migrate_until(owner, "0015")
        owner.execute(
            """
            insert into app.organisation (name) values ('A');
            insert into app.integration (organisation_id, provider) values (1, 'file');
            insert into app.entity (key, organisation_id, integration_id, name) values ('1-a', 1, 1, 'A');
            insert into app.import
                (entity_id, trigger, run_id, started_at, lease_until, finished_at, outcome, error_code)
            select 1, 'file', nth::text, now(), now(), now(), outcome, code
            from (values (1, 'succeeded', null), (2, 'failed', 'unbalanced'), (3, 'succeeded', null))
                as ends (nth, outcome, code);
            insert into app.upload
                (entity_id, file_name, content_hash, size_bytes, mode, state, import_id, received_at)
            select 1, name, repeat('0', 64), 1, 'years', state, import_id, now() - age * interval '1 hour'
            from (
                values
                    ('large', 'applied', 3, 9), ('first', 'applied', 1, 8), ('second', 'applied', 1, 7),
                    ('bad', 'refused', 2, 6), ('new', 'waiting', null, 5)
            ) as files (name, state, import_id, age)
            """
        )
    assert "0015_files_in_their_turn.sql" in migrate()
    with database.connect() as connection:
        rows = connection.execute(
            "select file_name, applied_number, error_code, settled_at is not null as settled from app.upload"
        )
        found = {row["file_name"]: tuple(row.values())[1:] for row in rows}
    assert found == {
        "first": (1, None, True),
        "second": (2, None, True),
        "large": (3, None, True),
        "bad": (None, "unbalanced", True),
        "new": (None, None, False),
    }
