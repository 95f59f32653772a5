-- Purpose: where this database lets its roles do more, or less, than they are for.
-- Grain: finding; none are expected. subject: the role, table or function that it is about.
-- Inputs: roles: the roles of the processes.
with expected as (
    select
        names.name,
        pg_roles.oid,
        pg_roles.rolcanlogin,
        pg_roles.rolbypassrls,
        pg_roles.rolsuper
        or pg_roles.rolcreatedb
        or pg_roles.rolcreaterole
        or pg_roles.rolreplication as mighty
    from unnest(%(roles)s::text[]) as names (name)
    left join pg_roles on names.name = pg_roles.rolname
),

tables as (
    select
        pg_class.oid,
        pg_class.oid::regclass::text as name,
        pg_class.relrowsecurity and pg_class.relforcerowsecurity as protected
    from pg_class
    where
        pg_class.relkind in ('r', 'p')
        and pg_class.relnamespace::regnamespace::text in ('app', 'raw', 'mapped', 'marts')
        and exists (
            select from pg_attribute
            where attrelid = pg_class.oid and attname in ('organisation_id', 'entity_id') and not attisdropped
        )
)

select
    'role_missing' as code,
    name as subject
from expected where oid is null
union all
select
    'role_mighty',
    name
from expected where mighty or (rolbypassrls and name <> 'monitr_importer')
union all
select
    'role_no_login',
    name
from expected where not rolcanlogin
union all
select
    'no_bypass',
    name
from expected where name = 'monitr_importer' and not rolbypassrls
union all
select
    'table_open',
    name
from tables where not protected
union all
select
    'web_turn',
    'app.turn'
from expected
where
    expected.name = 'monitr_web'
    and to_regclass('app.turn') is not null
    and has_table_privilege(
        expected.oid, to_regclass('app.turn'), 'select, insert, update, delete, truncate, references, trigger'
    )
union all
select
    'web_temporary',
    current_database()
from expected
where
    expected.name = 'monitr_web' and oid is not null
    and has_database_privilege(oid, current_database(), 'temporary, create')
union all
select
    'web_creates',
    pg_namespace.nspname
from expected
cross join pg_namespace
where
    expected.name = 'monitr_web' and expected.oid is not null
    and has_schema_privilege(expected.oid, pg_namespace.oid, 'create')
union all
select
    'large_objects',
    string_agg(pg_proc.oid::regprocedure::text, ', ' order by pg_proc.oid)
from expected
inner join pg_proc
    on
        pg_proc.pronamespace = 'pg_catalog'::regnamespace
        and pg_proc.proname ~ '^lo(_|write|read)'
        and has_function_privilege(expected.oid, pg_proc.oid, 'execute')
where expected.name = 'monitr_web'
having count(*) > 0
order by code, subject
