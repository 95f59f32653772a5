-- Purpose: a place for a file that comes in. It has no size until all of it is there.
insert into app.upload (entity_id, file_name, content_hash, size_bytes, mode, state)
values (%(entity_id)s, %(file_name)s, repeat('0', 64), 0, 'years', 'draft')
returning id
