-- Purpose: a file is in the books, in the transaction that put it there, behind those that went in before.
-- Invariants: one import of an entity applies at a time; a reset replays by this number.
update app.upload as uploads
set
    state = 'applied',
    applied_number = (
        select coalesce(max(others.applied_number), 0) + 1
        from app.upload as others
        where others.entity_id = uploads.entity_id
    ),
    import_id = %(import_id)s,
    interpretation = %(interpretation)s,
    settled_at = clock_timestamp(),
    begun_by = null,
    troubles = '{}',
    error_code = null,
    error_message = null,
    error_fields = null,
    error_detail = null
where id = %(upload_id)s and state = 'waiting'
