-- Purpose: all of a file is there; from now on its draft can be opened.
update app.upload
set content_hash = %(content_hash)s, size_bytes = %(size)s
where id = %(upload_id)s and state = 'draft'
returning id
