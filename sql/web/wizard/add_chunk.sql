-- Purpose: the next megabyte of a file that comes in.
-- Invariants: nothing is added to a draft that was thrown away meanwhile; then no row is returned.
insert into app.upload_chunk (upload_id, ordinal, content)
select
    id,
    %(ordinal)s,
    %(content)s
from app.upload
where id = %(upload_id)s and state = 'draft'
returning ordinal
