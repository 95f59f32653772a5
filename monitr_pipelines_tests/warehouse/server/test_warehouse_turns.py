"""Turns: one at a time, whoever dies meanwhile, and nothing that the web role could hold up."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from process_kit import LONGEST_WAIT, wait_for
from tenants_kit import furnish
from warehouse_kit import SALE, id_of, load, whole

from monitr_pipelines import shipped
from monitr_pipelines.alerts.watching import ALERTS_TURN, watch
from monitr_pipelines.reconciler.rounds import RECONCILER_TURN
from monitr_pipelines.warehouse.books.loader import ENTITY_TURN
from monitr_pipelines.warehouse.server import database, turns
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.tenancy import as_tenant
from monitr_pipelines.warehouse.upkeep.migrations import migrate

# The keys of the advisory locks that there were once.
ONCE = (
    "select pg_advisory_lock(1834201, %(entity)s::int)",
    "select pg_advisory_lock(1834202)",
    "select pg_advisory_lock(hashtext('monitr alerts'))",
    "select pg_advisory_lock(7305231186)",
)


@pytest.fixture
def other(home: object) -> Iterator[Connection]:
    with database.connect(autocommit=True) as opened:
        yield opened


@contextmanager
def soon_refused(connection: Connection) -> Iterator[None]:
    """Whoever waits for a lock in this block is refused."""
    connection.execute("set lock_timeout = '50ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        yield
    connection.execute("set lock_timeout = '30s'")


def waits_for(connection: Connection, holder: int) -> bool:
    return bool(
        connection.execute(
            "select from pg_stat_activity where %s = any(pg_blocking_pids(pid))", [holder]
        ).fetchall()
    )


@pytest.mark.parametrize("times", [1, 2], ids=["a row that is made now", "a row that there is"])
def test_a_turn_is_waited_for_and_ends_with_its_transaction(
    connection: Connection, other: Connection, times: int
) -> None:
    for _ in range(times):
        with connection.transaction():
            turns.wait(connection, "test", times)
            with soon_refused(other), other.transaction():
                turns.wait(other, "test", times)
            with other.transaction():
                turns.wait(other, "test", times + 100)
    with other.transaction():
        turns.wait(other, "test", times)


def test_of_many_at_once_one_goes_after_the_other(home: object) -> None:
    inside, most, done = 0, 0, []
    together, counting = threading.Barrier(12), threading.Lock()

    def go(nth: int) -> None:
        nonlocal inside, most
        with database.connect() as own:
            together.wait(LONGEST_WAIT)
            with own.transaction():
                turns.wait(own, "raced")
                with counting:
                    inside += 1
                    most = max(most, inside)
                own.execute("select pg_sleep(0.01)")
                with counting:
                    inside -= 1
                    done.append(nth)

    going = [threading.Thread(target=go, args=(nth,)) for nth in range(12)]
    for each in going:
        each.start()
    for each in going:
        each.join(LONGEST_WAIT)
    assert (sorted(done), most) == (list(range(12)), 1)


def test_a_turn_of_a_session_that_is_ended_is_free(other: Connection) -> None:
    lost = database.connect()
    turns.wait(lost, "test", 7)
    with database.connect_as_owner(autocommit=True) as owner:
        owner.execute("select pg_terminate_backend(%s, 5000)", [lost.info.backend_pid])
    with other.transaction():
        turns.wait(other, "test", 7)
    lost.close()


def test_a_turn_that_is_tried_is_passed_by(connection: Connection, other: Connection) -> None:
    with connection.transaction():
        assert turns.is_free(connection, ALERTS_TURN)
        with other.transaction():
            assert not turns.is_free(other, ALERTS_TURN)
    with other.transaction():
        assert turns.is_free(other, ALERTS_TURN)


def test_a_turn_is_held_by_one_session_for_its_life(connection: Connection, other: Connection) -> None:
    holders, together = [], threading.Barrier(8)

    def run() -> None:
        with database.connect(autocommit=True) as own:
            together.wait(LONGEST_WAIT)
            if turns.hold(own, "held"):
                holders.append(own.info.backend_pid)
            together.wait(LONGEST_WAIT)

    running = [threading.Thread(target=run) for _ in range(8)]
    for each in running:
        each.start()
    for each in running:
        each.join(LONGEST_WAIT)
    assert len(holders) == 1
    wait_for(lambda: turns.hold(connection, "held"), "the turn of a session that ended")
    assert not turns.hold(other, "held")
    with database.connect_as_owner(autocommit=True) as owner:
        owner.execute("select pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
    assert turns.hold(other, "held")


def test_one_import_of_an_entity_applies_at_a_time(
    connection: Connection, other: Connection, make_entity: Callable[..., str]
) -> None:
    mine, theirs = make_entity(), make_entity()
    loaded = threading.Event()

    def run() -> None:
        with database.connect(autocommit=True) as own:
            load(own, mine, whole(SALE))
        loaded.set()

    importing = threading.Thread(target=run)
    with connection.transaction():
        turns.wait(connection, ENTITY_TURN, id_of(connection, mine))
        importing.start()
        wait_for(lambda: waits_for(other, connection.info.backend_pid), "the import")
        load(other, theirs, whole(SALE))
        assert not loaded.is_set()
    importing.join(LONGEST_WAIT)
    assert loaded.is_set()


@pytest.mark.parametrize(
    "statement",
    [
        "select from app.turn",
        "select from app.turn for update",
        "lock table app.turn in access share mode",
        "insert into app.turn (task) values ('x')",
        "update app.turn set holder_pid = 1",
        "delete from app.turn",
        "lock table app.migration in share update exclusive mode",
    ],
)
def test_the_web_role_cannot_take_a_turn(
    connection: Connection, make_entity: Callable[..., str], statement: str
) -> None:
    tenant = furnish(connection, make_entity())
    with pytest.raises(psycopg.errors.InsufficientPrivilege), as_tenant(tenant.organisation) as web:
        web.execute(statement)


def test_no_advisory_lock_holds_anything_up(
    connection: Connection, other: Connection, make_entity: Callable[..., str]
) -> None:
    """The web process may take them all, with any key, for as long as it likes."""
    entity = make_entity()
    with psycopg.connect(database.web_url(), autocommit=True) as web:
        for statement in ONCE:
            web.execute(statement, {"entity": id_of(connection, entity)})
        connection.execute("set lock_timeout = '2s'")
        load(connection, entity, whole(SALE))
        assert turns.hold(connection, RECONCILER_TURN)
        watch(connection)
        assert migrate() == []


def test_no_statement_takes_an_advisory_lock() -> None:
    package = shipped.SQL.parent / "monitr_pipelines"
    sources = [*shipped.SQL.rglob("*.sql"), *package.rglob("*.py")]
    assert [
        path.name
        for path in sources
        if "pg_advisory" in path.read_text() or "pg_try_advisory" in path.read_text()
    ] == []


@pytest.mark.parametrize(
    "statement",
    [
        "select lo_create(0)",
        "select lo_creat(-1)",
        "select lo_from_bytea(0, 'x')",
        "select lo_open(1, 131072)",
        "select lo_put(1, 0, 'x')",
        "select lo_unlink(1)",
    ],
)
def test_no_process_makes_large_objects(
    connection: Connection, make_entity: Callable[..., str], statement: str
) -> None:
    tenant = furnish(connection, make_entity())
    with pytest.raises(psycopg.errors.InsufficientPrivilege), as_tenant(tenant.organisation) as web:
        web.execute(statement)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)
