-- Purpose: what waits for an entity that is removed never starts; a started import goes on to its end.
update app.import
set
    finished_at = clock_timestamp(),
    outcome = %(outcome)s,
    error_code = %(error_code)s,
    error_message = %(error_message)s,
    error_fields = %(error_fields)s
where entity_id = %(entity_id)s and started_at is null and finished_at is null
returning id
