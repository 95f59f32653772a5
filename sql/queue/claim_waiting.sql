-- Purpose: a run takes the import that was requested for it, once.
update app.import
set
    run_id = %(run_id)s,
    started_at = clock_timestamp(),
    lease_until = clock_timestamp() + %(lease)s,
    step = 'fetching',
    mode = case when mode = 'full' then 'full' else %(mode)s end
where
    id = %(import_id)s
    and entity_id = %(entity_id)s
    and started_at is null
    and finished_at is null
returning id, mode, options
