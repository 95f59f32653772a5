-- Purpose: credentials that many processes use at once: renewed by one of them, and within their limits.

-- connected_at: when a person connected, or connected again; what was fetched before is not gone on with.
-- renewing_since: a process asked the software for new credentials, and has not yet stored an answer;
-- -infinity where none will come.
alter table app.integration
add column connected_at timestamptz not null default now(),
add column renewing_since timestamptz;

-- Grain: connection, limit, slot (a twentieth of the limit's period): the calls that were made in it.
create table app.rate_usage (
    organisation_id bigint not null,
    integration_id bigint not null,
    limit_name text not null,
    slot timestamptz not null,
    calls int not null check (calls > 0),
    primary key (integration_id, limit_name, slot),
    foreign key (organisation_id, integration_id) references app.integration (organisation_id, id)
    on delete cascade
);

call app.protect('app.rate_usage');
