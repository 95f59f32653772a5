-- Purpose: credentials that end where nobody uses them are renewed in time.

-- renewed_at: when credentials were stored last, by a person or a renewal. looked_after_at: when a connection
-- that rested was last tried out for that reason.
alter table app.integration
add column renewed_at timestamptz not null default now(),
add column looked_after_at timestamptz;
