-- Purpose: an import begins to read a waiting file; what came of the import that began it before is noted.
-- Grain: the file; no row where it waits no longer.
-- Invariants: only by an import that goes on; a worker that was taken over marks nothing. A run that died
-- while it read the file told nobody. One that was stopped is no trouble.
update app.upload
set
    begun_by = %(import_id)s,
    troubles = troubles || array(
        select before.error_code
        from app.import as before
        where before.id = upload.begun_by and before.id <> %(import_id)s and before.error_code = %(died)s
    )
where
    id = %(upload_id)s
    and state = 'waiting'
    and exists (
        select from app.import as running
        where running.id = %(import_id)s and running.finished_at is null
    )
returning troubles
