"""What the queue, the night, the reconciler and the alerts ask costs what it reads, with late statistics."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from plans_kit import Explained, explained
from warehouse_kit import id_of

from monitr_pipelines.alerts.watching import watch
from monitr_pipelines.reconciler import waiting
from monitr_pipelines.reconciler.decisions import Waiting
from monitr_pipelines.warehouse.queue import claims, history, nightly, outcome, requests
from monitr_pipelines.warehouse.queue.fence import Committed, fence
from monitr_pipelines.warehouse.queue.heartbeat import renew
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

SIZES = (400, 3_200)
TABLES = ("app.entity", "app.import", "app.listing", "app.integration", "app.organisation", "app.upload")
# Four ends of each entity, of which the last may have failed, and one import that waits.
FURNISH = """
with added as (
    insert into app.entity (key, organisation_id, integration_id, name)
    select key || '-' || number, organisation_id, integration_id, 'Company ' || number
    from app.entity cross join generate_series(1, %(size)s) as number
    where id = %(entity)s
    returning id
)

insert into app.import (entity_id, trigger, run_id, started_at, lease_until, finished_at, outcome, error_code)
select
    added.id,
    'scheduled',
    added.id || ' ' || days,
    now() - days * interval '1 day',
    now(),
    now() - days * interval '1 day',
    case when days = 1 and added.id %% 7 = 0 then 'failed' else 'succeeded' end,
    case when days = 1 and added.id %% 7 = 0 then 'provider_down' end
from added cross join generate_series(1, 4) as days
"""
WAITING = """
insert into app.import (entity_id, trigger)
select id, 'scheduled' from app.entity
where organisation_id = (select organisation_id from app.entity where id = %(entity)s) and id <> %(entity)s
"""
OTHERS = """
select id from app.entity
where organisation_id = (select organisation_id from app.entity where id = %(entity)s) and id <> %(entity)s
"""
FORGOTTEN = (
    f"delete from app.import where entity_id in ({OTHERS})",  # noqa: S608
    f"delete from app.entity where id in ({OTHERS})",  # noqa: S608
)


@pytest.fixture(params=[0, 100])
def late(
    home: Path, connection: Connection, make_entity: Callable[..., str], request: pytest.FixtureRequest
) -> Iterator[None]:
    """Nothing is analysed meanwhile: statistics are of few companies, of whose imports none waits."""
    before = {"size": request.param, "entity": id_of(connection, make_entity())}
    with psycopg.connect(database.owner_url(), autocommit=True) as owner:
        for table in TABLES:
            owner.execute(f"alter table {table} set (autovacuum_enabled = false)")
        owner.execute(FURNISH, before)
        for table in TABLES:
            owner.execute(f"vacuum analyze {table}")
        for forgotten in FORGOTTEN:
            owner.execute(forgotten, before)
        yield
        for table in TABLES:
            owner.execute(f"alter table {table} reset (autovacuum_enabled)")


@pytest.mark.parametrize("size", SIZES)
def test_rounds_and_nights_cost_what_there_is(
    home: Path, connection: Connection, make_entity: Callable[..., str], late: None, size: int
) -> None:
    entity = id_of(connection, make_entity())
    now = datetime.now(UTC)
    with explained(home, database.IMPORTER) as statements, rolled_back() as asking:
        asking.execute(FURNISH, {"size": size, "entity": entity})
        nightly.read_night(asking, now, now=now, importable={"file"})
        asking.execute(WAITING, {"entity": entity})
        waiting.pressing(asking, 50, {})
        waiting.others(asking, 50, 0)
        waiting.starting(asking)
        claims.expire_lost(asking)
        watch(asking)
        database.run(asking, "reconciler/tidy")
        history.thin(asking, before=now, after=entity)
        rows = all_rows(asking)
    assert_bounded(statements, lambda table: rows.get(table, 0))


@pytest.mark.parametrize("size", SIZES)
def test_an_import_of_one_costs_one(
    home: Path, connection: Connection, make_entity: Callable[..., str], late: None, size: int
) -> None:
    key = make_entity()
    entity = id_of(connection, key)
    with explained(home, database.IMPORTER) as statements, rolled_back() as asking:
        asking.execute(FURNISH, {"size": size, "entity": entity})
        asking.execute(WAITING, {"entity": entity})
        asked = requests.request(asking, key, trigger="manual", requested_by="jan")
        told = Waiting(
            asked,
            entity,
            1,
            key,
            0,
            by_schedule=False,
            requested_by="jan",
            launches=0,
            launched_run_id=None,
            launched_priority=None,
            claimed=False,
            running=False,
        )
        assert waiting.claim(asking, told)
        waiting.release(asking, told, at_once=True)
        waiting.follow(asking, told, "a run")
        claimed = claims.claim(asking, key, run_id=f"plans {size}", import_id=asked, trigger="manual")
        assert renew(asking, claimed)
        fence(asking, claimed, Committed({"lines": 1}))
        outcome.finish(asking, claimed, None)
    # What there is of it: itself, its organisation and connection, two imports, a line in the listing.
    assert_bounded(statements, lambda _: 2)


@contextmanager
def rolled_back() -> Iterator[Connection]:
    """A session whose many entities and imports nobody else ever sees."""
    with database.connect(autocommit=True) as asking, asking.transaction(force_rollback=True):
        yield asking


def assert_bounded(statements: list[Explained], rows: Callable[[str], int]) -> None:
    asked = [statement for statement in statements if statement.text not in {FURNISH, WAITING}]
    excesses = [told for statement in asked if (told := statement.excess(rows))]
    assert asked
    assert not excesses, "\n".join(excesses)


def all_rows(connection: Connection) -> dict[str, int]:
    tables = connection.execute(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'app'::regnamespace"
    ).fetchall()
    counted = {}
    for row in tables:
        found = connection.execute(f"select count(*) as rows from app.{row['relname']}").fetchone()  # noqa: S608
        counted[row["relname"]] = found["rows"] if found else 0
    return counted
