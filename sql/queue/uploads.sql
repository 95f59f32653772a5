-- Purpose: the files of an entity in some states.
-- Grain: file. Those in the books in the order in which they went in, others in which they came in.
select
    id,
    file_name,
    content_hash,
    mode,
    settings,
    state
from app.upload
where entity_id = %(entity_id)s and state = any(%(states)s)
order by applied_number, received_at, id
