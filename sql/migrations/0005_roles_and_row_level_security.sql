-- Purpose: the web process sees one organisation, whatever it asks; everybody else sees all of them.
-- Invariants: row level security is enabled and forced on every table with rows of a tenant. A later
-- migration protects its tables with `call app.protect('schema.table')`. The roles exist already, and
-- `sql/roles/grant.sql` tells what each of them may do.

-- The organisation that a transaction of the web process works for; null shows nothing.
create function app.tenant() returns bigint language sql stable
return nullif(current_setting('monitr.organisation', true), '')::bigint;

create index entity_of_organisation on app.entity (organisation_id);

-- belongs: whether a row is the tenant's, where no column of the table says it.
-- Subqueries that depend on no row: PostgreSQL evaluates them once a query.
create procedure app.protect(relation regclass, belongs text default null) language plpgsql as $$
declare
    columns constant name[] := array(
        select attname from pg_attribute where attrelid = relation and attnum > 0 and not attisdropped
    );
begin
    belongs := case
        when belongs is not null then belongs
        when 'organisation_id' = any (columns) then 'organisation_id = (select app.tenant())'
        when 'entity_id' = any (columns) then
            'entity_id = any (array('
            'select id from app.entity where organisation_id = (select app.tenant())))'
    end;
    if belongs is null then
        raise exception 'no column of % tells whose its rows are; say it in a second argument', relation;
    end if;
    execute format('alter table %s enable row level security', relation);
    execute format('alter table %s force row level security', relation);
    execute format(
        'create policy everything on %s to monitr_importer, monitr_backup using (true)', relation
    );
    execute format('create policy tenant on %s to monitr_web using (%s)', relation, belongs);
end
$$;

do $$
declare
    relation regclass;
begin
    for relation in
        select distinct pg_class.oid::regclass
        from pg_class
        inner join pg_attribute on pg_class.oid = pg_attribute.attrelid
        where
            relkind = 'r'
            and relnamespace::regnamespace::text in ('app', 'raw', 'mapped', 'marts')
            and attname in ('organisation_id', 'entity_id')
    loop
        call app.protect(relation);
    end loop;
end
$$;

call app.protect('app.organisation', 'id = (select app.tenant())');

-- Few rows each, found by key: these are looked up row by row.
call app.protect('app.finding', 'exists(select from app.import where id = import_id)');
call app.protect('app.upload_chunk', 'exists(select from app.upload where id = upload_id)');

-- A reset replays the files that were applied: the web process has its hands on drafts alone. It opens
-- again what was refused, and lets go of what waits for its import.
create policy drafts_are_added on app.upload as restrictive for insert to monitr_web
with check (state = 'draft');

create policy drafts_are_changed on app.upload as restrictive for update to monitr_web
using (state in ('draft', 'refused')) with check (state in ('draft', 'waiting'));

create policy drafts_are_removed on app.upload as restrictive for delete to monitr_web
using (state = 'draft');

create policy drafts_are_filled on app.upload_chunk as restrictive for insert to monitr_web
with check (exists (select from app.upload where id = upload_id and state = 'draft'));

create policy drafts_are_emptied on app.upload_chunk as restrictive for delete to monitr_web
using (exists (select from app.upload where id = upload_id and state = 'draft'));

-- What has started is history, which the web process cannot rewrite. The owner, who is a member of its
-- role, can.
create policy waiting_alone on app.import as restrictive for update to monitr_web
using (current_user <> 'monitr_web' or (started_at is null and finished_at is null));

-- Who comes in, before a tenant is known: each function answers for a secret that the caller holds.

create function app.find_hook_key(wanted text)
returns table (id bigint, organisation_id bigint, secret bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select keys.id, keys.organisation_id, keys.secret
    from app.hook_key as keys
    where keys.public_id = wanted and keys.revoked_at is null
$$;

-- A link lets in once; of two browsers that open it at once, one.
create function app.use_access_token(wanted bytea)
returns table (id bigint, organisation_id bigint, person text)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update app.access_token as tokens
    set used_at = clock_timestamp()
    where
        tokens.token_hash = wanted
        and tokens.revoked_at is null
        and (tokens.expires_at is null or tokens.expires_at > clock_timestamp())
        and (tokens.kind = 'token' or tokens.used_at is null)
    returning tokens.id, tokens.organisation_id, tokens.person
$$;

-- A session ends with its token; a link was for coming in, and its end is not the session's.
create function app.find_web_session(wanted bytea)
returns table (organisation_id bigint, access_token_id bigint, person text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select sessions.organisation_id, sessions.access_token_id, tokens.person
    from app.web_session as sessions
    inner join app.access_token as tokens on sessions.access_token_id = tokens.id
    where
        sessions.session_hash = wanted
        and sessions.expires_at > clock_timestamp()
        and tokens.revoked_at is null
        and (
            tokens.kind = 'link' or tokens.expires_at is null or tokens.expires_at > clock_timestamp()
        )
$$;

revoke execute on function
app.find_hook_key(text), app.use_access_token(bytea), app.find_web_session(bytea)
from public;

grant execute on function
app.find_hook_key(text), app.use_access_token(bytea), app.find_web_session(bytea)
to monitr_web;
