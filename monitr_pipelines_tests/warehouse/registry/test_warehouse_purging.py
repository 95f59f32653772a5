"""A purge leaves nothing of an entity but one line, in whatever table, and nothing half done."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from common_kit import organisation_of
from provider_kit import connection_of
from tenants_kit import OWNERSHIP, RELATIONS, Tenant, furnish
from warehouse_kit import SALE, load, snapshot, start, whole

from monitr_pipelines.lifecycle.errors import EntityGone, Refused
from monitr_pipelines.warehouse.queue import outcome
from monitr_pipelines.warehouse.registry import connections, purging, removal
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

# Of the organisation, whatever entities it has; changes name one by its key at most, as its purge does.
OF_THE_ORGANISATION = {
    "app.change",
    "app.pending_connection",
    "app.organisation",
    "app.hook_key",
    "app.access_token",
    "app.reporting_structure",
    "app.web_session",
    "app.purge",
}
REFERENCES = """
select conrelid::regclass::text as referring, confrelid::regclass::text as referred
from pg_constraint where contype = 'f' and conparentid = 0
"""


@pytest.fixture
def tenant(connection: Connection, make_entity: Callable[..., str]) -> Tenant:
    return furnish(connection, make_entity())


@pytest.fixture
def owner(home: object) -> Iterator[Connection]:
    """The owner, whose changes are taken back."""
    with database.connect_as_owner() as opened, opened.transaction(force_rollback=True):
        yield opened


def purge(connection: Connection, key: str, **options: bool) -> bool:
    purging.begin(connection, key, "An")
    return purging.finish(connection, key, **options)


def rows_of(connection: Connection, tenant: Tenant) -> dict[str, list[str]]:
    """Every row of a tenant, by table."""
    found = {}
    for table in connection.execute(RELATIONS).fetchall():
        own = next((OWNERSHIP[name] for name in OWNERSHIP if name in table["columns"]), None)
        if table["name"] == "app.organisation":
            own = "id = %(organisation)s"
        if table["stored"] and own:
            query = f"select t::text as row from {table['name']} as t where {own} order by 1"  # noqa: S608
            found[table["name"]] = [row["row"] for row in connection.execute(query, vars(tenant))]
    return found


def lines_of(connection: Connection, key: str) -> list[dict[str, Any]]:
    return connection.execute("select * from app.purge where key = %s order by id", [key]).fetchall()


def test_no_table_holds_a_row_of_it_and_no_row_of_another_is_touched(
    connection: Connection, tenant: Tenant, make_entity: Callable[..., str]
) -> None:
    other = furnish(connection, make_entity())
    theirs = rows_of(connection, other)
    had = rows_of(connection, tenant)
    assert [table for table, rows in had.items() if not rows] == []
    purge(connection, tenant.key)
    left = {table for table, rows in rows_of(connection, tenant).items() if rows}
    assert left == OF_THE_ORGANISATION
    assert rows_of(connection, other) == theirs


def test_one_line_remains(connection: Connection, tenant: Tenant) -> None:
    purge(connection, tenant.key)
    (line,) = lines_of(connection, tenant.key)
    assert (line["purged_by"], line["organisation_id"]) == ("An", tenant.organisation)
    assert line["begun_at"] <= line["finished_at"]
    assert set(line) == {"id", "organisation_id", "key", "purged_by", "begun_at", "finished_at"}
    assert database.read("purged_entities")[0]["key"] == tenant.key
    with pytest.raises(EntityGone):
        purging.extent(connection, tenant.key)


def reached_from_entity(connection: Connection) -> set[str]:
    """The tables that the catalogue says hold rows of an entity, found another way than the purge's."""
    tables = connection.execute(RELATIONS).fetchall()
    reached = {"app.entity"} | {
        table["name"] for table in tables if table["stored"] and "entity_id" in table["columns"]
    }
    references = connection.execute(REFERENCES).fetchall()
    while more := {each["referring"] for each in references if each["referred"] in reached} - reached:
        reached |= more
    return reached


def test_every_table_of_the_catalogue_that_leads_to_an_entity_is_emptied(
    connection: Connection, tenant: Tenant
) -> None:
    statements = database.run(connection, "registry/entity_deletions", entity_id=tenant.entity).fetchall()
    assert {row["name"] for row in statements} == reached_from_entity(connection)
    assert statements[-1]["name"] == "app.entity"


PLANTED = {
    "a column": (
        "create table marts.planted (entity_id bigint)",
        "insert into marts.planted values (%(entity)s)",
    ),
    "a key of two columns": (
        """
        create table app.dataset (entity_id bigint references app.entity, name text);
        alter table app.dataset add primary key (entity_id, name);
        create table app.planted (dataset_entity bigint, dataset_name text,
            foreign key (dataset_entity, dataset_name) references app.dataset)
        """,
        """
        with kept as (insert into app.dataset values (%(entity)s, 'x') returning *)
        insert into app.planted select * from kept
        """,
    ),
    "three steps away": (
        """
        create table app.planted (message_id bigint references app.alert_message, parent bigint);
        alter table app.planted add column id bigint primary key default 1,
            add foreign key (parent) references app.planted
        """,
        """
        insert into app.planted (message_id, parent)
        select alert_message.id, 1 from app.alert_message
        inner join app.alert on alert_id = alert.id where entity_id = %(entity)s
        """,
    ),
    "partitions": (
        """
        create table raw.planted (entity_id bigint, import_id bigint references app.import)
        partition by hash (entity_id);
        create table raw.planted_0 partition of raw.planted for values with (modulus 1, remainder 0)
        """,
        "insert into raw.planted values (%(entity)s, %(import)s)",
    ),
}


