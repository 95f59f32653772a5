"""An entity that was removed is out of sight for everybody, keeps what it has, and comes back with it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from common_kit import organisation_of
from tenants_kit import Tenant, furnish
from warehouse_kit import SALE, booking, id_of, last_import, load, snapshot, start, whole

from monitr_pipelines.ledger.guard import Allowances
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.lifecycle.errors import EntityGone, Refused
from monitr_pipelines.warehouse.books import loader
from monitr_pipelines.warehouse.queue import claims, nightly, outcome, requests
from monitr_pipelines.warehouse.registry import entities, purging, removal
from monitr_pipelines.warehouse.reports import marts
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.tenancy import as_tenant

TICK = datetime(2031, 5, 1, tzinfo=UTC)
MORE = booking("S2", "2025-02", ("550000", 7), ("700000", -7))


@pytest.fixture
def entity(connection: Connection, make_entity: Callable[..., str]) -> str:
    key = make_entity(provider="exact")
    load(connection, key, whole(SALE))
    return key


def ask(connection: Connection, key: str, trigger: str = "manual") -> int:
    return requests.request(connection, key, trigger=trigger, requested_by="Test")


def stored(connection: Connection, key: str) -> dict:
    return connection.execute("select * from app.entity where key = %s", [key]).fetchone() or {}


def test_what_waits_is_canceled_and_nothing_else_begins(connection: Connection, entity: str) -> None:
    asked, books = ask(connection, entity), snapshot(connection, entity)
    assert removal.remove(connection, entity, "An") == 1
    row = last_import(connection, entity)
    assert (row["id"], row["outcome"], row["error_code"]) == (asked, "canceled", "entity_removed")
    with pytest.raises(EntityGone) as refused:
        ask(connection, entity)
    assert refused.value.code == "entity_removed"
    with pytest.raises(EntityGone):
        start(connection, entity)
    with pytest.raises(EntityGone):
        entities.find(connection, entity)
    assert snapshot(connection, entity) == books


def test_the_night_neither_imports_it_nor_tells_of_it(
    connection: Connection, entity: str, make_entity: Callable[..., str]
) -> None:
    other = make_entity(provider="exact")
    removal.remove(connection, entity, "An")
    tick = nightly.write_night(connection, TICK, now=TICK, importable={"exact", "file"})
    assert tick is not None
    assert other in tick.due
    assert entity not in tick.due
    assert organisation_of(connection, entity)["name"] not in [
        name for each in tick.skipped for name in each.organisations
    ]


def test_a_running_import_goes_on_to_its_end(connection: Connection, entity: str) -> None:
    claimed = start(connection, entity, "full")
    removal.remove(connection, entity, "An")
    calendar = FiscalCalendar()
    assert entities.find(connection, entity, removed=True).key == entity
    loader.load_transactions(connection, claimed, [whole(SALE + MORE)], Allowances(calendar))
    marts.regenerate(connection, claimed, calendar)
    assert outcome.finish(connection, claimed, None)
    assert last_import(connection, entity)["outcome"] == "succeeded"
    assert len(snapshot(connection, entity)["raw.gl_transaction"]) == 4
    assert stored(connection, entity)["status"] == "Deleted"


def test_it_comes_back_with_its_books_and_imports(connection: Connection, entity: str) -> None:
    books = snapshot(connection, entity)
    removal.remove(connection, entity, "An")
    row = stored(connection, entity)
    assert row["removed_by"] == "An"
    assert datetime.now(UTC) - row["removed_at"] < timedelta(hours=1)
    assert removal.remove(connection, entity, "Bo") == 0
    assert stored(connection, entity)["removed_by"] == "An", "who did it is not who did it again"
    removal.restore(connection, entity)
    row = stored(connection, entity)
    assert (row["status"], row["removed_at"], row["removed_by"]) == ("Active", None, None)
    assert snapshot(connection, entity) == books
    assert outcome.finish(connection, start(connection, entity), None)


def test_only_what_was_removed_can_be_restored(connection: Connection, entity: str) -> None:
    with pytest.raises(Refused, match="was not removed"):
        removal.restore(connection, entity)
    for act in (removal.restore, lambda *named: removal.remove(*named, "An")):
        with pytest.raises(EntityGone, match="There is no entity"):
            act(connection, "nobody")


def test_the_web_process_sees_nothing_of_it(connection: Connection, make_entity: Callable[..., str]) -> None:
    mine = furnish(connection, make_entity())
    removal.remove(connection, mine.key, "An")
    with as_tenant(mine.organisation) as web:
        assert web.execute("select from app.entity").rowcount == 0
        assert web.execute("update app.entity set reset_at = now()").rowcount == 0
        with pytest.raises(EntityGone) as refused:
            requests.request(web, mine.key, trigger="hook", requested_by="Test")
    assert refused.value.code == "unknown_entity"
    removal.restore(connection, mine.key)
    with as_tenant(mine.organisation) as web:
        assert web.execute("select from app.entity").rowcount == 1


ACTS: dict[str, Callable[[Connection, Tenant], object]] = {
    "remove": lambda web, mine: removal.remove(web, mine.key, "An"),
    "purge": lambda web, mine: purging.begin(web, mine.key, "An"),
    "delete": lambda web, mine: web.execute("delete from app.entity where id = %s", [mine.entity]),
    "write history": lambda web, mine: web.execute(
        "insert into app.purge (organisation_id, key, purged_by) values (%s, 'x', 'x')", [mine.organisation]
    ),
    "read history": lambda web, _: web.execute("select from app.purge"),
    "change a status": lambda web, _: web.execute("update app.entity set status = 'Deleted'"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_the_web_process_can_do_none_of_it(
    connection: Connection, make_entity: Callable[..., str], act: Callable[[Connection, Tenant], object]
) -> None:
    mine = furnish(connection, make_entity())
    with pytest.raises(psycopg.errors.InsufficientPrivilege), as_tenant(mine.organisation) as web:
        act(web, mine)
    assert stored(connection, mine.key)["status"] == "Active"


def test_the_line_that_remains_can_be_deleted_by_no_process(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("delete from app.purge")


def test_a_run_that_was_queued_for_it_is_refused(connection: Connection, entity: str) -> None:
    asked = ask(connection, entity)
    removal.remove(connection, entity, "An")
    with pytest.raises(Refused) as refused:
        claims.claim(connection, entity, run_id="late", import_id=asked, trigger="dagster", once=True)
    assert refused.value.code == "request_settled"
    assert id_of(connection, entity)
    assert database.read("removed_entities")[0]["key"] == entity
