-- Purpose: an import whose worker stopped renewing its lease is Failed, whoever finds out.
update app.import
set
    finished_at = clock_timestamp(),
    outcome = 'failed',
    error_code = 'worker_lost',
    error_message = 'The import stopped unexpectedly. Nothing was lost; the next import carries on.',
    error_detail = 'The lease of run ' || run_id || ' ran out at ' || lease_until
where
    entity_id = %(entity_id)s
    and started_at is not null
    and finished_at is null
    and lease_until <= clock_timestamp()
