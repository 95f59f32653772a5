-- Purpose: a draft becomes a file that waits for the entity's next import.
-- Invariants: of two clicks at once one confirms, the other finds no draft. Files are replayed in the
-- order in which they were confirmed, which received_at stands for, and read as they were read now.
update app.upload
set state = 'waiting', settings = %(settings)s, received_at = clock_timestamp()
where id = %(upload_id)s and entity_id = %(entity_id)s and state = 'draft'
returning id
