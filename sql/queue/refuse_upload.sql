-- Purpose: a file is set aside with its reason, so that those behind it go on.
-- Invariants: only by the import that began it; opened again, it begins without troubles.
update app.upload
set
    state = 'refused',
    import_id = %(import_id)s,
    settled_at = clock_timestamp(),
    begun_by = null,
    troubles = '{}',
    error_code = %(error_code)s,
    error_message = %(error_message)s,
    error_fields = %(error_fields)s,
    error_detail = %(error_detail)s
where id = %(upload_id)s and state = 'waiting' and begun_by = %(import_id)s
returning id
