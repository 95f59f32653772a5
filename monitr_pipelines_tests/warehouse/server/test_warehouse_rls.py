"""Row level security: the web role sees one organisation, in every table and view, and writes there alone."""

from collections.abc import Callable, Iterator, Sequence
from typing import LiteralString

import psycopg
import pytest
from tenants_kit import GLOBAL, SHARED, Tenant, contradictions, furnish, holes, shown_structures

from monitr_pipelines.lifecycle.errors import EntityGone, Refused
from monitr_pipelines.warehouse.queue import requests, uploads
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.warehouse.server.tenancy import as_nobody, as_tenant

Tenants = tuple[Tenant, Tenant]


@pytest.fixture
def tenants(connection: Connection, make_entity: Callable[..., str]) -> Tenants:
    return furnish(connection, make_entity()), furnish(connection, make_entity())


@pytest.fixture
def owner(home: object) -> Iterator[Connection]:
    """The owner, whose changes of the schema are taken back."""
    with database.connect_as_owner() as opened, opened.transaction(force_rollback=True):
        yield opened


def test_every_table_and_view_shows_the_web_role_its_tenant_alone(
    owner: Connection, tenants: Tenants
) -> None:
    assert holes(owner, tenants) == {}


def test_no_row_contradicts_what_it_belongs_to(owner: Connection, tenants: Tenants) -> None:
    assert contradictions(owner, tenants) == {}


@pytest.mark.parametrize(
    ("planted", "name", "found"),
    [
        (
            "alter table app.import drop constraint import_entity_id_fkey",
            "app.import",
            "no foreign key holds its organisation",
        ),
        ("drop trigger tenant_stays on app.hook_key", "app.hook_key", "its organisation can be changed"),
        (
            "alter table app.upload alter column organisation_id drop not null",
            "app.upload",
            "its organisation may be missing",
        ),
        (
            "alter table app.cursor add constraint planted foreign key (import_id) references app.import",
            "app.cursor",
            "planted does not hold the organisation",
        ),
        (
            "alter policy tenant on app.import using (entity_id = any (array(select id from app.entity)))",
            "app.import",
            "its policy is (entity_id = ANY (ARRAY( SELECT entity.id FROM app.entity)))",
        ),
    ],
    ids=["no key", "no trigger", "no value", "a loose key", "another policy"],
)
def test_a_planted_contradiction_is_found(
    owner: Connection, tenants: Tenants, planted: LiteralString, name: str, found: str
) -> None:
    owner.execute(planted)
    assert found in contradictions(owner, tenants)[name]


def test_a_row_is_of_the_organisation_of_what_it_belongs_to(owner: Connection, tenants: Tenants) -> None:
    """Nobody has to say so; who says otherwise is refused."""
    mine, theirs = tenants
    ask = "insert into app.import (entity_id, organisation_id, trigger) values (%s, %s, 'cli') returning *"
    with owner.transaction(force_rollback=True):
        owner.execute("delete from app.import where entity_id = %s and finished_at is null", [mine.entity])
        row = owner.execute(ask, [mine.entity, None]).fetchone()
        assert row is not None
        assert row["organisation_id"] == mine.organisation
    with pytest.raises(psycopg.errors.ForeignKeyViolation), owner.transaction():
        owner.execute(ask, [mine.entity, theirs.organisation])


def test_tables_without_a_tenant_are_there(owner: Connection) -> None:
    assert [name for name in GLOBAL if not exists(owner, name)] == []


def test_a_tenant_sees_templates_and_its_own_structures_alone(owner: Connection, tenants: Tenants) -> None:
    mine, theirs = tenants
    for name in SHARED:
        row = owner.execute(
            "select relrowsecurity and relforcerowsecurity as forced from pg_class where oid = %s::regclass",
            [name],
        ).fetchone()
        assert row == {"forced": True}, name
        assert shown_structures(owner, name, None) == {None}, name
        for tenant in (mine, theirs):
            assert shown_structures(owner, name, tenant) == {None, tenant.organisation}, name


@pytest.mark.parametrize(
    "write",
    [
        "update app.entity set structure_id = %(structure)s where id = %(entity)s",
        """
        insert into app.chosen_line (entity_id, structure_id, account_code, line)
        values (%(entity)s, %(structure)s, '1', 'L')
        """,
        "update app.chosen_line set structure_id = %(structure)s where entity_id = %(entity)s",
        """
        insert into app.chosen_line_change
            (entity_id, structure_id, change, account_code, axis, axis_value, person)
        values (%(entity)s, %(structure)s, gen_random_uuid(), '1', '', '', 'Test')
        """,
    ],
    ids=["read by it", "place on it", "move to it", "say so"],
)
def test_nothing_is_on_a_structure_of_another_organisation(
    owner: Connection, tenants: Tenants, write: LiteralString
) -> None:
    own, another = (
        {"entity": tenants[0].entity, "structure": structure_of(owner, tenant)} for tenant in tenants
    )
    with owner.transaction(force_rollback=True):
        assert owner.execute(write, own).rowcount
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation), owner.transaction():
        owner.execute(write, another)


