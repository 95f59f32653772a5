"""A back-up of the books is one moment, whatever runs; restored elsewhere it is the same books."""

import os
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url
from tenants_kit import RELATIONS, Tenant, furnish, holes
from warehouse_kit import BANK, COSTS, SALE, booking, load, snapshot, start, whole

from monitr_pipelines import shipped
from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.warehouse.books import loader
from monitr_pipelines.warehouse.queue import outcome
from monitr_pipelines.warehouse.queue.heartbeat import Heartbeat
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server import database, embedded, tenancy
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.embedded import cluster_of
from monitr_pipelines.warehouse.server.tenancy import as_nobody, as_tenant
from monitr_pipelines.warehouse.upkeep import backup, migrations
from monitr_pipelines.warehouse.upkeep.backup import BackupFailed

LATER = booking("C9", "2025-03", (COSTS, 70), (BANK, -70))
CALENDAR = FiscalCalendar()
LONGEST_WAIT = 120
SECRET = "unseen"  # noqa: S105 - the word that is looked for
RIGHTS = """
select oid::regclass::text as name, relacl::text[] as rights, relrowsecurity, relforcerowsecurity, reloptions,
    array(
        select polname || polcmd::text || pg_get_expr(polqual, polrelid)
            || array(select role::regrole::text from unnest(polroles) as role order by 1)::text
        from pg_policy where polrelid = pg_class.oid order by 1
    ) as policies,
    array(
        select attname || attacl::text from pg_attribute
        where attrelid = pg_class.oid and attacl is not null order by attnum
    ) as columns
from pg_class
where relnamespace::regnamespace::text in ('app', 'raw', 'mapped', 'marts') and relkind in ('r', 'v', 'S')
order by name
"""


