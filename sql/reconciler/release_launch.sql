-- Purpose: a launch that failed does not count; what may still come of it is waited for.
update app.import
set
    launched_at = case when not %(at_once)s then launched_at end,
    launches = launches - 1
where id = %(import_id)s and entity_id = %(entity_id)s and started_at is null and finished_at is null
