-- Purpose: a refused file becomes a draft again, to be read in another way.
update app.upload
set state = 'draft', received_at = clock_timestamp()
where id = %(upload_id)s and entity_id = %(entity_id)s and state = 'refused'
returning id
