"""Roles: each kind of process may do what it is for, on a server of ours and on somebody else's."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from process_kit import LONGEST_WAIT
from psycopg.rows import dict_row
from sqlalchemy.engine import make_url
from tenants_kit import Tenant, furnish
from warehouse_kit import SALE, balances, load, whole

from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server import database, tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.embedded import cluster_of
from monitr_pipelines.warehouse.server.roles import ROLES, RolesMissing
from monitr_pipelines.warehouse.server.tenancy import as_nobody, as_tenant
from monitr_pipelines.warehouse.upkeep.migrations import migrate

SESSION = (
    "insert into app.web_session (session_hash, organisation_id, access_token_id, expires_at) "
    "values (%s, %s, %s, now() + %s::interval)"
)


@pytest.fixture
def tenant(connection: Connection, make_entity: Callable[..., str]) -> Tenant:
    return furnish(connection, make_entity())


@pytest.fixture
def backup(home: object) -> Iterator[Connection]:
    with psycopg.connect(database.backup_url(), autocommit=True, row_factory=dict_row) as opened:
        yield opened


def refused() -> pytest.RaisesExc[psycopg.errors.InsufficientPrivilege]:
    return pytest.raises(psycopg.errors.InsufficientPrivilege)


def test_no_role_of_a_process_is_more_than_a_role(connection: Connection) -> None:
    rows = connection.execute(
        "select rolname, rolbypassrls from pg_roles where rolname = any(%s) and rolcanlogin "
        "and not (rolsuper or rolcreatedb or rolcreaterole or rolreplication)",
        [list(ROLES)],
    )
    bypass = {row["rolname"]: row["rolbypassrls"] for row in rows}
    assert bypass == {database.IMPORTER: True, database.WEB: False, database.BACKUP: False}
    owned = "select from pg_class where relowner = any(%s::regrole[])"
    assert connection.execute(owned, [list(ROLES)]).fetchall() == []


def test_every_process_connects_as_its_role(connection: Connection, backup: Connection) -> None:
    with as_nobody() as web:
        users = [each.execute("select current_user as name").fetchone() for each in (connection, web, backup)]
    assert [user and user["name"] for user in users] == list(ROLES)


@pytest.mark.parametrize(
    "change",
    [
        "create table app.own (word text)",
        "create schema own",
        "alter table app.entity add column word text",
        "alter table app.entity disable row level security",
        "drop policy tenant on app.entity",
        "truncate app.finding",
        "drop table marts.validation",
        "insert into app.migration (name, checksum) values ('9999_own.sql', '')",
        "update app.migration set checksum = ''",
        "delete from app.migration",
        "create role own",
        "set role postgres",
    ],
)
def test_the_importer_changes_rows_and_nothing_else(connection: Connection, change: str) -> None:
    with refused():
        connection.execute(change)


def test_the_importer_has_a_stage_and_ends_sessions_of_its_own(connection: Connection) -> None:
    connection.execute("create temporary table stage (word text)")
    with psycopg.connect(database.url(), application_name="monitr lost-run") as lost:
        ended = connection.execute(
            "select pg_terminate_backend(pid, 5000) as ended from pg_stat_activity "
            "where application_name = 'monitr lost-run'"
        ).fetchall()
        assert [row["ended"] for row in ended] == [True]
        with pytest.raises(psycopg.OperationalError):
            lost.execute("select 1")


@pytest.mark.parametrize(
    "query",
    [
        "select credentials from app.integration",
        "select * from app.integration",
        "select alert_secret from app.organisation",
        "select billing_customer from app.organisation",
        "select cursor from app.cursor",
        "select from app.hook_key",
        "select from app.access_token",
        "select from app.alert_message",
        "update app.organisation set subscription = 'active'",
        "update app.integration set provider = 'own'",
        "delete from app.integration",
        "update app.entity set key = 'own'",
        "update app.entity set integration_id = 1",
        "update app.change set person = 'own'",
        "delete from app.change",
        "update app.pending_connection set expires_at = 'infinity'",
        "update app.import set outcome = 'succeeded'",
        "update app.upload set import_id = 1",
        "delete from app.import",
        "insert into app.entity (key) values ('own')",
        "update raw.gl_transaction set amount = 0",
        "delete from marts.trial_balance",
        "insert into app.hook_key (public_id) values ('own')",
        "insert into app.access_token (person) values ('own')",
        "create temporary table own (word text)",
        "create table public.own (word text)",
        "set local role monitr_importer",
        "set local role none; select from app.hook_key",
    ],
)
def test_the_web_role_has_no_business_with_it(tenant: Tenant, query: str) -> None:
    with refused(), as_tenant(tenant.organisation) as web:
        web.execute(query)


def test_the_back_up_role_reads_every_row_and_writes_none(
    connection: Connection, tenant: Tenant, backup: Connection
) -> None:
    for table in ("app.access_token", "app.integration", "raw.gl_transaction", "app.upload_chunk"):
        query = f"select count(*) as rows from {table}"  # noqa: S608
        assert backup.execute(query).fetchone() == connection.execute(query).fetchone()
    for write in ("delete from app.finding", "update app.entity set name = 'x'", "create schema own"):
        with refused():
            backup.execute(write)


def test_a_key_is_found_until_it_is_revoked(connection: Connection, tenant: Tenant) -> None:
    def found() -> list[dict[str, object]]:
        with as_nobody() as web:
            return web.execute("select * from app.find_hook_key(%s)", [tenant.key]).fetchall()

    (key,) = found()
    assert (key["organisation_id"], key["secret"]) == (tenant.organisation, b"x")
    connection.execute("update app.hook_key set revoked_at = now() where id = %s", [key["id"]])
    assert found() == []


def token(connection: Connection, tenant: Tenant, kind: str, ends: str | None = None) -> tuple[int, bytes]:
    """A token and its hash."""
    secret = os.urandom(32)
    row = connection.execute(
        "insert into app.access_token (organisation_id, kind, person, token_hash, expires_at) "
        "values (%s, %s, 'Ann', %s, now() + %s::interval) returning id",
        [tenant.organisation, kind, secret, ends],
    ).fetchone()
    assert row is not None
    return row["id"], secret


def used(secret: bytes) -> list[tuple[object, ...]]:
    with as_nobody() as web:
        rows = web.execute("select * from app.use_access_token(%s)", [secret]).fetchall()
    return [tuple(row.values()) for row in rows]


def test_a_token_lets_in_until_it_ends_and_a_link_once(connection: Connection, tenant: Tenant) -> None:
    identity, secret = token(connection, tenant, "token")
    assert used(secret) == used(secret) == [(identity, tenant.organisation, "Ann")]
    connection.execute("update app.access_token set revoked_at = now() where id = %s", [identity])
    assert used(secret) == []
    assert used(token(connection, tenant, "token", "-1 second")[1]) == []
    assert used(token(connection, tenant, "link", "-1 second")[1]) == []
    identity, secret = token(connection, tenant, "link", "1 hour")
    assert [used(secret), used(secret)] == [[(identity, tenant.organisation, "Ann")], []]
    assert used(os.urandom(32)) == []


def test_of_browsers_that_open_a_link_at_once_one_comes_in(connection: Connection, tenant: Tenant) -> None:
    _, secret = token(connection, tenant, "link")
    answers: list[list[tuple[object, ...]]] = []
    start = threading.Barrier(8)

    def browser() -> None:
        start.wait(LONGEST_WAIT)
        answers.append(used(secret))

    browsers = [threading.Thread(target=browser) for _ in range(8)]
    for each in browsers:
        each.start()
    for each in browsers:
        each.join(LONGEST_WAIT)
    assert sorted(map(len, answers)) == [0] * 7 + [1]


def test_a_session_ends_by_itself_or_with_its_token(connection: Connection, tenant: Tenant) -> None:
    def session(kind: str, token_ends: str | None, session_ends: str = "1 hour") -> bytes:
        identity, _ = token(connection, tenant, kind, token_ends)
        cookie = os.urandom(32)
        with as_tenant(tenant.organisation) as web:
            web.execute(SESSION, [cookie, tenant.organisation, identity, session_ends])
        return cookie

    def lives(cookie: bytes) -> bool:
        with as_nobody() as web:
            rows = web.execute("select * from app.find_web_session(%s)", [cookie]).fetchall()
        assert {(row["organisation_id"], row["person"]) for row in rows} <= {(tenant.organisation, "Ann")}
        return bool(rows)

    assert lives(forever := session("token", None))
    assert lives(session("link", "-1 second"))
    assert not lives(session("token", "-1 second"))
    assert not lives(session("token", None, "-1 second"))
    assert not lives(os.urandom(32))
    connection.execute("update app.access_token set revoked_at = now() where person = 'Ann'")
    assert not lives(forever)


@pytest.fixture
def given(home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database of somebody else's server, and the name of its owner, who is no superuser."""
    owner = f"books_{os.getpid()}"
    with database.connect_as_owner(autocommit=True) as server:
        server.execute(f"create role {owner} login")
        server.execute(f"create database {owner} owner {owner}")
        address = make_url(database.owner_url()).set(username=owner, database=owner)
        with monkeypatch.context() as patched:
            patched.setenv("MONITR_DATABASE_URL", address.render_as_string(hide_password=False))
            yield owner
        server.execute(f"drop database {owner} with (force)")
        server.execute(f"drop owned by {owner}")
        server.execute(f"drop role {owner}")


