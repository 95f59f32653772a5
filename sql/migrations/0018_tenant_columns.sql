-- Purpose: every row of a tenant in schema app says whose it is, so that its policy is one comparison, made
-- ready once a query. Before, the entities of a tenant were an array that PostgreSQL prepared anew for each
-- row: a page of all of them cost their square.
-- Invariants: organisation_id is the organisation of the row that this one belongs to. The database fills it
-- in, foreign keys that hold it beside the id keep it equal, and it never changes; an entity stays with its
-- organisation. Every foreign key between rows of tenants holds the organisation. The books (raw, mapped,
-- marts) have no such column: it would be one more value in each of their lines, which nothing asks for but
-- the policy. An entity of the tenant is looked up there, in one index or in one hash.

create function app.refuse_tenant_change() returns trigger language plpgsql as $$
begin
    raise exception 'a row of % stays with organisation %', tg_relid::regclass, old.organisation_id
    using errcode = 'integrity_constraint_violation';
end
$$;

-- What a row belongs to, by the name of the column that refers to it. With the rights of the owner: where it
-- is another tenant's, the row becomes that one's, and the policy of the table refuses it.
create function app.fill_tenant_of_entity() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    new.organisation_id := (select organisation_id from app.entity where id = new.entity_id);
    return new;
end
$$;

create function app.fill_tenant_of_import() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    new.organisation_id := (select organisation_id from app.import where id = new.import_id);
    return new;
end
$$;

create function app.fill_tenant_of_upload() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    new.organisation_id := (select organisation_id from app.upload where id = new.upload_id);
    return new;
end
$$;

revoke execute on function
app.fill_tenant_of_entity(), app.fill_tenant_of_import(), app.fill_tenant_of_upload()
from public;

-- Give a table the column, from `parent` (entity, import or upload), to which its column <parent>_id refers.
create procedure app.carry_tenant(relation regclass, parent text) language plpgsql as $$
declare
    reference constant text := parent || '_id';
begin
    execute format('alter table %s add column organisation_id bigint', relation);
    execute format(
        'update %s as child set organisation_id = parent.organisation_id '
        'from app.%I as parent where child.%I = parent.id',
        relation, parent, reference
    );
    execute format('alter table %s alter column organisation_id set not null', relation);
    execute format(
        'create trigger tenant_is_filled before insert on %s '
        'for each row when (new.organisation_id is null) execute function app.%I()',
        relation, 'fill_tenant_of_' || parent
    );
end
$$;

-- Let the foreign keys of a table to rows of tenants hold the organisation, and its rows never change it.
-- The unique keys that they need begin with the id: one that began with the organisation would be taken for a
-- way to the rows of a tenant wherever statistics are late, and read all of them once for each entity.
create procedure app.hold_tenant(relation regclass) language plpgsql as $$
declare
    known record;
begin
    for known in
        select
            keys.conname as name,
            keys.confrelid::regclass as target,
            columns.attname as reference,
            targets.attname as referred,
            targets.attnum as number,
            case keys.confdeltype
                when 'c' then ' on delete cascade'
                when 'n' then format(' on delete set null (%I)', columns.attname)
                else ''
            end as on_delete
        from pg_constraint as keys
        inner join pg_attribute as columns
            on keys.conrelid = columns.attrelid and keys.conkey[1] = columns.attnum
        inner join pg_attribute as targets
            on keys.confrelid = targets.attrelid and keys.confkey[1] = targets.attnum
        where
            keys.contype = 'f'
            and keys.conrelid = relation
            and cardinality(keys.conkey) = 1
            and exists (
                select from pg_attribute as tenants
                where tenants.attrelid = keys.confrelid and tenants.attname = 'organisation_id'
            )
    loop
        if not exists (
            select from pg_index
            where
                indrelid = known.target
                and indisunique
                and indkey::text = known.number || ' ' || (
                    select attnum from pg_attribute where attrelid = known.target and attname = 'organisation_id'
                )
        ) then
            execute format('alter table %s add unique (%I, organisation_id)', known.target, known.referred);
        end if;
        -- Where someone moved an entity by hand, what belongs to it goes with it.
        execute format(
            'update %s as child set organisation_id = parent.organisation_id from %s as parent '
            'where child.%I = parent.%I and child.organisation_id <> parent.organisation_id',
            relation, known.target, known.reference, known.referred
        );
        execute format('alter table %s drop constraint %I', relation, known.name);
        execute format(
            'alter table %s add constraint %I foreign key (%I, organisation_id) '
            'references %s (%I, organisation_id)%s',
            relation, known.name, known.reference, known.target, known.referred, known.on_delete
        );
    end loop;
    execute format(
        'create trigger tenant_stays before update of organisation_id on %s for each row '
        'when (old.organisation_id is distinct from new.organisation_id) '
        'execute function app.refuse_tenant_change()',
        relation
    );
