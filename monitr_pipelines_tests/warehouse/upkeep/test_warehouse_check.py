"""`monitr check`: what is not as it should be is said, and all is well where it is."""

import os
from collections.abc import Callable, Iterator

import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.upkeep import check
from monitr_pipelines.warehouse.upkeep.migrations import migrate


def codes() -> set[str]:
    return {finding.code for finding in check.check()}


@pytest.fixture
def owned(home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A migrated database of an owner who is no superuser, and has the roles from somebody else."""
    owner = f"checked_{os.getpid()}"
    with database.connect_as_owner(autocommit=True) as server:
        server.execute(f"create role {owner} login")
        server.execute(f"grant monitr_importer, monitr_web, monitr_backup to {owner}")
        server.execute(f"create database {owner} owner {owner}")
        address = make_url(database.owner_url()).set(username=owner, database=owner)
        with monkeypatch.context() as patched:
            patched.setenv("MONITR_DATABASE_URL", address.render_as_string(hide_password=False))
            migrate()
            yield owner
        server.execute(f"drop database {owner} with (force)")
        server.execute(f"drop owned by {owner}")
        server.execute(f"drop role {owner}")


def test_our_own_server_is_well(monitr: Callable) -> None:
    said = monitr("check")
    assert (said.code, said.out) == (0, "")
    assert "Nothing is wrong." in said.err
    assert monitr("check", "--json").json == []


def test_large_objects_are_told_where_the_owner_may_not_refuse_them(owned: str, monitr: Callable) -> None:
    said = monitr("check")
    assert said.code == 1
    assert "problem: The web process may make large objects" in said.out
    assert "revoke execute on function" in said.out
    (told,) = monitr("check", "--json").json
    assert (told["code"], told["problem"]) == ("large_objects", True)
    statement = told["text"].partition("database: ")[2].rstrip(".")
    administrator = (
        make_url(database.owner_url()).set(username="postgres").render_as_string(hide_password=False)
    )
    with database._connect(administrator, autocommit=True) as server:
        server.execute(sql.SQL(statement))  # type: ignore[arg-type]  # what the person is told to execute
    assert monitr("check").code == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("grant select on app.turn to monitr_web", "web_turn"),
        ("alter table app.import no force row level security", "table_open"),
        ("create table app.open_one (entity_id bigint)", "table_open"),
        ("grant temporary on database {database} to public", "web_temporary"),
        ("grant create on schema public to public", "web_creates"),
        ("delete from app.migration where name like '0019%'", "not_migrated"),
        ("update app.migration set checksum = 'x' where name like '0019%'", "migration_edited"),
        ("insert into app.migration (name, checksum) values ('9999_newer.sql', '')", "migration_edited"),
    ],
)
def test_what_is_wrong_is_found(owned: str, change: str, code: str) -> None:
    assert codes() == {"large_objects"}
    with database.connect_as_owner(autocommit=True) as owner:
        owner.execute(change.format(database=owned))
    assert codes() == {"large_objects", code}


@pytest.mark.parametrize(
    ("change", "back", "code"),
    [
        ("createdb", "nocreatedb", "role_mighty"),
        ("bypassrls", "nobypassrls", "role_mighty"),
        ("nologin", "login", "role_no_login"),
    ],
)
def test_a_role_that_is_not_as_it_should_be_is_found(home: object, change: str, back: str, code: str) -> None:
    with database.connect_as_owner(autocommit=True) as owner:
        owner.execute(f"alter role monitr_backup {change}")
        try:
            found = [finding for finding in check.check() if finding.code == code]
        finally:
            owner.execute(f"alter role monitr_backup {back}")
    assert [finding.is_problem for finding in found] == [True]
    assert "monitr_backup" in found[0].text


def test_first_imports_that_take_longer_are_a_note_and_no_problem(home: object, monitr: Callable) -> None:
    with database.connect_as_owner(autocommit=True) as owner:
        owner.execute("alter role monitr_importer nobypassrls")
        try:
            said = monitr("check")
        finally:
            owner.execute("alter role monitr_importer bypassrls")
    assert said.code == 0
    assert said.out.startswith("note: The role monitr_importer does not bypass")


def test_a_database_that_does_not_answer_is_told(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITR_WEB_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    (found,) = check.check()
    assert found.code == "unreachable"
    assert "as the web process reaches it" in found.text
    monkeypatch.setenv("MONITR_OWNER_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert codes() == {"unreachable", "owner_unreachable"}
