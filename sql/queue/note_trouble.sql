-- Purpose: what kept an import from reading a file, and may pass by itself.
-- Invariants: noted once an import, by the import that began the file.
update app.upload
set
    begun_by = null,
    troubles = troubles || %(trouble)s::text
where id = %(upload_id)s and state = 'waiting' and begun_by = %(import_id)s
