-- Purpose: the heartbeat of a worker, and how far it is; nothing once the import is no longer its own.
update app.import
set
    lease_until = clock_timestamp() + %(lease)s,
    step = coalesce(%(step)s, step),
    lines_read = greatest(lines_read, nullif(%(lines_read)s, 0))
where
    id = %(import_id)s
    and entity_id = %(entity_id)s
    and run_id = %(run_id)s
    and finished_at is null
    and lease_until > clock_timestamp()
returning id
