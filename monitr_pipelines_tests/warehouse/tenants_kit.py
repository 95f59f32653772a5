"""Two organisations with a row in every table, and a walk over the catalogue for what each sees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, LiteralString

import psycopg
from warehouse_kit import BANK, COSTS, PLACED, SALE, booking, id_of, load, start, whole

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.warehouse.queue import outcome, uploads
from monitr_pipelines.warehouse.server.database import Connection

# Templates belong to nobody, structures of an organisation to that one: `shown_structures` looks at them.
SHARED = {
    "app.reporting_structure",
    "app.report_line",
    "app.report_line_ancestry",
    "app.account_mapping",
}
# Tables whose rows belong to nobody.
GLOBAL = SHARED | {
    "app.migration",
    "app.account_class",
    "app.reconciler_beat",
    "app.turn",
    "app.night",
}
# How to tell whose a row is, by the first of these columns that a relation has.
OWNERSHIP = {
    "organisation_id": "organisation_id = %(organisation)s",
    "entity_id": "entity_id = %(entity)s",
    "import_id": "import_id = any(%(imports)s)",
    "upload_id": "upload_id = any(%(uploads)s)",
}
RELATIONS = """
select
    pg_class.oid::regclass::text as name,
    relkind in ('r', 'p') as stored,
    relrowsecurity and relforcerowsecurity as protected,
    array(select attname::text from pg_attribute where attrelid = pg_class.oid and attnum > 0) as columns
from pg_class
where relkind in ('r', 'p', 'v', 'm', 'f')
    and relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'
order by 1
"""
# Rows of the books tell their entity alone; all others their organisation.
POLICIES = {
    "app": "(organisation_id = ( SELECT app.tenant() AS tenant))",
    "books": "(EXISTS ( SELECT FROM app.entity WHERE (entity.id = {table}.entity_id)))",
}
# They belong to their organisation alone.
ROOTS = {"app.integration", "app.hook_key", "app.access_token", "app.purge", "app.change"}
CARRIERS = """
select
    tables.oid::regclass::text as name,
    tables.relname as short,
    tables.relnamespace = 'app'::regnamespace as of_app,
    coalesce(tenants.attnotnull, false) as carried,
    regexp_replace(pg_get_expr(policies.polqual, tables.oid), '\\s+', ' ', 'g') as policy,
    array(
        select keys.conname::text from pg_constraint as keys
        where
            keys.conrelid = tables.oid
            and keys.contype = 'f'
            and exists (
                select from pg_attribute as parents
                where parents.attrelid = keys.confrelid and parents.attname = 'organisation_id'
            )
            and not tenants.attnum = any(keys.conkey)
            -- A template has no organisation: a trigger refuses a structure of another one.
            and keys.confrelid <> 'app.reporting_structure'::regclass
    ) as loose,
    exists(
        select from pg_constraint as keys
        where
            keys.conrelid = tables.oid
            and keys.contype = 'f'
            and tenants.attnum = any(keys.conkey)
            and cardinality(keys.conkey) > 1
    ) as held
