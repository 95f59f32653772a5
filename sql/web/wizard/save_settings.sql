-- Purpose: how the file of a draft is to be read, as the form says.
update app.upload
set mode = %(mode)s, settings = %(settings)s
where id = %(upload_id)s and state = 'draft'
