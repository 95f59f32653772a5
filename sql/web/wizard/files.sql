-- Purpose: the files of an entity and what became of them, those that were thrown away too.
-- Grain: file, the newest first. A file that has not come in whole is none yet.
select
    id,
    file_name,
    mode,
    state,
    received_at,
    settled_at,
    discarded_by,
    error_code,
    error_message,
    error_fields
from app.upload
where entity_id = %(entity_id)s and size_bytes > 0
order by id desc
limit 50
