-- Purpose: people connect accounting software on pages: what a connection is called, since when it is in its
-- state and who did that; which administrations it sees; the way of a person through a sign-in page; what
-- role a token gives; who changed what.
-- Invariants: the web process stores credentials and never reads them. What it holds between two pages is
-- encrypted, of one session, good once, and for a quarter of an hour at most.

alter table app.access_token
add column role text not null default 'administrator' check (
    role in ('reader', 'importer', 'editor', 'administrator')
);

drop function app.find_web_session(bytea);

-- As before (0005), with the role of the token.
create function app.find_web_session(wanted bytea)
returns table (organisation_id bigint, access_token_id bigint, person text, role text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select sessions.organisation_id, sessions.access_token_id, tokens.person, tokens.role
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

revoke execute on function app.find_web_session(bytea) from public;
grant execute on function app.find_web_session(bytea) to monitr_web;

-- label: what was given to connect and is no secret. state_since: when the state became what it is.
-- A removed connection has no credentials; its entities, their history and figures stay.
-- administrations_asked_at: someone wants the list of administrations read again; administrations_read_at:
-- when that was last done; administrations_looked_at: when it was last tried.
-- was_connected: it has or had credentials; who may not read these reads that.
alter table app.integration
add column label text not null default '',
add column state_since timestamptz not null default now(),
add column connected_by text,
add column administrations_asked_at timestamptz,
add column administrations_read_at timestamptz,
add column administrations_looked_at timestamptz,
drop constraint integration_state_check,
add constraint integration_state_check check (state in ('connected', 'reconnect needed', 'removed')),
add column was_connected boolean not null
generated always as (credentials is not null or state = 'removed') stored;

update app.integration set state_since = connected_at;

create function app.note_state() returns trigger language plpgsql as $$
begin
    new.state_since := clock_timestamp();
    return new;
end
$$;

create trigger state_is_since before update of state on app.integration
for each row when (old.state is distinct from new.state) execute function app.note_state();

-- priority: which of the entities that wait for the same reason goes first; 1 before 0 before -1.
-- Not importing: somebody chose so; history and figures stay.
alter table app.entity
add column priority smallint not null default 0 check (priority between -1 and 1),
drop constraint entity_status_check,
add constraint entity_status_check check (status in ('Active', 'Not importing', 'Not found', 'Deleted'));

-- Grain: company that a connection saw when its administrations were last read; id is the software's own.
create table app.administration (
    organisation_id bigint not null,
    integration_id bigint not null,
    id text not null,
    name text not null,
    currency text not null,
    fiscal_year_start smallint not null check (fiscal_year_start between 1 and 12),
    primary key (integration_id, id),
    foreign key (organisation_id, integration_id) references app.integration (organisation_id, id)
    on delete cascade
);

call app.protect('app.administration');

-- Grain: connection that a person is making. word_hash: the SHA-256 of the state that travels through the
-- software's page, or of the word in a form. content: what belongs to it, encrypted.
create table app.pending_connection (
    word_hash bytea primary key check (length(word_hash) = 32),
    organisation_id bigint not null references app.organisation,
    session_hash bytea not null references app.web_session on delete cascade,
    content bytea not null,
    expires_at timestamptz not null
);

call app.protect('app.pending_connection');

-- Grain: change that a person made, apart from imports and files, which tell of theirs. subject: what was
-- changed, by name or key, as it was called then.
create table app.change (
    id bigint generated always as identity primary key,
    organisation_id bigint not null references app.organisation,
    person text not null,
    action text not null,
    subject text not null,
    changed_at timestamptz not null default clock_timestamp()
);

call app.protect('app.change');

create index change_of_organisation on app.change (organisation_id, id desc);

-- reconnected: somebody connected again, and the entities of the connection go on at once.
alter table app.import
drop constraint import_trigger_check,
add constraint import_trigger_check check (
    trigger in (
        'scheduled', 'manual', 'hook', 'file', 'first', 'reactivated', 'reconnected', 'dagster', 'cli'
    )
);

-- What was removed is out of sight; its names are not, so that nobody looks for it in vain.
create index entity_removed on app.entity (organisation_id) where status = 'Deleted';

create function app.removed_entities()
returns table (key text, name text, removed_at timestamptz, removed_by text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select entities.key, entities.name, entities.removed_at, entities.removed_by
    from app.entity as entities
    where entities.status = 'Deleted' and entities.organisation_id = app.tenant()
$$;

revoke execute on function app.removed_entities() from public;
grant execute on function app.removed_entities() to monitr_importer, monitr_web;
