-- Purpose: requests from everywhere, launched once each; subscriptions; people, keys and alerts.

-- subscription_read_at: when the billing system told the state; null where this table is the source.
-- subscription_applied: the state that waiting imports were last brought in line with.
alter table app.organisation
add column billing_customer text unique,
add column subscription_read_at timestamptz,
add column subscription_applied text,
add column alert_email text,
add column alert_url text,
add column alert_secret bytea;

update app.organisation set subscription_applied = subscription;

-- tick: the moment of the schedule that asked. priority: larger goes first, as in Dagster's queue.
-- launched_*: the Dagster run that was queued for a waiting import, the launches-th; run_id is the run
-- that claimed it.
-- step and lines_read: how far a started import is.
alter table app.import
add column tick timestamptz,
add column priority smallint not null default 0,
add column launched_at timestamptz,
add column launched_run_id text,
add column launched_priority smallint,
add column launches smallint not null default 0,
add column step text,
add column lines_read bigint;

create unique index import_one_per_entity_and_tick on app.import (entity_id, tick) where tick is not null;

create index import_open on app.import (requested_at) where finished_at is null;

-- How the last import ended is asked for with every request and on every card.
create index import_ended on app.import (entity_id, finished_at desc)
where outcome in ('succeeded', 'failed');

-- The sign of life of the reconciler: one row, no tenant's.
create table app.reconciler_beat (
    single boolean primary key default true check (single),
    beat_at timestamptz not null
);

-- A key with which a program signs requests of the web hook; encrypted, for a signature needs the key.
create table app.hook_key (
    id bigint generated always as identity primary key,
    organisation_id bigint not null references app.organisation,
    public_id text not null unique,
    secret bytea not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);

create index hook_key_of_organisation on app.hook_key (organisation_id);

-- Idempotency: what was answered to a message that was accepted.
create table app.hook_request (
    organisation_id bigint not null references app.organisation,
    message_id text not null,
    body_hash bytea not null,
    import_id bigint not null references app.import,
    received_at timestamptz not null default now(),
    primary key (organisation_id, message_id)
);

create index hook_request_age on app.hook_request (received_at);

-- What lets a person in: a token until it is revoked, a link once. Kept as SHA-256.
create table app.access_token (
    id bigint generated always as identity primary key,
    organisation_id bigint not null references app.organisation,
    kind text not null check (kind in ('token', 'link')),
    person text not null,
    token_hash bytea not null unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    used_at timestamptz,
    revoked_at timestamptz
);

create index access_token_of_organisation on app.access_token (organisation_id);

-- Someone signed in on a browser. Kept as SHA-256 of the cookie; ends with its token.
create table app.web_session (
    session_hash bytea primary key,
    organisation_id bigint not null references app.organisation,
    access_token_id bigint not null references app.access_token,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);

create index web_session_of_token on app.web_session (access_token_id);

-- A cause that keeps an entity from being fresh, from the first message about it to its recovery.
create table app.alert (
    id bigint generated always as identity primary key,
    organisation_id bigint not null references app.organisation,
    entity_id bigint not null references app.entity,
    cause text not null,
    message text not null,
    import_id bigint references app.import,
    opened_at timestamptz not null default now(),
    closed_at timestamptz
);

create unique index alert_one_open_a_cause on app.alert (entity_id, cause) where closed_at is null;

-- Messages on their way: written with the alert, sent afterwards, tried again until given up.
create table app.alert_message (
    id bigint generated always as identity primary key,
    organisation_id bigint not null references app.organisation,
    alert_id bigint not null references app.alert,
    kind text not null check (kind in ('opened', 'recovered')),
    channel text not null check (channel in ('email', 'hook')),
    recipient text not null,
    attempts int not null default 0,
    next_attempt_at timestamptz not null default now(),
    sent_at timestamptz,
    given_up_at timestamptz,
    last_error text,
    unique (alert_id, kind, channel, recipient)
);

create index alert_message_to_send on app.alert_message (next_attempt_at)
where sent_at is null and given_up_at is null;

-- A file of the wizard is a draft until its settings are confirmed.
alter table app.upload drop constraint upload_state_check;

alter table app.upload
add constraint upload_state_check check (state in ('draft', 'waiting', 'applied', 'refused', 'discarded'));

-- Open pages hear of it: ids only, whoever listens reads with the rights of his own.
create function app.tell_import() returns trigger language plpgsql as $$
begin
    perform pg_notify(
        'monitr_import',
        json_build_object(
            'import', new.id,
            'entity', new.entity_id,
            'organisation', (select organisation_id from app.entity where id = new.entity_id)
        )::text
    );
    return null;
end
$$;

create trigger import_is_requested after insert on app.import
for each row execute function app.tell_import();

create trigger import_changes after update on app.import
for each row when (
    old.trigger is distinct from new.trigger
    or old.priority is distinct from new.priority
    or old.started_at is distinct from new.started_at
    or old.finished_at is distinct from new.finished_at
    or old.step is distinct from new.step
    or old.lines_read is distinct from new.lines_read
)
execute function app.tell_import();
