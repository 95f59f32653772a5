-- Purpose: who is imported, how, and what became of it. Everything that is not books.

create schema if not exists app;

-- Subscription states are named as Stripe names them; only active and trialing organisations import.
create table app.organisation (
    id bigint generated always as identity primary key,
    name text not null unique check (name <> ''),
    subscription text not null default 'active' check (
        subscription in (
            'trialing', 'active', 'past_due', 'unpaid',
            'canceled', 'paused', 'incomplete', 'incomplete_expired'
        )
    )
);

-- One connection of an organisation to an accounting software. Ledger files need no credentials.
create table app.integration (
    id bigint generated always as identity primary key,
    organisation_id bigint not null references app.organisation,
    provider text not null,
    credentials bytea,
    state text not null default 'connected' check (state in ('connected', 'reconnect needed')),
    unique (organisation_id, id)
);

-- One company's administration. The key is the Dagster partition: readable and never changed.
-- settings: how to read its files, and fiscal years that differ from the regular ones.
create table app.entity (
    id bigint generated always as identity primary key,
    key text not null unique,
    organisation_id bigint not null references app.organisation,
    integration_id bigint not null,
    administration text,
    name text not null check (name <> ''),
    currency text not null default 'EUR' check (currency ~ '^[A-Z]{3}$'),
    fiscal_year_start smallint not null default 1 check (fiscal_year_start between 1 and 12),
    country text not null default 'BE' check (country ~ '^[A-Z]{2}$'),
    result_account text,
    status text not null default 'Active' check (status in ('Active', 'Not found', 'Deleted')),
    settings jsonb not null default '{}',
    reset_at timestamptz,
    figures_at timestamptz,
    figures_import_id bigint,
    created_at timestamptz not null default now(),
    foreign key (organisation_id, integration_id) references app.integration (organisation_id, id)
);

create function app.refuse_key_change() returns trigger language plpgsql as $$
begin
    raise exception 'the key of entity % is its Dagster partition and cannot change', old.key;
end
$$;

create trigger entity_key_is_immutable before update of key on app.entity
for each row when (old.key is distinct from new.key) execute function app.refuse_key_change();

-- One row a job: waiting (not started), started (not finished) or finished with an outcome.
-- A worker owns a started row while run_id is its own and the lease has not run out.
create table app.import (
    id bigint generated always as identity primary key,
    entity_id bigint not null references app.entity,
    trigger text not null check (
        trigger in ('scheduled', 'manual', 'hook', 'file', 'first', 'reactivated', 'dagster', 'cli')
    ),
    requested_by text,
    mode text not null default 'incremental' check (mode in ('incremental', 'full')),
    options jsonb not null default '{}',
    requested_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    lease_until timestamptz,
    run_id text unique,
    outcome text check (outcome in ('succeeded', 'failed', 'canceled')),
    error_code text,
    error_message text,
    error_detail text,
    counts jsonb not null default '{}',
    total_debit numeric(21, 4),
    total_credit numeric(21, 4),
    raw_committed_at timestamptz,
    marts_committed_at timestamptz,
    check ((finished_at is null) = (outcome is null)),
    check (started_at is null or (run_id is not null and lease_until is not null))
);

create unique index import_one_waiting_per_entity on app.import (entity_id)
where started_at is null and finished_at is null;

create unique index import_one_started_per_entity on app.import (entity_id)
where started_at is not null and finished_at is null;

create index import_history on app.import (entity_id, id desc);

-- What a validator found in an import; warnings are shown, errors ended it.
create table app.finding (
    import_id bigint not null references app.import,
    ordinal int not null,
    severity text not null check (severity in ('error', 'warning')),
    code text not null,
    message text not null,
    line int,
    source_column text,
    primary key (import_id, ordinal)
);

-- Where the next increment of a dataset begins; committed with the rows it stands for.
create table app.cursor (
    entity_id bigint not null references app.entity,
    dataset text not null,
    cursor jsonb not null,
    import_id bigint not null references app.import,
    updated_at timestamptz not null default now(),
    primary key (entity_id, dataset)
);

-- A ledger file as it came in, and how to read it; a reset replays the applied ones in order.
create table app.upload (
    id bigint generated always as identity primary key,
    entity_id bigint not null references app.entity,
    file_name text not null,
    content_hash text not null check (content_hash ~ '^[0-9a-f]{64}$'),
    size_bytes bigint not null,
    mode text not null check (mode in ('overwrite', 'years', 'append')),
    settings jsonb not null default '{}',
    interpretation json not null default '{}',
    state text not null default 'waiting' check (state in ('waiting', 'applied', 'refused')),
    import_id bigint references app.import,
    received_at timestamptz not null default now()
);

create index upload_of_entity on app.upload (entity_id, id);

create table app.upload_chunk (
    upload_id bigint not null references app.upload on delete cascade,
    ordinal int not null,
    content bytea not null check (length(content) between 1 and 1048576),
    primary key (upload_id, ordinal)
);

-- A fiscal year ("year 2025-01..2025-12") or a booking ("booking KEY") whose lines do not add up to
-- zero, and someone said that this is right.
create table app.accepted_imbalance (
    entity_id bigint not null references app.entity,
    scope text not null,
    amount numeric(21, 4) not null,
    import_id bigint not null references app.import,
    primary key (entity_id, scope)
);
