-- Purpose: an import that is refused when it is about to start never started.
update app.import
set
    finished_at = clock_timestamp(),
    outcome = %(outcome)s,
    error_code = %(error_code)s,
    error_message = %(error_message)s,
    error_fields = %(error_fields)s
where id = %(import_id)s and entity_id = %(entity_id)s and started_at is null and finished_at is null
