-- Purpose: an import whose worker stopped renewing its lease is Failed, whoever finds out; a session
-- that it left behind is ended, with the locks that it holds.
with lost as (
    update app.import
    set
        finished_at = clock_timestamp(),
        outcome = %(outcome)s,
        error_code = %(error_code)s,
        error_message = %(error_message)s,
        error_fields = %(error_fields)s,
        error_detail = 'The lease of run ' || run_id || ' ran out at ' || lease_until
    where
        (%(entity_id)s::bigint is null or entity_id = %(entity_id)s)
        and started_at is not null
        and finished_at is null
        and lease_until <= clock_timestamp()
    returning run_id
)

select pg_terminate_backend(sessions.pid, 5000)
from lost
inner join pg_stat_activity as sessions on sessions.application_name = 'monitr ' || lost.run_id
where sessions.pid <> pg_backend_pid()
