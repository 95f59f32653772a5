-- Purpose: a file that is being loaded cannot be discarded meanwhile.
-- Grain: the file; no row where it waits no longer.
select id
from app.upload
where id = %(upload_id)s and state = 'waiting'
for no key update