@pytest.fixture(scope="module")
def home(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of these tests alone: a back-up takes as long as there are rows, and all tests leave theirs."""
    folder = tmp_path_factory.mktemp("backed_up")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MONITR_HOME", str(folder))
        database.start_server()
        migrations.migrate()
        yield folder
        tenancy.close_pool()
        embedded.remove(folder)


@pytest.fixture
def books(connection: Connection, make_entity: Callable[..., str]) -> tuple[Tenant, Tenant]:
    return furnish(connection, make_entity()), furnish(connection, make_entity())


@contextmanager
def in_the_middle(connection: Connection, entity: str) -> Iterator[None]:
    """An import of the entity has written its lines, and waits to write its cursor until the block ends."""

    def run() -> None:
        with database.connect(autocommit=True) as own, Heartbeat(claimed := start(own, entity)):
            own.execute("set lock_timeout = 0")
            delivery = whole(SALE + LATER)
            loader.load_transactions(own, claimed, [delivery], Allowances(CALENDAR, allow_shrink=True))
            marts.regenerate(own, claimed, CALENDAR)
            assert outcome.finish(own, claimed, None)

    importing = threading.Thread(target=run)
    with database.connect_as_owner() as holder:
        holder.execute("set idle_in_transaction_session_timeout = 0")
        holder.execute("lock table app.cursor in share mode")
        importing.start()
        wait_until_blocked(connection)
        yield
    importing.join(LONGEST_WAIT)
    assert not importing.is_alive()


def wait_until_blocked(connection: Connection) -> None:
    waiting = "select pg_sleep(0.02) from pg_locks where not granted and relation = 'app.cursor'::regclass"
    for _ in range(50 * LONGEST_WAIT):
        if connection.execute(waiting).fetchall():
            return
        connection.execute("select pg_sleep(0.02)")
    raise AssertionError("the import did not reach its cursor")


def counts(connection: Connection) -> dict[str, int]:
    found = {}
    for relation in connection.execute(RELATIONS).fetchall():
        query = f"select count(*) as rows from {relation['name']}"  # noqa: S608 - names of the catalogue
        found[relation["name"]] = (connection.execute(query).fetchone() or {})["rows"]
    return found


def test_a_back_up_taken_during_an_import_is_the_books_as_they_were_committed(
    connection: Connection,
    books: tuple[Tenant, Tenant],
    command: list[str],
    empty_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = empty_home.with_name("books.backup")
    entity = books[0].key
    committed = snapshot(connection, entity)
    with in_the_middle(connection, entity):
        stored = counts(connection)
        subprocess.run([*command, "backup", file], check=True, timeout=LONGEST_WAIT)
        assert snapshot(connection, entity) == committed
    assert snapshot(connection, entity) != committed
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with database.connect_as_owner() as owner:
        rights = owner.execute(RIGHTS).fetchall()

    elsewhere = {**os.environ, "MONITR_HOME": str(empty_home)}
    subprocess.run([*command, "restore", file], check=True, timeout=LONGEST_WAIT, env=elsewhere)
    monkeypatch.setenv("MONITR_HOME", str(empty_home))
    with database.connect(autocommit=True) as restored:
        assert snapshot(restored, entity) == committed
        assert counts(restored) == stored
        with database.connect_as_owner() as owner:
            assert owner.execute(RIGHTS).fetchall() == rights
            assert holes(owner, books) == {}
        load(restored, books[1].key, whole(SALE + LATER), allow_shrink=True)
    again = subprocess.run(
        [*command, "restore", file], check=False, timeout=LONGEST_WAIT, env=elsewhere, stderr=subprocess.PIPE
    )
    assert again.returncode == 1
    assert b"tables already" in again.stderr


def test_an_owner_without_special_rights_restores_on_a_server_of_his_own(
    books: tuple[Tenant, Tenant], tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He may create roles; the back-up was taken where another owns the tables."""
    file = tmp_path / "books.backup"
    backup.save(file)
    server = cluster_of(empty_home).url("postgres")
    with psycopg.connect(server, autocommit=True) as superuser:
        superuser.execute("create role keeper login createrole")
        superuser.execute("create database kept owner keeper")
    address = make_url(server).set(username="keeper", database="kept")
    monkeypatch.setenv("MONITR_DATABASE_URL", address.render_as_string(hide_password=False))
    assert backup.restore(file) == []
    with as_tenant(books[0].organisation) as web:
        assert [row["key"] for row in web.execute("select key from app.entity")] == [books[0].key]
    with as_nobody() as web:
        assert web.execute("select from app.entity").rowcount == 0
    with database.connect(autocommit=True) as keeper:
        assert keeper.execute("select from app.entity").rowcount > 1
    backup.save(tmp_path / "again.backup")
    tenancy.close_pool()


def test_a_back_up_of_an_older_program_is_brought_up_to_date(
    books: tuple[Tenant, Tenant], tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "books.backup"
    backup.save(file)
    monkeypatch.setenv("MONITR_HOME", str(empty_home))
    database.start_server()
    newer = tmp_path / "sql" / "migrations"
    newer.mkdir(parents=True)
    sql = shipped.SQL
    for each in (sql / "migrations").glob("*.sql"):
        (newer / each.name).symlink_to(each)
    (newer / "9000_newer.sql").write_text("create table app.newer (word text)")
    for folder in ("server", "reports"):
        (tmp_path / "sql" / folder).symlink_to(sql / folder)
    monkeypatch.setattr("monitr_pipelines.shipped.SQL", tmp_path / "sql")
    assert backup.restore(file) == ["9000_newer.sql"]


def test_a_table_that_the_back_up_would_miss_is_told(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "books.backup"
    with database.connect_as_owner(autocommit=True) as owner:
        owner.execute("create table app.hidden (); alter table app.hidden enable row level security")
        try:
            with pytest.raises(BackupFailed, match=r"app\.hidden"):
                backup.save(file)
        finally:
            owner.execute("drop table app.hidden")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_taken_or_restored_leaves_nothing_behind(
    home: Path, tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("something else")
    with pytest.raises(BackupFailed, match="exists already"):
        backup.save(taken)
    with pytest.raises(BackupFailed, match="cannot be written"):
        backup.save(tmp_path / "no folder" / "books.backup")
    with database.connect_as_owner(autocommit=True) as owner:
        owner.execute("create table app.not_granted ()")
        try:
            with pytest.raises(BackupFailed, match="not_granted"):
                backup.save(tmp_path / "books.backup")
        finally:
            owner.execute("drop table app.not_granted")
    monkeypatch.setenv("MONITR_HOME", str(empty_home))
    database.start_server()
    with pytest.raises(BackupFailed, match="no file"):
        backup.restore(tmp_path / "books.backup")
    with pytest.raises(BackupFailed, match="pg_restore failed"):
        backup.restore(taken)
    assert migrations.migrate()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty_home", "taken"]


def test_a_password_goes_by_the_environment(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[list[str], dict[str, str]]] = []

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        environment = options["env"]
        assert isinstance(environment, dict)
        started.append((command, environment))
        return subprocess.CompletedProcess(command, 1, stderr=b"refused")

    address = make_url(database.owner_url()).set(password=SECRET)
    monkeypatch.setenv("MONITR_DATABASE_URL", address.render_as_string(hide_password=False))
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(BackupFailed) as failed:
        backup.save(tmp_path / "books.backup")
    ((command, environment),) = started
    assert environment["PGPASSWORD"] == SECRET
    assert SECRET not in f"{command} {failed.value}"
