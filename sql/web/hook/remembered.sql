-- Purpose: what a message that was accepted before asked for.
select
    import_id,
    body_hash
from app.hook_request
where organisation_id = %(organisation_id)s and message_id = %(message_id)s
