-- Purpose: ledger files are numbered as they are applied, set aside for a reason of their own, and discarded.

-- The owner, who is a member of the role of the web process, is not bound to drafts: it discards for others.
alter policy drafts_are_changed on app.upload
using (current_user <> 'monitr_web' or state in ('draft', 'refused'))
with check (current_user <> 'monitr_web' or state in ('draft', 'waiting'));

alter policy drafts_are_emptied on app.upload_chunk
using (
    current_user <> 'monitr_web'
    or exists (select from app.upload where id = upload_id and state = 'draft')
);

-- applied_number: the place of a file in the order in which the files of its entity went into the books; a
-- reset replays them in that order. error_*: why it was refused. begun_by: the import that reads it.
-- troubles: what kept it from being read, and may pass by itself; what comes twice sets it aside.
-- settled_at: when it was applied, refused or discarded.
alter table app.upload
add column applied_number bigint,
add column error_code text,
add column error_message text,
add column error_fields jsonb,
add column error_detail text,
add column begun_by bigint references app.import,
add column troubles text[] not null default '{}',
add column settled_at timestamptz,
add column discarded_by text;

-- An import applied the files that waited for it in the order in which they had come in.
with numbered as (
    select
        id,
        row_number() over (partition by entity_id order by import_id, received_at, id) as number
    from app.upload
    where state = 'applied'
)

update app.upload
set applied_number = numbered.number
from numbered
where numbered.id = upload.id;

update app.upload
set
    settled_at = coalesce(imports.finished_at, imports.started_at),
    error_code = case when state = 'refused' then imports.error_code end,
    error_message = case when state = 'refused' then imports.error_message end,
    error_fields = case when state = 'refused' then imports.error_fields end,
    error_detail = case when state = 'refused' then imports.error_detail end
from app.import as imports
where imports.id = upload.import_id and upload.state in ('applied', 'refused');

alter table app.upload
add constraint applied_files_are_numbered check ((state = 'applied') = (applied_number is not null));

create unique index upload_applied_once on app.upload (entity_id, applied_number);

-- An import may refuse several files, each with findings of its own.
alter table app.finding add column upload_id bigint references app.upload on delete set null;

create index finding_of_upload on app.finding (upload_id) where upload_id is not null;

-- An import counts the lines of all of its files, whose sum may be larger than a ledger can hold.
alter table app.import
alter column total_debit type numeric(38, 4),
alter column total_credit type numeric(38, 4);

-- A file of the tenant that is not in the books is thrown away, and what was known of it is kept; returns the
-- state in which it was, null where there is no such file. What is in the books stays: its lines would stay
-- too, until a reset. A file that an import reads is locked, which is an error at once.
create function app.discard_upload(wanted bigint, person text)
returns text language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    was text;
begin
    select uploads.state into was
    from app.upload as uploads
    inner join app.entity as entities on uploads.entity_id = entities.id
    where uploads.id = wanted and entities.organisation_id = app.tenant()
    for no key update of uploads nowait;
    if was in ('draft', 'waiting', 'refused') then
        update app.upload
        set state = 'discarded', settled_at = clock_timestamp(), discarded_by = person, begun_by = null
        where id = wanted;
        delete from app.upload_chunk where upload_id = wanted;
    end if;
    return was;
end
$$;

revoke execute on function app.discard_upload(bigint, text) from public;
grant execute on function app.discard_upload(bigint, text) to monitr_importer, monitr_web;