from pg_class as tables
inner join pg_policy as policies on tables.oid = policies.polrelid and policies.polname = 'tenant'
left join pg_attribute as tenants on tables.oid = tenants.attrelid and tenants.attname = 'organisation_id'
where tables.oid <> 'app.organisation'::regclass
order by 1
"""
COST = booking("C1", "2025-02", (COSTS, 40), (BANK, -40), axes=(("cost", "1"),))
STRAY = booking("S2", "2025-01", ("999999", 1))


@dataclass(frozen=True)
class Tenant:
    """An organisation with one entity; what belongs to it is found by these ids."""

    key: str
    organisation: int
    entity: int
    imports: list[int]
    uploads: list[int]


def furnish(connection: Connection, key: str) -> Tenant:
    """Give the organisation of an entity a row in every table."""
    load(connection, key, whole(SALE + COST + STRAY), allow_unbalanced=True)
    claimed = start(connection, key)
    outcome.save_findings(connection, claimed, [Finding("unfit_line", "A line that is not right.")])
    outcome.finish(connection, claimed, None)
    entity = id_of(connection, key)
    uploads.store(connection, entity, BytesIO(b"lines"), file_name="a.csv", mode="years", settings={})
    tenant = Tenant(
        key,
        *ids(connection, "select organisation_id from app.entity where id = %s", entity),
        entity,
        ids(connection, "select id from app.import where entity_id = %s", entity),
        ids(connection, "select id from app.upload where entity_id = %s", entity),
    )
    for statement in FURNITURE:
        connection.execute(statement, vars(tenant) | {"import": claimed.import_id})
    return tenant


def ids(connection: Connection, query: LiteralString, entity: int) -> list[int]:
    return [value for row in connection.execute(query, [entity]) for value in row.values()]


FURNITURE = (
    *PLACED,
    """
    with structure as (
        insert into app.reporting_structure (name, country, organisation_id)
        values ('Ours', '', %(organisation)s) returning id
    ), lines as (
        insert into app.report_line
            (structure_id, line, statement, position, level, name_en, name_nl, name_fr)
        select id, 'L', 'balance_sheet', 1, 0, 'L', 'L', 'L' from structure returning structure_id, line
    ), above as (
        insert into app.report_line_ancestry (structure_id, line, ancestor)
        select structure_id, line, line from lines
    )
    insert into app.account_mapping (structure_id, statement, prefix, line)
    select structure_id, 'balance_sheet', '1', line from lines
    """,
    """
    insert into app.rate_usage (organisation_id, integration_id, limit_name, slot, calls)
    select organisation_id, integration_id, 'minute', now(), 1 from app.entity where id = %(entity)s
    """,
    """
    insert into app.purge (organisation_id, key, purged_by, finished_at)
    values (%(organisation)s, 'an earlier one', 'Test', now())
    """,
    "insert into app.hook_key (organisation_id, public_id, secret) values (%(organisation)s, %(key)s, 'x')",
    """
    insert into app.hook_request (organisation_id, message_id, body_hash, import_id)
    values (%(organisation)s, 'message', 'x', %(import)s)
    """,
    """
    with token as (
        insert into app.access_token (organisation_id, kind, person, token_hash)
        values (%(organisation)s, 'token', 'Test', sha256(convert_to(%(key)s, 'UTF8')))
        returning id, token_hash
    )
    insert into app.web_session (session_hash, organisation_id, access_token_id, expires_at)
    select sha256(token_hash), %(organisation)s, id, now() + interval '1 hour' from token
    """,
    """
    insert into app.pending_connection (word_hash, organisation_id, session_hash, content, expires_at)
    select sha256(session_hash), organisation_id, session_hash, 'x', expires_at
    from app.web_session where organisation_id = %(organisation)s
    """,
    """
    insert into app.administration (organisation_id, integration_id, id, name, currency, fiscal_year_start)
    select organisation_id, integration_id, 'A1', 'Test', 'EUR', 1 from app.entity where id = %(entity)s
    """,
    """
    with tied as (
        insert into raw.tie_out (entity_id, import_id, day, compared, differing)
        values (%(entity)s, %(import)s, '2025-02-28', 2, 1) returning entity_id, import_id
    )
    insert into raw.tie_out_difference (entity_id, import_id, account_code, theirs, ours)
    select entity_id, import_id, '700000', 1, 2 from tied
    """,
    """
    insert into mapped.line_month (entity_id, external_id, month)
    values (%(entity)s, 'none of the books', '2025-02-01')
    """,
    """
    insert into raw.line_role (entity_id, external_id, role, reason)
    values (%(entity)s, 'none of the books', 'opening', 'period')
    """,
    """
    insert into app.change (organisation_id, person, action, subject)
    values (%(organisation)s, 'Test', 'connected', 'Test')
    """,
    """
    with opened as (
        insert into app.alert (organisation_id, entity_id, cause, message)
        values (%(organisation)s, %(entity)s, 'late', 'Late.') returning id
    )
    insert into app.alert_message (organisation_id, alert_id, kind, channel, recipient)
    select %(organisation)s, id, 'opened', 'email', 'test@example.com' from opened
    """,
)


def holes(owner: Connection, tenants: Sequence[Tenant]) -> dict[str, list[str]]:
    """What the web role sees and should not, or does not see and should, by table or view.

    It is lent the right to read each of them: the policies hold, whatever is granted one day.
    """
    found = {}
    for relation in owner.execute(RELATIONS).fetchall():
        if relation["name"] not in GLOBAL and (wrong := list(_wrong(owner, relation, tenants))):
            found[relation["name"]] = wrong
    return found


def _wrong(owner: Connection, relation: dict[str, Any], tenants: Sequence[Tenant]) -> Iterator[str]:
    name = relation["name"]
    if relation["stored"] and not relation["protected"]:
        yield "row level security is not forced"
    if _seen(owner, name, "true", None):
        yield "rows without a tenant"
    own = next((OWNERSHIP[column] for column in OWNERSHIP if column in relation["columns"]), None)
    if name == "app.organisation":
        own = "id = %(organisation)s"
    if own is None:
        yield "no column tells whose its rows are"
        return
    for tenant in tenants:
        stored = _count(owner, name, own, tenant)
        if not stored:
            yield "no row to look for"
        if _seen(owner, name, own, tenant) != stored:
            yield "not the rows of the tenant"
        if _seen(owner, name, f"({own}) is not true", tenant):
            yield "rows of another tenant"


def _seen(owner: Connection, name: str, condition: str, tenant: Tenant | None) -> int:
    with owner.transaction(force_rollback=True):
        owner.execute(f"grant select on {name} to monitr_web")
        owner.execute("set local role monitr_web")
        organisation = str(tenant.organisation) if tenant else ""
        owner.execute("select set_config('monitr.organisation', %s, true)", [organisation])
        return _count(owner, name, condition, tenant)


def _count(owner: Connection, name: str, condition: str, tenant: Tenant | None) -> int:
    query = f"select count(*) as rows from {name} where {condition}"  # noqa: S608 - names of the catalogue
    row = owner.execute(query, vars(tenant) if tenant else {}).fetchone()
    return row["rows"] if row else 0


def shown_structures(owner: Connection, name: str, tenant: Tenant | None) -> set[int | None]:
    """Whose structures the web role sees the rows of, in one of the shared tables; None: the templates."""
    column = "id" if name == "app.reporting_structure" else "structure_id"
    with owner.transaction(force_rollback=True):
        owner.execute("set local role monitr_web")
        organisation = str(tenant.organisation) if tenant else ""
        owner.execute("select set_config('monitr.organisation', %s, true)", [organisation])
        seen = {row[column] for row in owner.execute(f"select {column} from {name}").fetchall()}  # noqa: S608
    rows = owner.execute("select id, organisation_id from app.reporting_structure").fetchall()
    return {row["organisation_id"] for row in rows if row["id"] in seen}


def contradictions(owner: Connection, tenants: Sequence[Tenant]) -> dict[str, list[str]]:
    """How a row could be one tenant's by its column and another's by what it belongs to, by table."""
    found = {}
    for carrier in owner.execute(CARRIERS).fetchall():
        if carrier["name"] in SHARED:
            continue
        if wrong := [*_misplaced(carrier), *_changeable(owner, carrier, *tenants)]:
            found[carrier["name"]] = wrong
    return found


def _misplaced(carrier: dict[str, Any]) -> Iterator[str]:
    if carrier["of_app"] != carrier["carried"]:
        yield "its organisation may be missing" if carrier["of_app"] else "a line more than it needs"
    expected = POLICIES["app" if carrier["of_app"] else "books"].format(table=carrier["short"])
    if carrier["policy"] != expected:
        yield f"its policy is {carrier['policy']}"
    if carrier["carried"] and not carrier["held"] and carrier["name"] not in ROOTS:
        yield "no foreign key holds its organisation"
    for key in carrier["loose"]:
        yield f"{key} does not hold the organisation"


def _changeable(owner: Connection, carrier: dict[str, Any], mine: Tenant, theirs: Tenant) -> Iterator[str]:
    if not carrier["carried"]:
        return
    name = carrier["name"]
    move = f"update {name} set organisation_id = %s where organisation_id = %s"  # noqa: S608 - of the catalogue
    values = [theirs.organisation, mine.organisation]
    if _succeeds(owner, move, values):
        yield "its organisation can be changed"
    if name not in ROOTS:
        with owner.transaction(force_rollback=True):
            owner.execute(f"alter table {name} disable trigger tenant_stays")
            if _succeeds(owner, move, values):
                yield "no foreign key holds its organisation"


def _succeeds(owner: Connection, statement: str, values: Sequence[object]) -> bool:
    try:
        with owner.transaction(force_rollback=True):
            assert owner.execute(statement, values).rowcount  # type: ignore[arg-type]  # composed above
    except psycopg.IntegrityError:
        return False
    return True