def structure_of(owner: Connection, tenant: Tenant) -> int:
    row = owner.execute(
        "select id from app.reporting_structure where organisation_id = %s", [tenant.organisation]
    ).fetchone()
    assert row is not None
    return int(row["id"])


def test_a_structure_stays_with_its_organisation(owner: Connection, tenants: Tenants) -> None:
    mine, theirs = tenants
    for taker in (theirs.organisation, None):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation), owner.transaction():
            owner.execute(
                "update app.reporting_structure set organisation_id = %s where organisation_id = %s",
                [taker, mine.organisation],
            )


def exists(owner: Connection, name: str) -> bool:
    row = owner.execute("select to_regclass(%s) is not null as there", [name]).fetchone()
    return bool(row and row["there"])


@pytest.mark.parametrize(
    ("planted", "name", "found"),
    [
        (
            "create table app.planted as select id as entity_id from app.entity",
            "app.planted",
            {"row level security is not forced", "rows without a tenant", "rows of another tenant"},
        ),
        (
            "create view marts.planted as select entity_id from marts.trial_balance",
            "marts.planted",
            {"rows without a tenant", "rows of another tenant"},
        ),
        (
            "create materialized view marts.planted as select entity_id from marts.trial_balance",
            "marts.planted",
            {"rows without a tenant", "rows of another tenant"},
        ),
        (
            "alter policy tenant on app.finding using (app.tenant() is not null)",
            "app.finding",
            {"rows of another tenant"},
        ),
        ("drop policy tenant on app.import", "app.import", {"not the rows of the tenant"}),
        (
            "alter table app.web_session no force row level security",
            "app.web_session",
            {"row level security is not forced"},
        ),
    ],
    ids=["a table", "a view", "a materialized view", "a policy", "no policy", "not forced"],
)
def test_a_planted_hole_is_found(
    owner: Connection, tenants: Tenants, planted: str, name: str, found: set[str]
) -> None:
    owner.execute(planted)
    assert found <= set(holes(owner, tenants)[name])


def test_a_later_table_is_protected_by_one_call(owner: Connection, tenants: Tenants) -> None:
    owner.execute("create table app.later (entity_id bigint references app.entity, name text)")
    owner.execute("insert into app.later select id, name from app.entity")
    owner.execute("call app.protect('app.later')")
    assert holes(owner, tenants) == {}
    assert contradictions(owner, tenants) == {}
    with pytest.raises(psycopg.errors.RaiseException, match="whose its rows are"), owner.transaction():
        owner.execute("create table app.nobodys (word text); call app.protect('app.nobodys')")


def test_how_imports_of_another_tenant_ended_is_not_told(tenants: Tenants) -> None:
    mine, theirs = tenants
    with as_tenant(mine.organisation) as connection:
        ends = [
            connection.execute("select import_id from app.last_end(%s)", [each.entity]).fetchall()
            for each in (mine, theirs)
        ]
    assert ends == [[{"import_id": max(mine.imports)}], []]


WRITES = {
    "ask for an import": "insert into app.import (entity_id, trigger) values (%(entity)s, 'manual')",
    "give a file": """
        insert into app.upload (entity_id, file_name, content_hash, size_bytes, mode)
        values (%(entity)s, 'a.csv', repeat('0', 64), 0, 'years')
        """,
    "add to a file": "insert into app.upload_chunk (upload_id, ordinal, content) values (%(upload)s, 9, 'x')",
    "remember a message": """
        insert into app.hook_request (organisation_id, message_id, body_hash, import_id)
        values (%(organisation)s, 'another', 'x', %(import)s)
        """,
    "sign somebody in": """
        insert into app.web_session (session_hash, organisation_id, access_token_id, expires_at)
        values ('x', %(organisation)s, 1, now())
        """,
    "give a session away": "update app.web_session set organisation_id = %(organisation)s",
    "give a message away": "update app.hook_request set organisation_id = %(organisation)s",
}
REFUSALS = (psycopg.errors.InsufficientPrivilege, psycopg.errors.IntegrityConstraintViolation)
MISSES = {
    "reset": "update app.entity set reset_at = now() where id = %(entity)s",
    "move an import to the front": "update app.import set priority = 99 where entity_id = %(entity)s",
    "settle a file": "update app.upload set state = 'discarded' where id = %(upload)s",
    "throw a file away": "delete from app.upload where id = %(upload)s",
    "throw a part of a file away": "delete from app.upload_chunk where upload_id = %(upload)s",
    "sign somebody out": "delete from app.web_session where organisation_id = %(organisation)s",
}


def other(tenant: Tenant) -> dict[str, object]:
    return vars(tenant) | {"upload": tenant.uploads[0], "import": tenant.imports[0]}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_for_another_tenant_is_refused(tenants: Tenants, write: str) -> None:
    with (
        pytest.raises(REFUSALS, match=r"row-level security|stays with organisation"),
        as_tenant(tenants[0].organisation) as connection,
    ):
        connection.execute(write, other(tenants[1]))


