-- Purpose: leave nothing of a file that did not come in whole; its chunks go with it.
delete from app.upload
where id = %(upload_id)s and state = 'draft'
