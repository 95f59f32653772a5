-- Purpose: before a launch, so that a crash in its midst is known and nobody else launches meanwhile.
update app.import
set
    launched_at = clock_timestamp(),
    launched_run_id = null,
    launched_priority = %(priority)s,
    launches = launches + 1
where
    id = %(import_id)s
    and entity_id = %(entity_id)s
    and started_at is null
    and finished_at is null
    and launches = %(launches)s
returning id