@pytest.mark.parametrize("write", MISSES.values(), ids=MISSES.keys())
def test_rows_of_another_tenant_cannot_be_reached(tenants: Tenants, write: str) -> None:
    with as_tenant(tenants[0].organisation) as connection:
        assert connection.execute(write, other(tenants[1])).rowcount == 0


def test_an_import_is_asked_for_with_the_rights_of_its_tenant(tenants: Tenants) -> None:
    mine, theirs = tenants
    with as_tenant(mine.organisation) as connection:
        asked = requests.request(connection, mine.key, trigger="manual", requested_by="Test")
        assert requests.request(connection, mine.key, trigger="hook", requested_by="Test") == asked
        with pytest.raises(EntityGone) as unknown:
            requests.request(connection, theirs.key, trigger="manual", requested_by="Test")
    assert unknown.value.code == "unknown_entity"
    with as_nobody() as connection, pytest.raises(EntityGone):
        requests.request(connection, mine.key, trigger="manual", requested_by="Test")


def put_in(connection: Connection, state: str, upload: int) -> None:
    number = 1 if state == "applied" else None
    connection.execute(
        "update app.upload set state = %s, applied_number = %s where id = %s", [state, number, upload]
    )


@pytest.mark.parametrize("state", ["draft", "waiting", "refused", "discarded", "applied"])
def test_a_file_that_is_not_in_the_books_is_discarded_by_its_tenant_alone(
    connection: Connection, tenants: Tenants, state: str
) -> None:
    mine, theirs = tenants
    (upload,) = mine.uploads
    put_in(connection, state, upload)

    def stored() -> tuple[object, int]:
        row = connection.execute("select state from app.upload where id = %s", [upload]).fetchone()
        parts = connection.execute("select from app.upload_chunk where upload_id = %s", [upload]).rowcount
        return row and row["state"], parts

    with as_nobody() as web, pytest.raises(Refused) as nobodys:
        uploads.discard(web, upload, "Test")
    with as_tenant(theirs.organisation) as web, pytest.raises(Refused) as another:
        uploads.discard(web, upload, "Test")
    assert (nobodys.value.code, another.value.code) == ("unknown_upload", "unknown_upload")
    assert stored() == (state, 1)
    with as_tenant(mine.organisation) as web:
        if state == "applied":
            with pytest.raises(Refused) as refused:
                uploads.discard(web, upload, "Test")
            assert refused.value.code == "upload_applied"
        else:
            uploads.discard(web, upload, "Test")
    kept = {"applied": ("applied", 1), "discarded": ("discarded", 1)}
    assert stored() == kept.get(state, ("discarded", 0))


def test_drafts_are_changed_and_files_of_the_books_are_not(connection: Connection, tenants: Tenants) -> None:
    mine = tenants[0]
    (upload,) = mine.uploads
    touches = (
        "update app.upload set mode = 'append' where id = %s",
        "delete from app.upload_chunk where upload_id = %s",
        "delete from app.upload where id = %s",
    )
    for state, touched in (("applied", 0), ("waiting", 0), ("draft", 1)):
        put_in(connection, state, upload)
        with as_tenant(mine.organisation) as web:
            assert [web.execute(touch, [upload]).rowcount for touch in touches] == [touched] * 3


@pytest.mark.parametrize(
    ("state", "write"),
    [
        ("draft", "update app.upload set state = 'applied' where id = %s"),
        ("applied", "insert into app.upload_chunk (upload_id, ordinal, content) values (%s, 9, 'x')"),
        (
            "applied",
            """
            insert into app.upload (entity_id, file_name, content_hash, size_bytes, mode, state)
            select entity_id, file_name, content_hash, size_bytes, mode, 'applied'
            from app.upload where id = %s
            """,
        ),
    ],
    ids=["settles a draft", "adds to a file", "adds a file"],
)
def test_the_web_role_puts_nothing_into_the_books_by_itself(
    connection: Connection, tenants: Tenants, state: str, write: str
) -> None:
    mine = tenants[0]
    put_in(connection, state, mine.uploads[0])
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"),
        as_tenant(mine.organisation) as web,
    ):
        web.execute(write, [mine.uploads[0]])


def test_the_tenant_is_forgotten_with_its_transaction(tenants: Tenants) -> None:
    with as_tenant(tenants[0].organisation) as connection:
        assert connection.execute("select from app.entity").rowcount == 1
    with as_nobody() as connection:
        assert connection.execute("select from app.entity").rowcount == 0


def test_whose_a_line_is_is_found_out_with_one_look_a_line_at_most(tenants: Tenants) -> None:
    """However many entities the tenant has: in one index, or in one hash."""
    with as_tenant(tenants[0].organisation) as connection:
        for query in (
            "select * from raw.gl_transaction where entity_id = %s",
            "select * from raw.gl_transaction",
        ):
            plan = explained(connection, query, tenants[0])
            assert "(id = gl_transaction.entity_id)" in plan or "hashed SubPlan" in plan
            assert "= ANY" not in plan


def explained(connection: Connection, query: str, tenant: Tenant) -> str:
    parameters: Sequence[object] = [tenant.entity] if "%s" in query else []
    return "\n".join(row["QUERY PLAN"] for row in connection.execute(f"explain {query}", parameters))