def test_a_server_that_lets_nobody_create_roles_is_told_what_is_missing(given: str) -> None:
    with pytest.raises(RolesMissing) as missing:
        migrate()
    assert (
        "create role monitr_importer login bypassrls; create role monitr_web login;" in missing.value.message
    )
    assert f"grant {', '.join(ROLES)} to {given};" in missing.value.message


def test_one_address_serves_every_process_and_still_restricts_the_web(
    given: str, home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as embedded:
        embedded.delenv("MONITR_DATABASE_URL")
        with database.connect_as_owner(autocommit=True) as server:
            server.execute(f"grant {', '.join(ROLES)} to {given}")
    migrate()
    assert migrate() == []
    with database.connect(autocommit=True) as connection:
        assert connection.info.user == given
        organisations = [add_company(connection, name) for name in ("one", "two")]
        load(connection, "one", whole(SALE))
        assert balances(connection, "one", "2025-01") == {"550000": 100, "700000": -100}
    with as_tenant(organisations[0]) as web:
        rows = web.execute("select key, current_user as name from app.entity").fetchall()
        assert [tuple(row.values()) for row in rows] == [("one", database.WEB)]
        assert web.execute("select from mapped.transactions").rowcount == len(SALE)
        requests.request(web, "one", trigger="manual", requested_by="Ann")
    with as_nobody() as web:
        assert web.execute("select from app.entity").rowcount == 0
        assert web.execute("select from app.find_hook_key('x')").rowcount == 0
        with refused():
            web.execute("select from app.hook_key")
    tenancy.close_pool()


def test_databases_of_one_server_are_migrated_at_once(empty_home: Path) -> None:
    """By an owner who may create roles, which are the server's and not a database's."""
    names = [f"books_{number}" for number in range(3)]
    server = cluster_of(empty_home).url("postgres")
    with psycopg.connect(server, autocommit=True) as superuser:
        superuser.execute("create role keeper login createrole")
        for name in names:
            superuser.execute(f"create database {name} owner keeper")
    migrating = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from monitr_pipelines.warehouse.upkeep.migrations import migrate; migrate()",
            ],
            env={
                **os.environ,
                "MONITR_DATABASE_URL": make_url(server)
                .set(username="keeper", database=name)
                .render_as_string(hide_password=False),
            },
        )
        for name in names
    ]
    assert [process.wait(LONGEST_WAIT) for process in migrating] == [0, 0, 0]


def add_company(connection: Connection, name: str) -> int:
    row = connection.execute(
        """
        with organisation as (
            insert into app.organisation (name) values (%(name)s) returning id
        ), integration as (
            insert into app.integration (organisation_id, provider)
            select id, 'file' from organisation returning id, organisation_id
        )
        insert into app.entity (key, organisation_id, integration_id, name)
        select %(name)s, organisation_id, id, %(name)s from integration returning organisation_id
        """,
        {"name": name},
    ).fetchone()
    assert row is not None
    return int(row["organisation_id"])
