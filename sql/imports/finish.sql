-- Purpose: the end of an import, written by the worker that owns it.
update app.import
set
    finished_at = clock_timestamp(),
    outcome = %(outcome)s,
    error_code = %(error_code)s,
    error_message = %(error_message)s,
    error_detail = %(error_detail)s
where id = %(import_id)s and run_id = %(run_id)s and finished_at is null
returning id
