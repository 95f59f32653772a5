-- Purpose: the Entities page lists and counts the entities of a tenant without a look at the imports of each,
-- and hears of many changes at once as one; and what one process at a time does is locked where the web role
-- has no business. Any role may take any advisory lock, so nothing depends on one.

-- Grain: entity. It repeats what a page of cards is ordered, searched, filtered and counted by, so that one
-- scan of narrow rows tells it; the cards themselves are read from the facts. started_id: the import that is
-- started; waiting_trigger: of the one that waits; outcome and ended_at: of app.last_end. Nobody writes it
-- but the triggers below.
create table app.listing (
    entity_id bigint primary key references app.entity on delete cascade,
    key text not null unique,
    name text not null,
    status text not null,
    provider text not null,
    connection text not null,
    waiting_trigger text,
    started_id bigint,
    outcome text,
    ended_at timestamptz
);

call app.protect('app.listing');

-- The owner, who is a member of the web role, lists them all.
create policy out_of_sight on app.listing as restrictive to monitr_web
using (status <> 'Deleted' or (select current_user) <> 'monitr_web');

-- Where a page begins and ends.
create index listing_order on app.listing (organisation_id, name, key) where status <> 'Deleted';

-- Rows are locked in the order of their entities, and filled after that: whoever changed another fact of an
-- entity meanwhile has committed by then, and is seen.
create function app.list_anew(entities bigint[]) returns void language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into app.listing (entity_id, key, name, status, provider, connection)
    select id, key, '', '', '', '' from app.entity where id in (select unnest(entities)) order by id
    on conflict do nothing;
    perform from app.listing where entity_id in (select unnest(entities)) order by entity_id for update;
    update app.listing as listed
    set
        (name, status, provider, connection) = (
            select lower(entity.name), entity.status, integration.provider, integration.state
            from app.entity inner join app.integration on entity.integration_id = integration.id
            where entity.id = listed.entity_id
        ),
        waiting_trigger = (
            select trigger from app.import
            where entity_id = listed.entity_id and started_at is null and finished_at is null
        ),
        started_id = (
            select id from app.import
            where entity_id = listed.entity_id and started_at is not null and finished_at is null
        ),
        (outcome, ended_at) = (
            select last_end.outcome, last_end.finished_at from app.last_end(listed.entity_id) as last_end
        )
    where entity_id in (select unnest(entities));
end
$$;

create function app.list_entities() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform app.list_anew(array[new.id]);
    return null;
end
$$;

create function app.list_connected() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform app.list_anew(array(select id from app.entity where integration_id = new.id order by id));
    return null;
end
$$;

-- Imports that changed are told one by one; where one statement changed many of an organisation, that alone:
-- a page that is read again costs less than its cards one by one.
create function app.tell_imports(changed bigint[]) returns void language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_notify('monitr_import', told.message)
    from (
        select json_build_object('import', id, 'entity', entity_id, 'organisation', organisation_id)::text
        from (
            select *, count(*) over (partition by organisation_id) as many
            from app.import where id = any (changed)
        ) as few
        where many <= 50
        union all
        select json_build_object('organisation', organisation_id)::text
        from app.import where id = any (changed)
        group by organisation_id having count(*) > 50
    ) as told (message);
end
$$;

create function app.note_imports() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
declare
    told bigint[];
    listed bigint[];
begin
    if tg_op = 'INSERT' then
        told := array(select id from fresh);
        listed := array(select distinct entity_id from fresh order by 1);
    elsif tg_op = 'DELETE' then
        listed := array(select distinct entity_id from stale order by 1);
    else
        told := array(
            select id from fresh inner join stale using (id)
            where
                (fresh.trigger, fresh.priority, fresh.started_at, fresh.finished_at, fresh.step, fresh.lines_read)
                is distinct from
                (stale.trigger, stale.priority, stale.started_at, stale.finished_at, stale.step, stale.lines_read)
        );
        listed := array(
            select distinct fresh.entity_id from fresh inner join stale using (id)
            where
                (fresh.trigger, fresh.started_at, fresh.finished_at, fresh.outcome, fresh.cures)
                is distinct from (stale.trigger, stale.started_at, stale.finished_at, stale.outcome, stale.cures)
            order by 1
        );
    end if;
    if cardinality(listed) > 0 then
        perform app.list_anew(listed);
    end if;
    if cardinality(told) > 0 then
        perform app.tell_imports(told);
    end if;
    return null;
end
$$;

revoke execute on function
app.list_anew(bigint[]),
app.list_entities(),
app.list_connected(),
app.tell_imports(bigint[]),
app.note_imports()
from public;

drop trigger import_is_requested on app.import;
drop trigger import_changes on app.import;
drop function app.tell_import();

create trigger imports_are_requested after insert on app.import
referencing new table as fresh for each statement execute function app.note_imports();

create trigger imports_change after update on app.import
referencing old table as stale new table as fresh for each statement execute function app.note_imports();

create trigger imports_are_purged after delete on app.import
referencing old table as stale for each statement execute function app.note_imports();

create trigger entity_is_listed after insert or update of name, status, integration_id on app.entity
for each row execute function app.list_entities();

create trigger connection_is_listed after update of state, provider on app.integration
for each row execute function app.list_connected();

select app.list_anew(array(select id from app.entity order by id));

analyze app.listing;

-- Grain: entity that is shown.
-- Invariants: state is the status that lifecycle/status.py makes of the same facts, by its name. Few imports
-- are started at once: their leases are looked up, for they are renewed every two seconds.
create view app.listed_entity with (security_invoker = true) as
select
    *,
    case
        when alive then 'in_progress'
        when waiting_trigger is not null then 'waiting'
        when started_id is not null or outcome = 'failed' then 'failed'
        when outcome = 'succeeded' then 'succeeded'
        else 'never'
    end as state
from (
    select
        *,
        case
            when started_id is not null
                then (select lease_until > statement_timestamp() from app.import where id = started_id)
        end as alive
    from app.listing
    where status <> 'Deleted'
) as listed;

-- The place of an entity of the tenant in the order of the cards, also of one that was removed since somebody
-- saw it: a page begins there.
create function app.listing_place(wanted text) returns table (name text, key text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select listed.name, listed.key from app.listing as listed
    where listed.key = wanted and listed.organisation_id = app.tenant()
$$;

revoke execute on function app.listing_place(text) from public;
grant execute on function app.listing_place(text) to monitr_importer, monitr_web;

-- Grain: something that one process at a time does, with a number where there are many of the kind. Whoever
-- locks the row has the turn until the transaction ends; holder_*: the session that has it for its life.
create table app.turn (
    task text not null,
    number bigint not null default 0,
    holder_pid int,
    holder_began timestamptz,
    primary key (task, number)
);

insert into app.turn (task) values ('alerts'), ('reconciler');

-- The row of a message is written before its import is asked for: who sends it again waits there. It is null
-- within that transaction alone.
alter table app.hook_request alter column import_id drop not null;
