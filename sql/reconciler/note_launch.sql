-- Purpose: the run that is on its way to claim an import.
update app.import
set
    launched_at = coalesce(launched_at, clock_timestamp()),
    launched_run_id = %(run_id)s,
    launched_priority = %(priority)s
where id = %(import_id)s and entity_id = %(entity_id)s and started_at is null and finished_at is null
