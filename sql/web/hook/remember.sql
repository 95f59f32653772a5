-- Purpose: a message that is accepted, in the transaction that asks for the import.
insert into app.hook_request (organisation_id, message_id, body_hash, import_id)
values (%(organisation_id)s, %(message_id)s, %(body_hash)s, %(import_id)s)