end
$$;

-- As before (0005), and a table of schema app that tells its entity alone carries the tenant from now on.
-- belongs: whether a row is the tenant's, where no column of the table says it.
create or replace procedure app.protect(relation regclass, belongs text default null) language plpgsql as $$
declare
    columns name[] := array(
        select attname from pg_attribute where attrelid = relation and attnum > 0 and not attisdropped
    );
    of_app constant boolean := (select relnamespace = 'app'::regnamespace from pg_class where oid = relation);
begin
    if belongs is null and of_app and 'entity_id' = any (columns) and 'organisation_id' <> all (columns) then
        call app.carry_tenant(relation, 'entity');
        columns := columns || 'organisation_id'::name;
    end if;
    belongs := case
        when belongs is not null then belongs
        when 'organisation_id' = any (columns) then 'organisation_id = (select app.tenant())'
        when 'entity_id' = any (columns) then 'exists (select from app.entity where id = entity_id)'
    end;
    if belongs is null then
        raise exception 'no column of % tells whose its rows are; say it in a second argument', relation;
    end if;
    if of_app and 'organisation_id' = any (columns) then
        call app.hold_tenant(relation);
    end if;
    execute format('alter table %s enable row level security', relation);
    execute format('alter table %s force row level security', relation);
    execute format(
        'create policy everything on %s to monitr_importer, monitr_backup using (true)', relation
    );
    execute format('create policy tenant on %s to monitr_web using (%s)', relation, belongs);
end
$$;

create trigger tenant_stays before update of organisation_id on app.entity for each row
when (old.organisation_id is distinct from new.organisation_id)
execute function app.refuse_tenant_change();

do $$
declare
    relation regclass;
    parent text;
begin
    -- A file and an import tell their entity, what belongs to them tells them.
    foreach parent in array array['entity', 'import', 'upload'] loop
        for relation in
            select tables.oid::regclass
            from pg_class as tables
            inner join pg_attribute as columns on tables.oid = columns.attrelid
            where
                tables.relkind = 'r'
                and tables.relnamespace = 'app'::regnamespace
                and columns.attname = parent || '_id'
                and not exists (
                    select from pg_attribute
                    where attrelid = tables.oid and attname = 'organisation_id'
                )
            order by 1
        loop
            call app.carry_tenant(relation, parent);
            execute format('analyze %s (organisation_id)', relation);
            execute format('alter policy tenant on %s using (organisation_id = (select app.tenant()))', relation);
        end loop;
    end loop;
    for relation in
        select tables.oid::regclass
        from pg_class as tables
        inner join pg_attribute as columns on tables.oid = columns.attrelid
        where
            tables.relkind = 'r'
            and tables.relnamespace = 'app'::regnamespace
            and columns.attname = 'organisation_id'
            and tables.oid <> 'app.entity'::regclass
        order by 1
    loop
        call app.hold_tenant(relation);
    end loop;
    for relation in
        select policies.polrelid::regclass
        from pg_policy as policies
        inner join pg_attribute as columns
            on policies.polrelid = columns.attrelid and columns.attname = 'entity_id'
        where
            policies.polname = 'tenant'
            and not exists (
                select from pg_attribute
                where attrelid = policies.polrelid and attname = 'organisation_id'
            )
    loop
        execute format(
            'alter policy tenant on %s using (exists (select from app.entity where id = entity_id))', relation
        );
    end loop;
end
$$;
