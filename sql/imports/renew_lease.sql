-- Purpose: the heartbeat of a worker; touches nothing once the import is no longer its own.
update app.import
set lease_until = clock_timestamp() + %(lease)s
where
    id = %(import_id)s
    and run_id = %(run_id)s
    and finished_at is null
    and lease_until > clock_timestamp()
returning id