@pytest.mark.parametrize(("planted", "filled"), PLANTED.values(), ids=PLANTED.keys())
def test_a_table_that_is_added_later_is_not_forgotten(
    owner: Connection, tenant: Tenant, planted: str, filled: str
) -> None:
    owner.execute(planted.encode())
    owner.execute(filled.encode(), vars(tenant) | {"import": tenant.imports[0]})
    place = "marts" if "marts.planted" in planted else "raw" if "raw.planted" in planted else "app"
    count = f"select count(*) as rows from {place}.planted".encode()  # noqa: S608
    assert owner.execute(count).fetchone() == {"rows": 1}
    purge(owner, tenant.key)
    assert owner.execute(count).fetchone() == {"rows": 0}


def test_what_fails_midway_leaves_everything_and_is_gone_on_with(
    connection: Connection, tenant: Tenant
) -> None:
    purging.begin(connection, tenant.key, "An")
    before = rows_of(connection, tenant)
    with database.connect_as_owner(autocommit=True) as owner:
        owner.execute(
            """
            create function app.fail() returns trigger language plpgsql as
            $$ begin raise exception 'the plug was pulled'; end $$;
            create trigger fails before delete on app.entity execute function app.fail()
            """
        )
        try:
            with pytest.raises(psycopg.errors.RaiseException, match="plug"):
                purging.finish(connection, tenant.key)
            assert rows_of(connection, tenant) == before
            with pytest.raises(Refused) as refused:
                removal.restore(connection, tenant.key)
            assert refused.value.code == "purge_begun"
        finally:
            owner.execute("drop function app.fail() cascade")
    assert purging.extent(connection, tenant.key).purge_begun
    purge(connection, tenant.key)
    assert [line["finished_at"] is not None for line in lines_of(connection, tenant.key)] == [True]


def test_a_running_import_refuses_it_and_a_lost_one_does_not(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    key = make_entity()
    load(connection, key, whole(SALE))
    claimed, books = start(connection, key), snapshot(connection, key)
    with pytest.raises(Refused) as refused:
        purging.begin(connection, key, "An")
    assert refused.value.code == "already_running"
    assert not purging.extent(connection, key).purge_begun
    assert (snapshot(connection, key), lines_of(connection, key)) == (books, [])
    connection.execute(
        "update app.import set lease_until = now() - interval '1 s' where id = %s", [claimed.import_id]
    )
    purge(connection, key)
    assert not outcome.finish(connection, claimed, None)


def test_who_restores_it_in_between_keeps_it(connection: Connection, tenant: Tenant) -> None:
    removal.remove(connection, tenant.key, "An")
    removal.restore(connection, tenant.key)
    before = rows_of(connection, tenant)
    with pytest.raises(Refused, match="was restored"):
        purging.finish(connection, tenant.key)
    assert rows_of(connection, tenant) == before


def exists(connection: Connection, integration: int) -> bool:
    return bool(connection.execute("select from app.integration where id = %s", [integration]).rowcount)


@pytest.mark.parametrize(
    ("stored", "keep", "kept"),
    [(True, False, False), (True, True, True), (False, True, False)],
    ids=["credentials go", "credentials stay when asked", "files have none"],
)
def test_the_last_entity_takes_its_connection_along(
    *, connection: Connection, make_entity: Callable[..., str], stored: bool, keep: bool, kept: bool
) -> None:
    key = make_entity(provider="exact" if stored else "file")
    integration = connection_of(connection, key)
    if stored:
        connections.store(connection, integration, {"password": "x"})
    assert purging.extent(connection, key).alone
    assert purge(connection, key, keep_connection=keep) == (stored and not keep)
    assert exists(connection, integration) == kept


def test_a_connection_that_another_entity_uses_stays(
    connection: Connection, make_entity: Callable[..., str]
) -> None:
    key = make_entity(provider="exact")
    integration = connection_of(connection, key)
    other = make_entity(provider="exact", organisation=organisation_of(connection, key)["id"])
    connections.store(connection, integration, {"password": "x"})
    connection.execute("update app.entity set integration_id = %s where key = %s", [integration, other])
    removal.remove(connection, other, "An")
    assert not purging.extent(connection, key).alone
    assert not purge(connection, key)
    assert exists(connection, integration)
    assert purge(connection, other)
    assert not exists(connection, integration)


def test_the_same_key_can_be_there_again(connection: Connection, tenant: Tenant) -> None:
    organisation = tenant.organisation
    for _ in range(2):
        purge(connection, tenant.key)
        connection.execute(
            """
            with made as (insert into app.integration (organisation_id, provider) values (%s, 'file')
                returning id)
            insert into app.entity (key, organisation_id, integration_id, name)
            select %s, %s, id, 'Again' from made
            """,
            [organisation, tenant.key, organisation],
        )
    load(connection, tenant.key, whole(SALE))
    assert len(lines_of(connection, tenant.key)) == 2
    assert not purging.extent(connection, tenant.key).purge_begun
