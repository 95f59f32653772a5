-- Purpose: what a message asked for, in the transaction that asks for it.
update app.hook_request
set import_id = %(import_id)s
where organisation_id = %(organisation_id)s and message_id = %(message_id)s
