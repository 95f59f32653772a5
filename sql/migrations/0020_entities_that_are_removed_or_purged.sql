-- Purpose: entities that operations took out of sight, and what remains of those whose data were deleted.
-- Invariants: the web process sees no entity that was removed, whatever it asks. Of a purged entity one line
-- remains: who, when, key; it is begun before anything is deleted, and ended with the entity's own row.

-- removed_at, removed_by: when an entity became Deleted, and who said so; null after a restore.
alter table app.entity
add column removed_at timestamptz,
add column removed_by text;

update app.entity set removed_at = now() where status = 'Deleted';

-- The owner, who is a member of the web role, sees them all.
create policy out_of_sight on app.entity as restrictive to monitr_web
using (current_user <> 'monitr_web' or status <> 'Deleted');

-- Grain: purge of an entity; finished_at is null where it has to be gone on with. An entity that is added
-- later may have the same key.
create table app.purge (
    id bigint generated always as identity primary key,
    organisation_id bigint not null references app.organisation,
    key text not null,
    purged_by text not null,
    begun_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz
);

create unique index purge_one_unfinished_a_key on app.purge (key) where finished_at is null;

call app.protect('app.purge');

-- Deleting an import looks for what refers to it, once for each of hundreds of imports.
create index hook_request_of_import on app.hook_request (import_id);
create index upload_of_import on app.upload (import_id) where import_id is not null;
create index alert_of_import on app.alert (import_id) where import_id is not null;
